"""Every error that PathAE raises, as one tree.

```
PathAEError
├── FormatError (ValueError)          the bytes are wrong
│   ├── NotPathAEError                bad_magic
│   ├── UnsupportedVersionError       unsupported_version
│   ├── TruncatedError                truncated
│   ├── TrailingBytesError            trailing_bytes
│   ├── ChecksumError                 checksum_mismatch
│   ├── FieldError                    field_out_of_range
│   ├── PayloadError                  invalid_payload
│   ├── ArtifactError                 invalid_artifact
│   ├── ContainerError                invalid_container
│   └── MissingTileError              missing_tile
├── ModelError                        the bytes are right, this machine cannot decode them
│   ├── ModelNotFoundError (LookupError)      model_not_found
│   ├── ModelMismatchError (ValueError)       model_mismatch
│   └── BackendUnavailableError (ImportError) backend_unavailable
├── SlideError                        the source is wrong
│   ├── SlideNotFoundError (FileNotFoundError)        slide_not_found
│   ├── UnsupportedSlideError (NotImplementedError)   unsupported_slide
│   ├── SlideReadError (OSError)                      slide_unreadable
│   │   ├── AccessRefusedError        access_refused
│   │   ├── ServerBusyError           server_busy
│   │   ├── ServerFailedError         server_failed
│   │   ├── ConnectionFailedError     connection_failed
│   │   └── WrongAnswerError          wrong_answer
│   └── SlideChangedError                             slide_changed
└── EncodingError (ValueError)        the caller's pixels, settings or destination are wrong
    ├── TileShapeError                tile_shape
    ├── SettingError                  invalid_setting
    ├── RegionFileError               invalid_region_file
    ├── ResumeError                   cannot_resume
    ├── DestinationBusyError          destination_busy
    ├── DestinationExistsError (FileExistsError)      destination_exists
    └── DestinationWriteError (OSError)               destination_unwritable
```

Each message is one line: what it is about, what was expected, what was found, what to do.
`reason` is a stable snake_case code: conformance vectors and the specification name it.
"""

from typing import ClassVar


class PathAEError(Exception):
    """Base of every error of this package; catch it to catch them all."""

    reason: ClassVar[str] = "pathae_error"


class FormatError(PathAEError, ValueError):
    """The bytes break a rule of the specification."""

    reason = "invalid_format"


class NotPathAEError(FormatError):
    """The bytes do not begin with the magic of a tile bitstream."""

    reason = "bad_magic"


class UnsupportedVersionError(FormatError):
    """The bytes were written by a later version of the format."""

    reason = "unsupported_version"


class TruncatedError(FormatError):
    """The bytes end before the length that their header states."""

    reason = "truncated"


class TrailingBytesError(FormatError):
    """The bytes go on after the length that their header states."""

    reason = "trailing_bytes"


class ChecksumError(FormatError):
    """A stored CRC or hash differs from that of the bytes: they were changed or exchanged."""

    reason = "checksum_mismatch"


class FieldError(FormatError):
    """A header field has a value that the specification does not allow."""

    reason = "field_out_of_range"


class PayloadError(FormatError):
    """The payload does not decode to what its header states."""

    reason = "invalid_payload"


class ArtifactError(FormatError):
    """A model artifact or a file's codec parameters break a rule of the specification."""

    reason = "invalid_artifact"


class ContainerError(FormatError):
    """A container's own structure breaks a rule of its binding."""

    reason = "invalid_container"


class MissingTileError(FormatError):
    """A tile is not stored, and its container does not state that it is omitted: it was lost."""

    reason = "missing_tile"


class ModelError(PathAEError):
    """The file is sound, but this machine cannot run the model that it names."""

    reason = "model_error"


class ModelNotFoundError(ModelError, LookupError):
    """No model with the stated identity was found on this machine."""

    reason = "model_not_found"


class ModelMismatchError(ModelError, ValueError):
    """A model was found, but it does not give the pixels that the file's canary states."""

    reason = "model_mismatch"


class BackendUnavailableError(ModelError, ImportError):
    """No installed backend can run the model."""

    reason = "backend_unavailable"


class SlideError(PathAEError):
    """The source slide cannot be used."""

    reason = "slide_error"


class SlideNotFoundError(SlideError, FileNotFoundError):
    """There is no file at the path or URL given."""

    reason = "slide_not_found"


class UnsupportedSlideError(SlideError, NotImplementedError):
    """No reader understands the file as a slide."""

    reason = "unsupported_slide"


class SlideReadError(SlideError, OSError):
    """The slide was opened, but a part of it cannot be read."""

    reason = "slide_unreadable"


class AccessRefusedError(SlideReadError):
    """A server does not give the object to whoever asks."""

    reason = "access_refused"


class ServerBusyError(SlideReadError):
    """A server is asked too often, or by too many."""

    reason = "server_busy"


class ServerFailedError(SlideReadError):
    """A server met an error of its own."""

    reason = "server_failed"


class ConnectionFailedError(SlideReadError):
    """No connection came about, or it broke off, or nothing came in time."""

    reason = "connection_failed"


class WrongAnswerError(SlideReadError):
    """A server answered something else than the bytes that it was asked for."""

    reason = "wrong_answer"


class SlideChangedError(SlideError):
    """The slide is not the one that the conversion began with."""

    reason = "slide_changed"


class EncodingError(PathAEError, ValueError):
    """The caller's pixels, settings or destination cannot be encoded."""

    reason = "encoding_error"


class TileShapeError(EncodingError):
    """The tile's shape or dtype does not fit the model or the format."""

    reason = "tile_shape"


class SettingError(EncodingError):
    """A setting has a value that is not allowed."""

    reason = "invalid_setting"


class RegionFileError(EncodingError):
    """A file of regions is no GeoJSON of polygons."""

    reason = "invalid_region_file"


class ResumeError(EncodingError):
    """An unfinished conversion was made with other settings than it shall go on with."""

    reason = "cannot_resume"


class DestinationBusyError(EncodingError):
    """Another process is converting to the same destination."""

    reason = "destination_busy"


class DestinationExistsError(EncodingError, FileExistsError):
    """The destination is already there and may not be overwritten."""

    reason = "destination_exists"


class DestinationWriteError(EncodingError, OSError):
    """The destination cannot be written: no room, no permission, no such folder."""

    reason = "destination_unwritable"
