"""What fails in odd ways ends as one line that says what, and no traceback."""

import json
from pathlib import Path

import pytest

from pathae_codec.cli import main
from pathae_codec.conversion.keep_regions import load_regions
from pathae_codec.errors import RegionFileError

RING = [[0, 0], [9, 0], [9, 9], [0, 0]]


def nested(depth: int) -> str:
    inner = json.dumps({"type": "Polygon", "coordinates": [RING]})
    start, end = '{"type": "GeometryCollection", "geometries": [', "]}"
    return start * depth + inner + end * depth


@pytest.mark.parametrize(
    "text",
    [
        nested(5000),
        nested(100_000),
        "[" * 100_000,
        '{"type": "Polygon", "coordinates": ' + "[" * 900 + "0" + "]" * 900 + "}",
        json.dumps({"type": "Polygon", "coordinates": [[[10**400, 0], [1, 1], [2, 2]]]}),
        json.dumps({"type": "Polygon", "coordinates": [[["a", 0], [1, 1], [2, 2]]]}),
        json.dumps({"type": "Polygon", "coordinates": {"a": 1}}),
        json.dumps({"type": "Polygon", "coordinates": [[1, 2, 3]]}),
        json.dumps({"type": "FeatureCollection", "features": 7}),
        json.dumps({"type": ["Polygon"]}),
        "{}", "", "\xff",
    ],
    ids=range(13),
)  # fmt: skip
def test_odd_regions_are_refused_in_one_line(text: str, tmp_path: Path) -> None:
    pytest.importorskip("shapely", reason="shapely is not installed: the extra pathae[regions]")
    path = tmp_path / "regions.geojson"
    path.write_text(text, "latin-1")
    with pytest.raises(RegionFileError) as error:
        load_regions(path)
    assert "\n" not in str(error.value)
    assert len(str(error.value)) < 600


@pytest.mark.parametrize("command", ["info", "validate", "transcode", "export", "convert"])
@pytest.mark.parametrize("name", ["a" * 300 + ".tif", "a/" * 3000 + "x.tif"])
def test_names_that_the_system_does_not_take(
    name: str, command: str, slides: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = [str(slides / "out.tif")] if command in ("transcode", "export", "convert") else []
    assert main([command, name, *out]) == 2
    (line,) = capsys.readouterr().err.strip().splitlines()
    assert line.startswith("pathae: error: ")
    assert "unforeseen" not in line
    if out:
        assert main([command, str(slides / "slide.tif"), name]) == 2
        assert len(capsys.readouterr().err.strip().splitlines()) == 1
