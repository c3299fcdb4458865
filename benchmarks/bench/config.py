"""A config of the matrix: TOML -> values. `full.toml` shows all of it."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from pathae_codec.errors import SettingError

SHIPPED = Path(__file__).parent
NAMES = ("full", "smoke")


@dataclass(frozen=True)
class TileFolder:
    """Tiles without labels.

    Attributes:
        halve: Shrink by 2 first (2 x 2 box): takes most of an earlier JPEG away.
    """

    name: str
    path: Path
    halve: bool


@dataclass(frozen=True)
class Data:
    """Where the data is; a task whose data is not there is left out.

    Attributes:
        classes: Folders of classes, or `train` and `test` with the same classes in both.
        nuclei: `train` and `test` with pictures and their `_mask.png`.
    """

    tiles: tuple[TileFolder, ...]
    classes: Path | None
    nuclei: Path | None
    slides: Path | None

    def has(self, kind: str) -> bool:
        """Say whether there is data of a kind, a field of this class."""
        found = getattr(self, kind)
        return bool(found) if kind == "tiles" else found is not None


@dataclass(frozen=True)
class CodecPlan:
    """Settings of one codec, or of each further model that is found.

    Attributes:
        model: A PathAE model; `*` for all that are found and named by no other plan.
        settings: What the codec is called with. Of a model: qualities, or names of profiles.
        first: Settings that are measured before all others.
        later: Measured after all tasks of the others.
    """

    name: str
    settings: tuple[float | str, ...]
    model: str | None = None
    first: tuple[float | str, ...] = ()
    later: bool = False

    def stage(self, setting: float | str) -> int:
        """Return the round in which a setting is measured: 0, 1 or 2."""
        return 2 if self.later else int(setting not in self.first)


@dataclass(frozen=True)
class Config:
    """What is measured, in which order."""

    name: str
    data: Data
    codecs: tuple[CodecPlan, ...]
    seeds: Mapping[str, tuple[int, ...]]
    tasks: Mapping[str, Mapping[str, Any]]


def load_config(name: str, root: Path, given: Mapping[str, Path | None]) -> Config:
    """Read a config.

    Args:
        name: `full`, `smoke`, or the path of a TOML file.
        root: What relative paths of data begin at.
        given: The user's own folders in place of the config's, by field of `Data`.

    Raises:
        SettingError: There is no such config, or it has what no config has.
    """
    path = SHIPPED / f"{name}.toml" if name in NAMES else Path(name)
    try:
        table = tomllib.loads(path.read_text("utf-8"))
    except OSError as error:
        raise SettingError(f"bench config {path}: {error.strerror}") from None
    except tomllib.TOMLDecodeError as error:
        raise SettingError(f"bench config {path}: expected TOML, found {error}") from None
    try:
        data = _data(table["data"], root)
        codecs = tuple(
            CodecPlan(**{k: tuple(v) if isinstance(v, list) else v for k, v in plan.items()})
            for plan in table["codecs"]
        )
        tasks = dict(table["tasks"])
    except (KeyError, TypeError) as error:
        raise SettingError(
            f"bench config {path}: expected data, codecs and tasks as in full.toml, found {error}"
        ) from None
    seeds = {task: tuple(settings.pop("seeds", [0])) for task, settings in tasks.items()}
    return Config(path.stem, _replaced(data, given), codecs, seeds, tasks)


def _data(table: Mapping[str, Any], root: Path) -> Data:
    def folder(kind: str) -> Path | None:
        named = table.get(kind)
        return root / named if named and (root / named).is_dir() else None

    tiles = tuple(
        TileFolder(one["name"], root / one["path"], bool(one.get("halve", False)))
        for one in table.get("tiles", [])
        if (root / one["path"]).is_dir()
    )
    return Data(tiles, folder("classes"), folder("nuclei"), folder("slides"))


def _replaced(data: Data, given: Mapping[str, Path | None]) -> Data:
    """Put the user's folders in place of the config's: then nothing but those is measured."""
    named = {kind: path for kind, path in given.items() if path is not None}
    if not named:
        return data
    for path in named.values():
        if not path.is_dir():
            raise SettingError(f"bench data {path}: expected a folder, found none")
    data = replace(data, tiles=(), classes=None, nuclei=None, slides=None)
    if "tiles" in named:
        path = named.pop("tiles")
        data = replace(data, tiles=(TileFolder(path.resolve().name, path, halve=False),))
    return replace(data, **named)  # type: ignore[arg-type]
