"""What is shown: PathAE files that the page decodes, and slides that the server decodes for it."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from pathae_codec.container import TIFF_ENDINGS, ZARR_ENDINGS, open_container
from pathae_codec.errors import NotPathAEError, SettingError, SlideNotFoundError
from pathae_codec.model.architecture import is_plain
from pathae_codec.model.artifact import ModelArtifact
from pathae_codec.model.artifact_file import load_artifact
from pathae_codec.model.library import find_decoder
from pathae_codec.regions.stored_source import open_source
from pathae_codec.slide.interface import SlideReader

DecodedBy = Literal["page", "server"]
SERVED_TILE = 512
"""Side of the pictures that the server makes of a slide that is not in tiles of ours."""


@dataclass(frozen=True)
class Shown:
    """A slide that is shown.

    Attributes:
        path: Of its file, or of the folder of an OME-Zarr.
        decoded_by: `page`: the page gets its bytes; `server`: the page gets pictures.
        reader: Of pictures of its tiles.
        served_tile: Side of those: that of the file's own tiles where it has some.
        decoder: The file's codec parameters, if the page needs the decoder that they name; None if
            they embed it.
        record: The slide record as JSON, None for a slide that is no PathAE file.
        note: Why the server decodes what the page was asked to decode.
    """

    path: Path
    decoded_by: DecodedBy
    reader: SlideReader
    served_tile: int = SERVED_TILE
    decoder: ModelArtifact | None = None
    record: dict[str, Any] | None = None
    note: str | None = None


def find_slides(stated: Sequence[Path]) -> list[Path]:
    """Return the slides that paths name: each as it is, of a folder the PathAE files in it.

    Raises:
        SlideNotFoundError: Nothing is at a path, or no PathAE file in a folder.
    """
    found: list[Path] = []
    for path in stated:
        if not path.exists():
            raise SlideNotFoundError(f"slide {path}: no such file")
        if path.is_file() or path.name.lower().endswith(ZARR_ENDINGS):
            found.append(path)
            continue
        endings = (*TIFF_ENDINGS, *ZARR_ENDINGS)
        inside = sorted(p for p in path.iterdir() if p.name.lower().endswith(endings))
        if not inside:
            raise SlideNotFoundError(
                f"folder {path}: expected files that end in one of {', '.join(endings)}, found none"
            )
        found += inside
    return found


def open_shown(path: Path, decoded_by: DecodedBy) -> Shown:
    """Open what is to be shown, and choose who decodes it.

    Args:
        path: A PathAE file, or any slide that `slide.open_slide` opens: that the server decodes.
        decoded_by: Who is asked to.

    Raises:
        SlideError: It is no slide.
        FormatError: A PathAE file that is damaged.
        ModelNotFoundError: The decoder that it names is not here.
    """
    reader = open_source(path)
    try:
        container = open_container(path)
    except NotPathAEError:
        return Shown(path, "server", reader)
    record, tile = container.record.as_json(), container.tile
    if decoded_by == "server":
        return Shown(path, "server", reader, tile, record=record)
    parameters = load_artifact(container.parameters)
    synthesis = parameters.synthesis or find_decoder(
        parameters.decoder_id, parameters.name, parameters.card.get("sources")
    )
    if not is_plain(synthesis.layers):
        note = f"{path.name}: the network of model {parameters.name} runs on the server only"
        return Shown(path, "server", reader, tile, record=record, note=note)
    needed = None if parameters.synthesis else parameters
    return Shown(path, "page", reader, tile, needed, record)


def check_names(shown: Sequence[Shown]) -> None:
    """Refuse a static site whose files would be one.

    Raises:
        SettingError: Two have one name, or the server would have to decode one.
    """
    names = [one.path.name for one in shown]
    for one in shown:
        if names.count(one.path.name) > 1:
            raise SettingError(f"file {one.path.name}: expected names that differ, got two of it")
        if one.decoded_by == "server":
            raise SettingError(
                f"file {one.path.name}: expected a PathAE file that the page decodes; a static "
                "site has no server: pathae convert makes one of a slide"
            )
