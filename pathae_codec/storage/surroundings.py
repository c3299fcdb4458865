"""What a destination lies in: a Zarr is a folder that nothing else belongs into."""

from pathlib import Path

from pathae_codec.errors import SettingError

_ZARR_FILES = ("zarr.json", ".zgroup", ".zarray")


def check_outside_zarr(path: Path, what: str = "destination") -> None:
    """Refuse a place inside a Zarr: whoever moves, replaces or checks that takes it along.

    Args:
        path: Of what will be written.
        what: It is, for the message.

    Raises:
        SettingError: A folder that it lies in is a group or an array.
    """
    for folder in path.absolute().parents:
        if any((folder / name).is_file() for name in _ZARR_FILES):
            raise SettingError(f"{what} {path}: expected a place outside of the Zarr {folder}")
