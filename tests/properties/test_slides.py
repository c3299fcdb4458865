"""What we write, plain readers read: 200 of the random slides of `tests.properties.slides`."""

from pathlib import Path

import pytest

from tests.properties.random_slides import draw_slide
from tests.properties.slides import main, run

SLIDES = 200


@pytest.mark.slow
@pytest.mark.parametrize("first", [0, 100])
def test_plain_readers_read_what_ours_reads(first: int, tmp_path: Path) -> None:
    numbers = range(first, first + SLIDES // 2)
    ways = run(numbers, 0, tmp_path, every_way=False)
    assert {way.partition(" ")[0] for way in ways} == {
        "convert", "transcode", "requantize", "export",
    }  # fmt: skip
    assert sum(number for way, number in ways.items() if way.startswith("convert")) == len(numbers)


def test_slides_are_of_every_kind() -> None:
    slides = [draw_slide(0, number) for number in range(SLIDES)]
    assert {container for slide in slides for container in slide.containers} == {
        "tif",
        "0.5",
        "0.4",
    }
    assert {slide.export for slide in slides} == {"tiff", "ome-tiff", "ome-zarr"}
    sides = {side % slide.tile for slide in slides for side in slide.sizes[0]}
    assert {0, 1} <= sides
    assert {slide.tile - 1 for slide in slides} & sides
    # A level of exactly one tile, and one of exactly a shard.
    assert any(slide.sizes[0] == (slide.tile, slide.tile) for slide in slides)
    assert any(side == 8 * slide.tile for slide in slides for side in slide.sizes[0])


def test_what_differs_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("tests.properties.slides.by_plain_reader", lambda path, expected: {})
    assert main(["--only", "3", "--folder", str(tmp_path)]) == 1
    said = capsys.readouterr().err
    assert "0: not found" in said
    assert "python -m tests.properties.slides --seed 0 --only 3" in said
