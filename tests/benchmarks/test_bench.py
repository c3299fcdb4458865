"""The matrix of the benchmarks: every task runs, goes on where it stopped, says what it found."""

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest

from tests.bench_data import write_bench_data

pytest.importorskip("torch", reason="the benchmarks' networks run on torch")
pytest.importorskip("scipy", reason="needs the benchmarks extra")

import pathae_codec
from benchmarks.bench import cells, command_line
from benchmarks.bench.cells import CellKey, read_task, task_file, write_cell
from benchmarks.bench.command_line import main
from benchmarks.bench.config import load_config
from benchmarks.bench.page.summary import COMMAND
from benchmarks.bench.tasks import NAMES, load_task
from benchmarks.readme import marked, show_table, table_of
from pathae_codec.errors import SettingError

NO_FOLDERS = dict.fromkeys(("tiles", "classes", "nuclei", "slides"))


@pytest.fixture(scope="module")
def smoke(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of a whole smoke run."""
    folder = tmp_path_factory.mktemp("bench")
    write_bench_data(folder / "data")
    assert run(folder) == 0
    return folder


def run(folder: Path, action: str = "run", *more: str) -> int:
    places = ["--data", str(folder / "data"), "--out", str(folder / "out")]
    work = ["--work", str(folder / "work")] if action == "run" else []
    return main([action, "smoke", *places, *work, *more])


def remove_cell(folder: Path, task: str, key: CellKey) -> None:
    file = task_file(folder, task)
    lines = file.read_text().splitlines(keepends=True)
    kept = [
        line
        for line in lines
        if (one := json.loads(line)) and (one["codec"], one["setting"], one["seed"]) != key
    ]
    assert len(kept) == len(lines) - 1
    file.write_text("".join(kept))


def test_every_task_has_cells_of_every_codec_it_asks_for(smoke: Path) -> None:
    found = list(cells.read_cells(smoke / "out" / "cells"))
    assert {cell.task for cell in found} == set(NAMES)
    codecs = {cell.codec for cell in found if cell.task == "feature_similarity"}
    assert {"original", "PathAE", "JPEG 4:2:0", "AVIF s6", "JPEG XL e7", "WebP"} <= codecs
    assert {cell.seed for cell in found if cell.task == "classification"} == {0, 1}


def test_originals_are_exact_and_codecs_are_not(smoke: Path) -> None:
    folder = smoke / "out" / "cells"
    similar = read_task(folder, "feature_similarity")
    for codec, setting, exact in (("original", "raw", True), ("PathAE", "10", False)):
        for found in similar[codec, setting, 0].measured["sets"].values():
            judged = found["judge (trained here)"]
            assert (min(judged) > 0.9999) == exact
            assert (min(found["psnr"]) == 100) == exact
    quarters = read_task(folder, "nuclei_fidelity")["original", "raw", 0].measured
    assert all(q["original"] == q["decoded"] == q["both"] for q in quarters["quarters"])


def test_a_file_of_a_slide_is_more_than_its_tiles(smoke: Path) -> None:
    found = read_task(smoke / "out" / "cells", "whole_slides")["PathAE", "50", 0]
    (slide,) = found.measured["slides"].values()
    assert slide["bytes"] > slide["tile_bytes"] > slide["tissue_bytes"] > 0
    assert slide["glass_tiles"] >= 2


def test_a_second_run_measures_nothing_and_changes_nothing(
    smoke: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = {path: path.read_bytes() for path in (smoke / "out" / "cells").glob("*.jsonl")}
    assert len(before) == len(NAMES)
    assert run(smoke) == 0
    assert "0 cells measured" in capsys.readouterr().out
    assert before == {path: path.read_bytes() for path in before}


def test_processes_that_share_the_codecs_out_find_the_same(
    smoke: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["run", "smoke", "--data", str(smoke / "data"), "--out", str(tmp_path)]
    arguments += ["--work", str(tmp_path / "work"), "--only", "segmentation,repeated_coding"]
    assert main([*arguments, "--processes", "2"]) == 0
    alone = list(cells.read_cells(smoke / "out" / "cells"))
    wanted = {
        (cell.task, cell.codec, cell.setting, cell.seed): (cell.digest, cell.measured)
        for cell in alone
        if cell.task in {"segmentation", "repeated_coding"}
    }
    assert f"{len(wanted)} cells measured, 0 were there" in capsys.readouterr().out
    shared = {
        (cell.task, cell.codec, cell.setting, cell.seed): (cell.digest, cell.measured)
        for cell in cells.read_cells(tmp_path / "cells")
    }
    assert shared == wanted


def test_a_readme_gets_the_summary_and_keeps_the_rest(smoke: Path, tmp_path: Path) -> None:
    page = smoke / "out" / "README.md"
    readme = tmp_path / "README.md"
    other = marked("another command", "another table")
    readme.write_text(f"{other}\n\n{marked(COMMAND, 'old')}\n\n{other}\n", "utf-8")
    table = table_of(page.read_text("utf-8"), COMMAND)
    show_table(readme, COMMAND, table)
    assert readme.read_text("utf-8") == f"{other}\n\n{marked(COMMAND, table)}\n\n{other}\n"
    head, _, *lines = table.splitlines()
    codecs = [line.split(" | ")[0].strip("| ") for line in lines]
    assert {"PathAE 10", "PathAE 50"} <= set(codecs)
    assert "original raw" not in codecs
    # Of every task there is something in the line of our codec, and none is empty.
    cells = [cell.strip() for cell in lines[codecs.index("PathAE 10")].strip("|").split(" | ")]
    assert len(cells) == len(head.strip("|").split(" | "))
    assert all(cells)


def test_cells_that_are_stale_or_missing_are_measured_again(
    smoke: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = smoke / "out" / "cells"
    stale = read_task(folder, "segmentation")["PathAE", "10", 0]
    missing = read_task(folder, "classification")["WebP", "40", 1]
    write_cell(folder, replace(stale, digest="0"))
    remove_cell(folder, "classification", missing.key)
    assert run(smoke, "run", "--only", "segmentation,classification") == 0
    assert "2 cells measured" in capsys.readouterr().out
    for once in (stale, missing):
        again = read_task(folder, once.task)[once.key]
        assert (again.digest, again.measured) == (once.digest, once.measured)


def test_cells_of_other_networks_are_refused_before_an_hour_is_spent(
    smoke: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = smoke / "out" / "cells"
    file = task_file(folder, "segmentation")
    kept = file.read_bytes()
    right = read_task(folder, "segmentation")["JPEG 4:2:0", "60", 0]
    networks = right.measured["networks"] | {"U-Net": "0123456789abcdef"}
    write_cell(folder, replace(right, measured=right.measured | {"networks": networks}))
    missing = "WebP", "40", 0
    try:
        assert run(smoke, "page") == 2
        assert "1 by 0123456789abcdef (JPEG 4:2:0 60)" in capsys.readouterr().err
        remove_cell(folder, "segmentation", missing)
        assert run(smoke, "run", "--only", "segmentation") == 2
        assert "delete the lines of one kind" in capsys.readouterr().err
        assert missing not in read_task(folder, "segmentation")
    finally:
        file.write_bytes(kept)


def test_the_page_shows_what_is_there_and_says_what_is_not(smoke: Path) -> None:
    folder = smoke / "out" / "cells"
    kept = task_file(folder, "whole_slides").read_bytes()
    remove_cell(folder, "whole_slides", ("PathAE", "50", 0))
    try:
        assert run(smoke, "page") == 0
    finally:
        task_file(folder, "whole_slides").write_bytes(kept)
    page = (smoke / "out" / "README.md").read_text("utf-8")
    for words in ("Table 1", "Table 2", "Table 3", "may be claimed", "lost, %", "Whole slides"):
        assert words in page
    assert "not measured yet" in page
    assert "nan" not in page
    assert "| drawn.tif | JPEG 4:2:0 60 |" in page
    assert "| drawn.tif | PathAE 50 |" not in page


def test_the_users_own_folder_is_all_that_is_measured(
    smoke: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["run", "smoke", "--tiles", str(smoke / "data" / "tiles")]
    arguments += ["--out", str(tmp_path / "out"), "--work", str(tmp_path / "work")]
    assert main([*arguments, "--only", "feature_similarity,segmentation"]) == 0
    assert "left out: segmentation: no nuclei at hand" in capsys.readouterr().out
    found = list(cells.read_cells(tmp_path / "out" / "cells"))
    assert {cell.task for cell in found} == {"feature_similarity"}
    assert list(found[0].measured["sets"]) == ["tiles"]


def test_libraries_that_are_missing_are_told(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(command_line, "find_spec", lambda name: None if name == "scipy" else name)
    assert main(["page"]) == 2
    assert "expected scipy, found none" in capsys.readouterr().err


def test_the_examples_of_the_help_are_right() -> None:
    start = "python -m benchmarks.bench "
    help_text = command_line.parser().format_help()
    examples = [e for line in help_text.splitlines() if (e := line.strip()).startswith(start)]
    assert len(examples) == 4
    for example in examples:
        command_line.parser().parse_args(example.removeprefix(start).split())


def test_the_package_does_not_know_the_benchmarks() -> None:
    files = list(Path(pathae_codec.__file__).parent.rglob("*.py"))
    assert len(files) > 100
    imports = re.compile(r"""(import|from|import_module\(|find_spec\() *["']?benchmarks\b""")
    assert [file for file in files if imports.search(file.read_text("utf-8"))] == []


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["run", "no-such.toml"], "no-such.toml"),
        (["run", "smoke", "--only", "lunch"], "lunch"),
        (["run", "smoke", "--tiles", "no-such-folder"], "no-such-folder"),
        (["run", "smoke", "--data", "no-such-folder"], "expected data, found none"),
        (["page", "smoke", "--data", "no-such-folder"], "expected data, found none"),
    ],
)
def test_wrong_words_are_told(
    arguments: list[str], words: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*arguments, "--out", str(tmp_path)]) == 2
    assert words in capsys.readouterr().err


def test_unknown_settings_of_a_task_are_told() -> None:
    with pytest.raises(SettingError, match="lmit"):
        load_task("segmentation", {"lmit": 3})


def test_shipped_configs_name_tasks_and_settings_that_there_are(tmp_path: Path) -> None:
    for name in ("full", "smoke"):
        config = load_config(name, tmp_path, NO_FOLDERS)
        assert set(config.tasks) == set(NAMES)
        for task, table in config.tasks.items():
            load_task(task, table)
