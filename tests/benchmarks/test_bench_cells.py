"""Cells on disk: a line each, in a fixed order, whole whatever is killed, lost by nobody."""

import json
import subprocess
import sys
import time
from dataclasses import replace
from multiprocessing import get_context
from pathlib import Path

import pytest

pytest.importorskip("filelock", reason="needs the benchmarks extra")

from benchmarks.bench.cells import Cell, read_cells, read_task, task_file, write_cell
from pathae_codec.errors import SettingError

CELL = Cell("a", "JPEG 4:2:0", "10", 0, "d", 1.0, {"x": 1})


def test_a_cell_is_a_line_whose_place_does_not_depend_on_when_it_was_measured(
    tmp_path: Path,
) -> None:
    cells = [replace(CELL, setting=setting, seed=seed) for setting in "12" for seed in (0, 1)]
    for name, order in (("first", cells), ("second", cells[::-1])):
        for cell in order:
            write_cell(tmp_path / name, cell)
    first, second = (task_file(tmp_path / name, "a").read_text() for name in ("first", "second"))
    assert first == second
    assert [Cell(**json.loads(line)) for line in first.splitlines()] == cells
    assert all(list(json.loads(line)) == sorted(json.loads(line)) for line in first.splitlines())


def test_the_same_cell_again_takes_the_place_of_the_first(tmp_path: Path) -> None:
    other = replace(CELL, seed=1)
    for cell in (CELL, other, replace(CELL, digest="e")):
        write_cell(tmp_path, cell)
    assert list(read_cells(tmp_path)) == [replace(CELL, digest="e"), other]


def test_what_is_no_json_is_not_written_and_what_was_there_stays(tmp_path: Path) -> None:
    write_cell(tmp_path, CELL)
    before = task_file(tmp_path, "a").read_bytes()
    with pytest.raises(ValueError, match="JSON compliant"):
        write_cell(tmp_path, replace(CELL, measured={"x": float("nan")}))
    assert task_file(tmp_path, "a").read_bytes() == before
    write_cell(tmp_path, replace(CELL, seed=1))
    assert len(read_task(tmp_path, "a")) == 2


def test_a_line_that_is_no_cell_is_told_by_its_number(tmp_path: Path) -> None:
    write_cell(tmp_path, CELL)
    with task_file(tmp_path, "a").open("a") as file:
        file.write('{"task": "a"}\n')
    with pytest.raises(SettingError, match="line 2: expected a cell"):
        list(read_cells(tmp_path))


def write_many(folder: Path, codec: str, count: int) -> None:
    for seed in range(count):
        write_cell(folder, replace(CELL, codec=codec, seed=seed))


def test_processes_that_write_at_the_same_time_lose_nothing(tmp_path: Path) -> None:
    context = get_context("spawn")
    workers = [context.Process(target=write_many, args=(tmp_path, c, 100)) for c in "bcd"]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert [worker.exitcode for worker in workers] == [0, 0, 0]
    assert list(read_task(tmp_path, "a")) == [(c, "10", seed) for c in "bcd" for seed in range(100)]


def test_a_killed_process_leaves_whole_lines_and_the_next_goes_on(tmp_path: Path) -> None:
    words = f"import sys; from pathlib import Path; from {__name__} import write_many"
    command = [sys.executable, "-c", f"{words}; write_many(Path(sys.argv[1]), 'b', 10**6)"]
    seen = 0
    for _ in range(3):
        worker = subprocess.Popen([*command, str(tmp_path)])
        until = time.monotonic() + 60
        while len(read_task(tmp_path, "a")) < seen + 1 and time.monotonic() < until:
            time.sleep(0.01)
        worker.kill()
        worker.wait()
        assert len(read_task(tmp_path, "a")) > seen
        seen = len(read_task(tmp_path, "a"))
    write_cell(tmp_path, CELL)
    assert len(read_task(tmp_path, "a")) == seen + 1
