"""Edits of a sound OME-Zarr: the files of another one follow, wrong in one thing."""

import copy
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

Files = Mapping[str, Any]
Edit = Callable[[dict[str, Any]], object]


@dataclass(frozen=True)
class ZarrChange:
    """What is other than in the sound OME-Zarr of a version, and what is to be said of it."""

    version: str
    edit: Edit
    stated: Mapping[str, Any]

    def apply(self, base: Files) -> Files:
        """Return the files with the change; what consolidated metadata said of it is gone."""
        files: dict[str, Any] = copy.deepcopy(dict(base))
        self.edit(files)
        return files


def array_of(files: Files, level: str = "0") -> Any:  # noqa: ANN401
    """Return the metadata of an array."""
    name = f"{level}/zarr.json"
    return files[name] if name in files else files[f"{level}/.zarray"]


def sharding(files: Files, level: str = "0") -> Any:  # noqa: ANN401
    """Return the configuration of the codec of shards."""
    return array_of(files, level)["codecs"][0]["configuration"]


def codec_of(files: Files, level: str = "0") -> Any:  # noqa: ANN401
    """Return the configuration of the codec `pathae` within shards."""
    return sharding(files, level)["codecs"][0]["configuration"]


def group_of(files: Files) -> Any:  # noqa: ANN401
    """Return the attributes of the group."""
    return files["zarr.json"]["attributes"] if "zarr.json" in files else files[".zattrs"]


def image_of(files: Files) -> Any:  # noqa: ANN401
    """Return the multiscale of the group."""
    attributes = group_of(files)
    return attributes.get("ome", attributes)["multiscales"][0]


def sets(place: Callable[[Files], Any], *path: str | int, value: object) -> Edit:
    """Return the edit that sets a member of what `place` gives."""

    def edit(files: dict[str, Any]) -> None:
        found = place(files)
        for step in path[:-1]:
            found = found[step]
        found[path[-1]] = value
        forget_consolidated(files)

    return edit


def drops(place: Callable[[Files], Any], name: str) -> Edit:
    """Return the edit that leaves out a member of what `place` gives."""

    def edit(files: dict[str, Any]) -> None:
        del place(files)[name]
        forget_consolidated(files)

    return edit


def forget_consolidated(files: dict[str, Any]) -> None:
    """Leave out consolidated metadata, which would contradict the change."""
    files.pop(".zmetadata", None)
    if "zarr.json" in files and isinstance(files["zarr.json"], dict):
        files["zarr.json"].pop("consolidated_metadata", None)
