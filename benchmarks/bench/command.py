"""What `pathae bench` does: measure cells, write the page."""

from collections.abc import Mapping
from pathlib import Path

from benchmarks.bench.cells import read_cells
from benchmarks.bench.config import Config, load_config
from benchmarks.bench.material import Material
from benchmarks.bench.matrix import Place, measure_cells, plan_cells, tasks_left_out
from benchmarks.bench.tasks import NAMES
from benchmarks.data import data_folder
from pathae_codec.errors import SettingError

RESULTS = Path(__file__).parents[1] / "results" / "bench"
PAGE = "README.md"


def run_bench(
    config: str,
    *,
    out: Path | None,
    work: Path,
    only: tuple[str, ...],
    root: Path | None,
    given: Mapping[str, Path | None],
) -> None:
    """Measure the cells that are not there yet, then write the page.

    Args:
        config: See `load_config`.
        out: For cells and page; None takes `benchmarks/results/bench`.
        work: For what may be deleted: bitstreams, features, networks, pictures.
        only: Tasks; empty takes all.
        root: Of the data; None takes `data_folder()`.
        given: The user's own folders, see `load_config`.

    Raises:
        SettingError: The config is wrong, or there is no data at all.
    """
    chosen = _load(config, only, root, given)
    places = _plan(chosen)
    if not places:
        raise SettingError(
            "bench: expected data, found none; name folders by --tiles, --classes, --nuclei or "
            "--slides, or the folder of the config's data by --data"
        )
    for words in tasks_left_out(chosen):
        print(f"left out: {words}")
    out = out or RESULTS
    done = measure_cells(
        places, out / "cells", Material(chosen.data, work), lambda line: print(line, flush=True)
    )
    print(f"{done} cells measured, {len(places) - done} were there")
    _render(chosen, places, out)


def render_bench(
    config: str, *, out: Path | None, root: Path | None, given: Mapping[str, Path | None]
) -> None:
    """Write the page from the cells that are there."""
    chosen = _load(config, (), root, given)
    _render(chosen, _plan(chosen), out or RESULTS)


def _load(
    config: str, only: tuple[str, ...], root: Path | None, given: Mapping[str, Path | None]
) -> Config:
    unknown = sorted(set(only) - set(NAMES))
    if unknown:
        raise SettingError(f"bench --only: expected some of {list(NAMES)}, got {unknown}")
    chosen = load_config(config, root or data_folder(), given)
    if only:
        tasks = {name: table for name, table in chosen.tasks.items() if name in only}
        chosen = Config(chosen.name, chosen.data, chosen.codecs, chosen.seeds, tasks)
    return chosen


def _plan(config: Config) -> list[Place]:
    import torch

    from benchmarks.bench.codecs import codec_settings

    # One thread: the machine may be shared, and sums then do not depend on its cores.
    torch.set_num_threads(1)
    return plan_cells(config, codec_settings(config.codecs, threads=1))


def _render(config: Config, places: list[Place], out: Path) -> None:
    from benchmarks.bench.page.document import write_page

    planned = [(p.task.name, p.codec.codec, p.codec.setting) for p in places]
    path = write_page(out, list(read_cells(out / "cells")), planned, len(places), config)
    print(f"{path}: written")
