"""Where models are found. Nothing is ever downloaded here.

Order: the models shipped in the package, then the folders of `PATHAE_MODELS` (separated as
`PATH` is), then the user's data folder, each with artifacts that end in `.safetensors`.
"""

import os
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from pathlib import Path
from typing import TypeGuard

from pathae_codec.bitstream.limits import MAX_MODEL_BYTES
from pathae_codec.errors import (
    ArtifactError,
    DestinationWriteError,
    FormatError,
    ModelNotFoundError,
    PathAEError,
)
from pathae_codec.model.artifact import ModelArtifact, Transform
from pathae_codec.model.artifact_file import load_artifact, read_record, save_artifact
from pathae_codec.model.carried_decoders import carried_decoder
from pathae_codec.model.default import DEFAULT_MODEL
from pathae_codec.version import ADDRESS

SHIPPED = Path(__file__).parent.parent / "models"
ENDING = ".safetensors"
IDENTITY = "sha256:"
"""How an identity begins, and no name of a model."""
_HUB = re.compile(r"https://huggingface\.co/(\w[\w.-]*/\w[\w.-]*)(?:/tree/(\w[\w.-]*))?", re.ASCII)
_NAME = re.compile(r"\w[\w.-]*", re.ASCII)
_OF_THE_PACKAGE = {"shipped with pathae", "pip install pathae"}
"""What cards of shipped models say, the second until nobody could take the name for a command."""


def model_folders() -> tuple[Path, ...]:
    """Return the folders that are searched, in order."""
    user = _user_folder()
    return (SHIPPED, *_named_folders(), *([user] if user else []))


def new_models_folder() -> Path:
    """Return the folder that added models go to: the first of `PATHAE_MODELS`, else the user's.

    Raises:
        DestinationWriteError: Neither is known.
    """
    for folder in (*_named_folders(), _user_folder()):
        if folder:
            return folder
    raise DestinationWriteError(
        "models: expected a home folder or PATHAE_MODELS, found neither; type: "
        "export PATHAE_MODELS=FOLDER"
    )


def _named_folders() -> tuple[Path, ...]:
    named = os.environ.get("PATHAE_MODELS", "").split(os.pathsep)
    return tuple(Path(folder) for folder in named if folder)


def _user_folder() -> Path | None:
    """Return `pathae/models` in what the platform has for a user's data; None without a home.

    A user id without a name, as containers have it, has no home unless `HOME` says so.
    """
    try:
        return _data_folder() / "pathae" / "models"
    except RuntimeError:
        return None


def _data_folder() -> Path:
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local")
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Application Support"
    return Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share")


def model_paths() -> Iterator[Path]:
    """Return the artifacts in all folders, in order; a pipe is none, it could never end."""
    for folder in model_folders():
        yield from sorted(path for path in folder.glob(f"*{ENDING}") if path.is_file())


@cache
def load_model_file(path: Path) -> ModelArtifact:
    """Read the artifact at a path; the second time, the same value.

    Raises:
        ModelNotFoundError: There is no such file.
        ArtifactError: It is not a sound artifact.
    """
    try:
        size = path.stat().st_size
        if not path.is_file():
            raise ArtifactError(f"model {path}: expected a regular file, found another kind")
        if size > MAX_MODEL_BYTES:
            raise ArtifactError(
                f"model {path}: expected {MAX_MODEL_BYTES} bytes at most, got {size}"
            )
        return load_artifact(path.read_bytes(), MAX_MODEL_BYTES)
    except OSError as error:
        raise ModelNotFoundError(f"model {path}: {error.strerror}") from None


def find_model(model: str = DEFAULT_MODEL) -> ModelArtifact:
    """Find a whole model by name, by encoder or decoder id, or by path.

    Raises:
        ModelNotFoundError: None is there.
        ArtifactError: It is there, but not sound.
    """
    return load_model_file(find_model_path(model))


def find_model_path(model: str) -> Path:
    """Find the file of a model by name, by encoder or decoder id, or by path.

    What begins as an identity is one and never a name: a file that is named so is another model.
    It is that of the weights, as they are in the file; one that only says so is passed over.

    Raises:
        ModelNotFoundError: No name or id fits. A path is given as it is.
    """
    if model.endswith(ENDING):
        return Path(model).resolve()
    for path in model_paths():
        name, *identities = _peek(path) or ("",)
        if model in identities and _holds(path, model):
            return path
        if model == name and not model.startswith(IDENTITY):
            return path
    raise not_found(model)


def not_found(model: str) -> ModelNotFoundError:
    """Return the error for a name or id that no model has, with the name that was likely meant."""
    folders = ", ".join(map(str, model_folders()))
    near = get_close_matches(
        model, [peeked[0] for path in model_paths() if (peeked := _peek(path))]
    )
    meant = f"did you mean {near[0]}? " if near else ""
    return ModelNotFoundError(
        f"model {model}: not found in {folders}; {meant}see pathae models list"
    )


def _holds(path: Path, identity: str) -> bool:
    """Say whether a file is a sound artifact with the network of an identity in it."""
    try:
        model = load_model_file(path)
    except PathAEError:
        return False
    return (model.analysis is not None and model.encoder_id == identity) or (
        model.synthesis is not None and model.decoder_id == identity
    )


def write_model_file(path: Path, model: ModelArtifact) -> None:
    """Write an artifact to a path, whole or not at all; forget what was read from there.

    Raises:
        DestinationWriteError: The folder cannot be made or written.
    """
    part = path.with_suffix(".part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        # A link of that name is removed and never followed.
        part.unlink(missing_ok=True)
        with part.open("xb") as file:
            file.write(save_artifact(model))
        part.replace(path)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise DestinationWriteError(f"model {path}: {error.strerror}") from None
    forget_models()


def forget_models() -> None:
    """Forget what was read of models: their files were changed."""
    load_model_file.cache_clear()
    _peek.cache_clear()


def find_decoder(decoder_id: str, name: str, sources: object) -> Transform:
    """Find the decoder that a file needs: as `find_decoder_file`, then in carried ones.

    Raises:
        ModelNotFoundError: None is there; the message says where the file says it can be had.
    """
    try:
        found = load_model_file(find_decoder_file(decoder_id, name, sources)).synthesis
    except ModelNotFoundError:
        if carried := carried_decoder(decoder_id):
            return carried
        raise
    assert found is not None, "that is what the file was chosen by"
    return found


def find_decoder_file(decoder_id: str, name: str, sources: object) -> Path:
    """Find the artifact with the decoder that a file needs.

    Args:
        decoder_id: Its identity.
        name: Of the model, for the message.
        sources: Where the file says that it can be had, for the message.

    Raises:
        ModelNotFoundError: None is there; the message says what to type.
    """
    for path in model_paths():
        if _peek(path)[2:] == (decoder_id,) and _holds(path, decoder_id):
            return path
    raise ModelNotFoundError(
        f"decoder of model {name} ({decoder_id}): not found on this machine; "
        f"{how_to_get(name, sources)}"
    )


def how_to_get(name: str, sources: object) -> str:
    """Say what to type to have a model, from what a file says of its sources.

    Args:
        name: Of the model, as a file states it.
        sources: A list of places, likewise. Of neither anything but plain words gets into what is
            to be typed.
    """
    places = [place for place in sources if isinstance(place, str)] if _is_list(sources) else []
    for place in places:
        if found := _HUB.fullmatch(place):
            repository, revision = found.groups()
            at = f" --revision {revision}" if revision else ""
            pinned = f"@{revision}" if revision else ""
            named = f" --name {name}" if _NAME.fullmatch(name) else ""
            return (
                f"type: hf download {repository}{at} && "
                f"pathae models add {repository}{pinned}{named}"
            )
    if _OF_THE_PACKAGE & set(places):
        at = f" ({ADDRESS})" if ADDRESS else ""
        return f"it is shipped with pathae: install a newer pathae from where yours is from{at}"
    stated = f"get it from {', '.join(places)[:300]}" if places else "no source is stated"
    return (
        f"{stated}; put its {ENDING} file into a folder and type: "
        "export PATHAE_MODELS=FOLDER, or pathae models add for an autoencoder of diffusers"
    )


def _is_list(value: object) -> TypeGuard[list[object]]:
    return isinstance(value, list)


@dataclass(frozen=True)
class ModelPlace:
    """A model on this machine, by what its record says."""

    name: str
    decoder_id: str
    path: Path


def models_of_encoder(encoder_id: str) -> list[ModelPlace]:
    """Return all models on this machine that decode the latents of an encoder, in order."""
    return [
        ModelPlace(peeked[0], peeked[2], path)
        for path in model_paths()
        if (peeked := _peek(path)) and peeked[1] == encoder_id
    ]


def models_of_decoder(decoder_id: str) -> list[ModelPlace]:
    """Return all models on this machine that have a decoder, in order."""
    return [
        ModelPlace(peeked[0], decoder_id, path)
        for path in model_paths()
        if (peeked := _peek(path)) and peeked[2] == decoder_id
    ]


@cache
def _peek(path: Path) -> tuple[str, ...]:
    """Return name, encoder id and decoder id of an artifact; nothing if it is none."""
    try:
        with path.open("rb") as file:
            start = file.read(8)
            length = min(int.from_bytes(start, "little"), 2**20)
            record = read_record(start + file.read(length))
        return record["name"], record["encoder"]["id"], record["decoder"]["id"]
    except (OSError, FormatError, ArtifactError, KeyError, TypeError):
        return ()
