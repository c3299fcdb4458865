"""A published autoencoder -> a file in the folder of models."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pathae_codec.errors import DestinationExistsError, SettingError
from pathae_codec.model.artifact import ModelArtifact
from pathae_codec.model.library import ENDING, SHIPPED, new_models_folder, write_model_file
from pathae_codec.pretrained.autoencoder import PretrainedAutoencoder, load_autoencoder
from pathae_codec.pretrained.folder import expanded, find_folder
from pathae_codec.pretrained.sequential import load_sequential

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


@dataclass(frozen=True)
class Source:
    """What to add: a folder or repository, or the two files of a sequential network."""

    folder: str | None
    encoder: Path | None = None
    decoder: Path | None = None


@dataclass(frozen=True)
class AddedModel:
    """A model's file, what is in it, and the keys of its config that were ignored."""

    path: Path
    model: ModelArtifact
    ignored: tuple[str, ...]


def add_model(
    source: Source,
    name: str | None = None,
    *,
    license: str | None = None,
    url: str | None = None,
    overwrite: bool = False,
) -> AddedModel:
    """Add a model: to the first folder of PATHAE_MODELS, else to the user's data folder.

    It has no codebooks yet: see `training.codebook.fit_codebooks`.

    Args:
        source: See `Source`.
        name: Of the model; by default the last part of the source.
        license: As its publisher states it; for the card.
        url: Where the model can be had, for the card; by default the repository.
        overwrite: Replace a model of that name.

    Raises:
        PathAEError: The source is missing or no such autoencoder, or the name is taken.
    """
    name = name or _default_name(source)
    if not _NAME.fullmatch(name):
        raise SettingError(f"name: expected letters, digits, '.', '_' and '-', got {name!r:.60}")
    path = new_models_folder() / f"{name}{ENDING}"
    if (SHIPPED / path.name).exists() or (path.exists() and not overwrite):
        raise DestinationExistsError(
            f"model {name}: exists; take another --name or, if it is not a shipped one, --overwrite"
        )
    card = {"license": license, "sources": [url] if url else _sources(source)}
    loaded = _load(source, name, card)
    write_model_file(path, loaded.model)
    return AddedModel(path, loaded.model, loaded.ignored)


def _load(source: Source, name: str, card: Mapping[str, Any]) -> PretrainedAutoencoder:
    if source.encoder and source.decoder:
        return PretrainedAutoencoder(load_sequential(source.encoder, source.decoder, name, card))
    return load_autoencoder(find_folder(source.folder or ""), name, card)


def _default_name(source: Source) -> str:
    if source.folder is None:
        raise SettingError("name: expected --name with --encoder and --decoder")
    if not expanded(source.folder).is_dir():
        return source.folder.partition("@")[0].rpartition("/")[2]
    folder = expanded(source.folder).resolve()
    return folder.parent.name if folder.name == "vae" else folder.name


def _sources(source: Source) -> list[str]:
    # A path of this machine is of no use to others, and says more than its owner may want.
    if source.folder and not expanded(source.folder).is_dir():
        repository, _, revision = source.folder.partition("@")
        at = f"/tree/{revision}" if revision else ""
        return [f"https://huggingface.co/{repository}{at}"]
    return []
