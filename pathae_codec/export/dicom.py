"""DICOM whole slide images: a folder with a file a level, written by wsidicom.

DICOM PS3.3, A.32.8 (VL Whole Slide Microscopy Image). Frames are JPEG baseline. The pixels have
been through lossy steps: Lossy Image Compression (0028,2110) is 01, its ratio (0028,2112) and
method (0028,2114) name the steps that DICOM has a term for and whose ratio is known, the export's
own at least; all steps stand in Derivation Description (0008,2111). The private term for PathAE
would keep wsidicom from reading the file.

DICOM asks for microns per pixel, so a slide without them is refused; it also asks for an ICC
profile, and gets none that the slide does not have.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from pathae_codec.arrays import Pixels
from pathae_codec.errors import BackendUnavailableError, SettingError, UnsupportedSlideError
from pathae_codec.export.pyramid import READ_AHEAD, Progress, Pyramid, counted, history_text
from pathae_codec.export.settings import Coding
from pathae_codec.geometry import Level, TileIndex, grid_shape
from pathae_codec.record.lossy_history import dicom_method
from pathae_codec.record.stated_history import MAX_DERIVATION

try:
    import pydicom
    import wsidicom
    from wsidicom.codec import JpegSettings, LossyCompressionIsoStandard, Subsampling
    from wsidicom.codec.encoder import Encoder
    from wsidicom.codec.settings import Channels
    from wsidicom.errors import WsiDicomError
    from wsidicom.geometry import Point, Size, SizeMm
    from wsidicom.instance import ImageData, WsiInstance
    from wsidicom.instance.dataset import WsiDataset
    from wsidicom.instance.numpy_image_data import NumpyImageData
    from wsidicom.metadata import (
        Equipment,
        Image,
        ImageCoordinateSystem,
        ImageType,
        Label,
        LossyCompression,
        Objectives,
        OpticalPath,
        Overview,
        Patient,
        Series,
        Slide,
        SlideSample,
        Study,
        WsiMetadata,
    )
    from wsidicom.metadata import Pyramid as PyramidMetadata
    from wsidicom.metadata.schema.dicom.wsi import WsiMetadataDicomSchema
    from wsidicom.source import Source
except ImportError as error:
    raise BackendUnavailableError(
        f"export to DICOM: wsidicom cannot be imported ({error}); the extra pathae[dicom] brings it"
    ) from error

UNKNOWN = "unknown"
"""What DICOM asks for and nobody said: identifiers of slide and specimen."""
_POWER_TOLERANCE = 0.1


def write_dicom(
    path: Path, pyramid: Pyramid, coding: Coding, progress: Progress | None = None
) -> None:
    """Write a folder of DICOM files: the levels, and label and macro as they are there.

    Raises:
        SettingError: The slide states no microns per pixel.
        UnsupportedSlideError: A level's downsample is no power of 2, or wsidicom refuses another.
    """
    settings = JpegSettings(
        bits=8, channels=Channels.YBR, quality=coding.quality or 0, subsampling=Subsampling.R420
    )
    images, done = [], 0
    for level in pyramid.levels:
        images.append(LevelImage(pyramid, level, done, progress))
        rows, columns = grid_shape(level, pyramid.tile)
        done += rows * columns
    save_images(path, pyramid, coding, images, settings)


def save_images(
    path: Path,
    pyramid: Pyramid,
    coding: Coding,
    images: "Sequence[LevelImage]",
    settings: JpegSettings | None,
) -> None:
    """Save levels, label and macro.

    Args:
        path: Of the folder.
        pyramid: What it is described by.
        coding: What it adds to the lossy history.
        images: Of each level.
        settings: What the images are coded by; None leaves them as they are.

    Raises:
        SettingError, UnsupportedSlideError: As `write_dicom`.
    """
    if pyramid.mpp is None:
        raise SettingError(
            "export to DICOM: expected microns per pixel, since DICOM asks for them, found none"
        )
    for level in pyramid.levels:
        if abs(np.log2(level.downsample) - _pyramid_index(level)) > _POWER_TOLERANCE:
            raise UnsupportedSlideError(
                f"export to DICOM: expected downsamples that are powers of 2, got "
                f"{level.downsample:g} at level {level.index}"
            )
    with _said_in_one_line(), wsidicom.WsiDicom(_Slide(pyramid, coding, images)) as slide:
        # Read by one thread: the decoder has its own, and batches are what it is fast at.
        slide.save(path, workers=1, chunk_size=READ_AHEAD, transcoding=settings)


@contextmanager
def _said_in_one_line() -> Iterator[None]:
    try:
        yield
    except WsiDicomError as error:
        text = " ".join(str(error).split())
        raise UnsupportedSlideError(
            f"export to DICOM: wsidicom refuses the slide: {text}"
        ) from error


class _Slide(Source):  # type: ignore[misc]
    """A pyramid as wsidicom takes it."""

    def __init__(self, pyramid: Pyramid, coding: Coding, images: "Sequence[LevelImage]") -> None:
        super().__init__()
        metadata, derivation = _metadata(pyramid), _derivation(pyramid, coding)
        self.level_instances = [
            _instance(metadata, derivation, image, ImageType.VOLUME, _pyramid_index(level))
            for level, image in zip(pyramid.levels, images, strict=True)
        ]
        # No thumbnail: the coarsest level is one.
        kinds = {"label": ImageType.LABEL, "macro": ImageType.OVERVIEW}
        found = {
            name: [_instance(metadata, None, NumpyImageData(pixels), kinds[name], None)]
            for name, pixels in pyramid.associated.items()
            if name in kinds
        }
        self.label_instances = found.get("label", [])
        self.overview_instances = found.get("macro", [])
        self.thumbnail_instances = []
        self.annotation_instances = []

    # Of an abstract class these must be there before `__init__` sets them.
    level_instances: list[WsiInstance] = None  # type: ignore[assignment]
    label_instances = overview_instances = thumbnail_instances = level_instances
    annotation_instances = level_instances

    @property
    def base_dataset(self) -> WsiDataset:
        return self.level_instances[0].dataset

    def close(self) -> None:
        """Nothing is open between reads."""


class LevelImage(ImageData):  # type: ignore[misc]
    """A level as pixels, not coded: wsidicom codes them while it writes."""

    transfer_syntax = pydicom.uid.ExplicitVRLittleEndian
    samples_per_pixel = 3
    photometric_interpretation = "RGB"
    bits = 8
    thread_safe = True
    transcoder = None
    imaged_size = None
    image_coordinate_system = ImageCoordinateSystem.default_for(0, ImageType.VOLUME)
    suggested_minimum_chunk_size = READ_AHEAD

    def __init__(
        self, pyramid: Pyramid, level: Level, done: int, progress: Progress | None
    ) -> None:
        super().__init__(Encoder.create(self.transfer_syntax, 8, self.photometric_interpretation))
        self._pyramid, self._level = pyramid, level
        self._done, self._progress = done, progress
        x, y = pyramid.mpp or (1.0, 1.0)
        self.image_size = Size(level.width, level.height)
        self.tile_size = Size(pyramid.tile, pyramid.tile)
        self.pixel_spacing = SizeMm(x * level.downsample / 1000, y * level.downsample / 1000)
        self.lossy_compression = _known_steps(pyramid)

    # As above.
    image_size = tile_size = pixel_spacing = None
    lossy_compression: list[LossyCompression] = None  # type: ignore[assignment]

    def get_decoded_tile(
        self, tile_point: Point, z: float, path: str, cache: bool = True
    ) -> Pixels:
        """See `ImageData`; so are the following."""
        return next(self.get_decoded_tiles([tile_point], z, path, cache))

    def get_decoded_tiles(
        self, tiles: Iterable[Point], z: float, path: str, cache: bool = True
    ) -> Iterator[Pixels]:
        """Return the tiles in the order asked for, and report them."""
        del z, path, cache
        indices = [TileIndex(point.y, point.x) for point in tiles]
        read = self._pyramid.read(self._level, indices)
        yield from counted(read, self._done, self._pyramid.total, self._progress)
        self._done += len(indices)

    def get_encoded_tile(self, tile: Point, z: float, path: str) -> bytes:
        """Return a tile of samples as they are."""
        return bytes(self.encoder.encode(self.get_decoded_tile(tile, z, path)))


def _instance(
    metadata: WsiMetadata,
    derivation: str | None,
    image: ImageData,
    kind: ImageType,
    pyramid_index: int | None,
) -> WsiInstance:
    dataset = WsiMetadataDicomSchema().dump(metadata, kind)
    described = WsiDataset.create_instance_dataset(dataset, kind, image, pyramid_index)
    if derivation is not None:
        resampled = "RESAMPLED" if pyramid_index else "NONE"
        kinds = ["DERIVED", "PRIMARY", kind.value, resampled]
        described = described.replace({"ImageType": kinds, "DerivationDescription": derivation})
    return WsiInstance(described, image)


def _metadata(pyramid: Pyramid) -> WsiMetadata:
    path = OpticalPath(
        identifier="0",
        icc_profile=pyramid.icc_profile,
        objective=(
            None
            if pyramid.magnification is None
            else Objectives(objective_power=pyramid.magnification)
        ),
    )
    uids = pydicom.uid.generate_uid
    return WsiMetadata(
        study=Study(uid=uids()),
        series=Series(uid=uids()),
        patient=Patient(),
        equipment=Equipment(),
        slide=Slide(identifier=UNKNOWN, samples=[SlideSample(UNKNOWN, uid=uids())]),
        pyramid=PyramidMetadata(image=Image(), optical_paths=[path], uid=uids()),
        label=Label(image=Image(), optical_paths=[path]),
        # A macro shows the slide's own label.
        overview=Overview(image=Image(), optical_paths=[path], contains_phi=True),
        frame_of_reference_uid=uids(),
        dimension_organization_uids=[uids()],
    )


def _derivation(pyramid: Pyramid, coding: Coding) -> str:
    history = coding.after(pyramid.lossy_history)
    text = f"Exported from PathAE. Lossy steps: {history_text(history)}"
    return text[:MAX_DERIVATION]


def _known_steps(pyramid: Pyramid) -> list[LossyCompression]:
    """Return the earlier lossy steps that DICOM has a term for, as far as their ratio is known."""
    known = {method.value: method for method in LossyCompressionIsoStandard}
    steps: list[LossyCompression] = []
    for step in pyramid.lossy_history:
        term = dicom_method(step.method)
        if term in known and step.ratio:
            steps.append(LossyCompression(known[term], float(step.ratio)))
    return steps


def _pyramid_index(level: Level) -> int:
    return round(float(np.log2(level.downsample)))
