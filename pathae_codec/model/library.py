"""Where models are found. Nothing is ever downloaded here.

Order: the models shipped in the package, then the folders of `PATHAE_MODELS` (separated as
`PATH` is), each with artifacts that end in `.safetensors`.
"""

import os
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from pathae_codec.bitstream.limits import MAX_PARAMETERS_BYTES
from pathae_codec.errors import ArtifactError, FormatError, ModelNotFoundError
from pathae_codec.model.artifact import ModelArtifact, Transform
from pathae_codec.model.storage import load_artifact, read_record

DEFAULT_MODEL = "he-f8c32-2"
SHIPPED = Path(__file__).parent.parent / "models"
ENDING = ".safetensors"


def model_folders() -> tuple[Path, ...]:
    """Give the folders that are searched, in order."""
    named = os.environ.get("PATHAE_MODELS", "").split(os.pathsep)
    return (SHIPPED, *(Path(folder) for folder in named if folder))


def model_paths() -> Iterator[Path]:
    """Give the artifacts in all folders, in order."""
    for folder in model_folders():
        yield from sorted(folder.glob(f"*{ENDING}"))


@cache
def load_model_file(path: Path) -> ModelArtifact:
    """Read the artifact at a path; the second time, the same value.

    Raises:
        ModelNotFoundError: There is no such file.
        ArtifactError: It is not a sound artifact.
    """
    try:
        size = path.stat().st_size
        if size > MAX_PARAMETERS_BYTES:
            raise ArtifactError(
                f"model {path}: expected {MAX_PARAMETERS_BYTES} bytes at most, got {size}"
            )
        return load_artifact(path.read_bytes())
    except OSError as error:
        raise ModelNotFoundError(f"model {path}: {error.strerror}") from None


def find_model(model: str = DEFAULT_MODEL) -> ModelArtifact:
    """Find a whole model by name, by encoder or decoder id, or by path.

    Raises:
        ModelNotFoundError: None is there.
        ArtifactError: It is there, but not sound.
    """
    if model.endswith(ENDING):
        return load_model_file(Path(model).resolve())
    for path in model_paths():
        record = _peek(path)
        if record and model in record:
            return load_model_file(path)
    folders = ", ".join(map(str, model_folders()))
    raise ModelNotFoundError(f"model {model}: not found in {folders}; see pathae models list")


def find_decoder(decoder_id: str, name: str, sources: object) -> Transform:
    """Find the decoder that a file needs.

    Args:
        decoder_id: Its identity.
        name: Of the model, for the message.
        sources: Where the file says that it can be had, for the message.

    Raises:
        ModelNotFoundError: None is there; the message says where the file says it can be had.
    """
    for path in model_paths():
        if _peek(path)[2:] == (decoder_id,):
            synthesis = load_model_file(path).synthesis
            if synthesis:
                return synthesis
    raise ModelNotFoundError(
        f"decoder of model {name} ({decoder_id}): not found on this machine; sources: "
        f"{sources or 'none stated'}; put its {ENDING} file into a folder and name that in "
        "PATHAE_MODELS"
    )


@cache
def _peek(path: Path) -> tuple[str, ...]:
    """Give name, encoder id and decoder id of an artifact; nothing if it is none."""
    try:
        with path.open("rb") as file:
            start = file.read(8)
            length = min(int.from_bytes(start, "little"), 2**20)
            record = read_record(start + file.read(length))
        return record["name"], record["encoder"]["id"], record["decoder"]["id"]
    except (OSError, FormatError, ArtifactError, KeyError, TypeError):
        return ()
