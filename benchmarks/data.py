"""Where the real slides and tiles are: the folder in PATHAE_DATA, or `shared` by the repository."""

import os
from pathlib import Path

SLIDE_ENDINGS = {".svs", ".dcm", ".tif", ".tiff", ".ndpi", ".mrxs", ".scn"}
_TILE_ENDINGS = {".png", ".jpg", ".jpeg", ".tif"}


def data_folder() -> Path:
    """Return the folder of the data, whether it is there or not."""
    named = os.environ.get("PATHAE_DATA")
    return Path(named) if named else Path(__file__).resolve().parents[2] / "shared"


def shared_slides() -> list[Path]:
    """Return the real slides by name; none where the folder is missing."""
    folder = data_folder() / "slides"
    return sorted(path for path in folder.glob("*") if path.suffix.lower() in SLIDE_ENDINGS)


def shared_tiles(kind: str, name: str) -> list[Path]:
    """Return the image files of one source, in order of their paths.

    Args:
        kind: `train`, `dev` or `labelled`.
        name: The source's folder, such as `brecahad`. Folders in it are searched too.

    Raises:
        FileNotFoundError: There is no such folder: figures must not be taken on nothing.
    """
    folder = data_folder() / "tiles" / kind / name
    if not folder.is_dir():
        raise FileNotFoundError(
            f"tiles {kind}/{name}: no folder {folder}; set PATHAE_DATA to the folder of the data"
        )
    return sorted(path for path in folder.rglob("*") if path.suffix.lower() in _TILE_ENDINGS)
