"""What `python -m benchmarks.bench` does: measure cells, write the page."""

import os
import time
from collections.abc import Mapping
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context, parent_process
from pathlib import Path

from benchmarks.bench.cells import read_cells
from benchmarks.bench.codec_setting import CodecSetting
from benchmarks.bench.config import Config, load_config
from benchmarks.bench.material import Material
from benchmarks.bench.matrix import Place, measure_cells, plan_cells, tasks_left_out
from benchmarks.bench.tasks import NAMES
from benchmarks.data import data_folder
from benchmarks.readme import README, show_table, table_of
from pathae_codec.errors import SettingError

RESULTS = Path(__file__).parents[1] / "results" / "bench"
NO_DATA = (
    "bench: expected data, found none; name folders by --tiles, --classes, --nuclei or "
    "--slides, or the folder of the config's data by --data"
)


def run_bench(
    config: str,
    *,
    out: Path | None,
    work: Path,
    only: tuple[str, ...],
    root: Path | None,
    given: Mapping[str, Path | None],
    processes: int = 1,
) -> None:
    """Measure the cells that are not there yet, then write the page.

    Args:
        config: See `load_config`.
        out: For cells and page; None takes `benchmarks/results/bench`.
        work: For what may be deleted: bitstreams, features, networks, pictures.
        only: Tasks that are measured; empty takes all. The page shows what is there of all.
        root: Of the data; None takes `data_folder()`.
        given: The user's own folders, see `load_config`.
        processes: That share the codecs out among themselves; each runs on one thread.

    Raises:
        SettingError: The config is wrong, or there is no data at all.
    """
    if processes < 1:
        raise SettingError(f"bench --processes: expected 1 or more, got {processes}")
    unknown = sorted(set(only) - set(NAMES))
    if unknown:
        raise SettingError(f"bench --only: expected some of {list(NAMES)}, got {unknown}")
    chosen = load_config(config, root or data_folder(), given)
    codecs = _codecs(chosen)
    places = plan_cells(chosen, codecs)
    wanted = [place for place in places if not only or place.task.name in only]
    left_out = {
        task: words for task, words in tasks_left_out(chosen).items() if task in only or not only
    }
    for task, words in left_out.items():
        print(f"left out: {task}: {words}")
    if not wanted:
        raise SettingError(NO_DATA)
    out = out or RESULTS
    tasks = frozenset(place.task.name for place in wanted)
    measuring = (chosen, tasks, out / "cells", Material(chosen.data, work))
    started = time.monotonic()
    # Not a fork: a fork has the locks of the libraries' threads, and not the threads.
    with ProcessPoolExecutor(processes, get_context("spawn")) as pool:
        shares = [pool.submit(_measure_share, *measuring, i, processes) for i in range(processes)]
        done = sum(share.result() for share in shares)
    minutes = (time.monotonic() - started) / 60
    print(
        f"{done} cells measured, {len(wanted) - done} were there; "
        f"{minutes:.1f} minutes, processes: {processes}"
    )
    _render(chosen, codecs, places, out)


def _measure_share(
    config: Config, tasks: frozenset[str], cells: Path, material: Material, first: int, every: int
) -> int:
    """Measure all cells of every so many codecs, in a process of its own."""
    codecs = _codecs(config)
    mine = codecs[first::every]
    places = [
        place
        for place in plan_cells(config, codecs)
        if place.task.name in tasks and place.codec in mine
    ]
    return measure_cells(places, cells, material, report_cell)


def report_cell(line: str) -> None:
    """Print what was measured; end this process where the one that started it was killed.

    A worker does not hear of that: it would measure on for an hour, beside the run that resumes.
    """
    print(line, flush=True)
    parent = parent_process()
    if parent is not None and not parent.is_alive():
        os._exit(1)


def render_bench(
    config: str, *, out: Path | None, root: Path | None, given: Mapping[str, Path | None]
) -> None:
    """Write the page from the cells that are there."""
    chosen = load_config(config, root or data_folder(), given)
    codecs = _codecs(chosen)
    places = plan_cells(chosen, codecs)
    if not places:
        # What is planned goes with the data: a page of nothing would take the place of a whole one.
        raise SettingError(NO_DATA)
    _render(chosen, codecs, places, out or RESULTS)


def _codecs(config: Config) -> list[CodecSetting]:
    import torch

    from benchmarks.bench.codecs import codec_settings

    # One thread: the machine may be shared, and sums then do not depend on its cores.
    torch.set_num_threads(1)
    return codec_settings(config.codecs, threads=1)


def _render(config: Config, codecs: list[CodecSetting], places: list[Place], out: Path) -> None:
    from benchmarks.bench.page.claims import OURS
    from benchmarks.bench.page.document import Planned, write_page
    from benchmarks.bench.page.summary import COMMAND

    order = [(codec.codec, codec.setting) for codec in codecs]
    cells = frozenset((p.task.name, p.codec.codec, p.codec.setting, p.seed) for p in places)
    model = next((codec.model for codec in codecs if codec.codec == OURS), None)
    lossy = [codec for codec in codecs if not codec.is_original]
    first = min((codec.stage for codec in lossy), default=0)
    summed_up = [(codec.codec, codec.setting) for codec in lossy if codec.stage == first]
    planned = Planned(config.name, model, order, summed_up, cells)
    path = write_page(out, list(read_cells(out / "cells")), planned)
    if out == RESULTS:
        show_table(README, COMMAND, table_of(path.read_text("utf-8"), COMMAND))
    print(f"{path}: written")
