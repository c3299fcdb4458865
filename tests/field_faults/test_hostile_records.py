"""A slide record of more values than a slide can need is refused before they are read."""

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pathae_codec.bitstream.limits import MAX_RECORD_VALUES
from pathae_codec.cli import main
from pathae_codec.record.checks import parse_json
from pathae_codec.transcoding.transcode import transcode_slide
from tests.field_faults.small_slide import write_converted

ROOM = 16 * 2**20
"""A quarter of what a record may have; all of it took 20 s and more."""
PLACE = {"level": 0, "row": 0, "column": 0}


@pytest.fixture(scope="module")
def converted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = write_converted(tmp_path_factory.mktemp("hostile"))
    transcode_slide(path, path.parent / "c.ome.zarr")
    return path.parent / "c.ome.zarr" / "zarr.json"


def blank(record: dict[str, Any]) -> None:
    record["tiles"]["blanked"] = [PLACE] * (ROOM // 36)


def lose(record: dict[str, Any]) -> None:
    record["lossy_history"] = [{"method": ""}] * (ROOM // 17)


def nest(record: dict[str, Any]) -> None:
    record["x"] = [[]] * (ROOM // 4)


def many_sources(record: dict[str, Any]) -> None:
    record["model"]["sources"] = [""] * (ROOM // 4)


@pytest.mark.parametrize("fill", [blank, lose, nest, many_sources])
def test_a_long_record_is_bounded(
    fill: Callable[[dict[str, Any]], None], converted: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = converted.read_text("utf-8")
    metadata = json.loads(before)
    fill(metadata["attributes"]["pathae"])
    converted.write_text(json.dumps(metadata), "utf-8")
    started = time.process_time()
    try:
        assert main(["info", str(converted.parent)]) == 2
    finally:
        converted.write_text(before, "utf-8")
    assert f"expected {MAX_RECORD_VALUES} values at most" in capsys.readouterr().err
    assert time.process_time() - started < 1


def test_texts_are_no_values() -> None:
    text = json.dumps({"a": '\\",[{' * MAX_RECORD_VALUES, "b\\": [1, 2]})
    assert parse_json(text.encode(), "record")["b\\"] == [1, 2]
    with pytest.raises(ValueError, match="values at most"):
        parse_json(json.dumps({"a": [0] * (MAX_RECORD_VALUES + 1)}).encode(), "record")
