"""What a verification asks of a file before a tile is decoded: sample, statement, metadata."""

from dataclasses import replace

import pytest

from pathae_codec.errors import SettingError
from pathae_codec.geometry import Level, TileIndex
from pathae_codec.privacy.icc_profile import neutral_profile
from pathae_codec.record.slide_record import SlideRecord
from pathae_codec.record.tally import MODES, NOT_COUNTED
from pathae_codec.slide.interface import SlideProperties
from pathae_codec.verification.metadata import compare_metadata
from pathae_codec.verification.sample import Sample, choose_tiles
from tests.conformance.test_schemas import RECORD
from tests.mixed_slide import TILE
from tests.planted_slide import planted_icc

TILES = {
    "min_psnr": None, "max_error": None, "modes": dict.fromkeys(MODES, 0), "rungs": {}, "kept": 0,
    "worst_psnr": None, "worst_error": None, "blanked": [],
}  # fmt: skip
LEVELS = (Level(0, 5000, 3000, 1.0), Level(1, 1250, 750, 4.0), Level(2, 312, 187, 16.0))


@pytest.mark.parametrize("count", [1, 3, 10, 200, 288, 10_000])
def test_samples_are_drawn_by_their_seed(count: int) -> None:
    def drawn(seed: int) -> list[list[TileIndex]]:
        return [list(tiles) for _, _, tiles in choose_tiles(LEVELS, TILE, Sample(count, seed))]

    tiles = drawn(5)
    assert tiles == drawn(5)
    assert (tiles == drawn(6)) == (count >= 257)
    assert sum(map(len, tiles)) == min(max(count, len(LEVELS)), 240 + 15 + 2)
    for level, indices in zip(LEVELS, tiles, strict=True):
        assert indices == sorted(set(indices))
        assert indices
        assert max(index.row for index in indices) * TILE < level.height
        assert max(index.column for index in indices) * TILE < level.width


@pytest.mark.parametrize(
    "tiles",
    [
        7,
        {"min_psnr": "high"},
        {"max_error": 1.5},
        {"modes": {"constant": "x"}},
        {"blanked": [{"level": 0}]},
        {"blanked": 3},
        {"kept": -1},
        {"rungs": {"high": 1}},
        {"worst_error": {"max_error": 256, "level": 0, "row": 0, "column": 0}},
        {"worst_psnr": {"psnr": "<b>", "level": 0, "row": 0, "column": 0}},
    ],
)
def test_statements_are_not_taken_on_trust(tiles: object) -> None:
    changed = TILES | tiles if isinstance(tiles, dict) else tiles
    record = SlideRecord.parse(RECORD | {"tiles": changed})
    assert list(record.problems) == ["tiles"]
    assert record.tiles is None
    assert record.as_json() == RECORD | {"tiles": changed}


def test_a_file_may_state_nothing() -> None:
    record = SlideRecord.parse(RECORD)
    assert record.tiles is None
    assert not record.problems
    counted = SlideRecord.parse(RECORD | {"tiles": TILES}).tiles
    assert counted == replace(NOT_COUNTED, modes=TILES["modes"])


@pytest.mark.parametrize("tiles", [0, -3])
def test_empty_samples_are_refused(tiles: int) -> None:
    with pytest.raises(SettingError, match="1 tile or more"):
        Sample(tiles)


def compare_profile(source: bytes | None, stored: bytes | None) -> bool:
    properties = SlideProperties("tiff", None, None, source, None)
    record = SlideRecord.parse(RECORD | {"mpp": None, "magnification": None})
    lines = compare_metadata(LEVELS, properties, LEVELS, record, stored)
    return {line.name: line.same for line in lines}["ICC profile"]


def test_profiles_agree_with_and_without_their_names() -> None:
    profile = planted_icc()
    neutral = neutral_profile(profile)
    assert neutral is not None
    assert neutral != profile
    assert compare_profile(profile, profile)
    assert compare_profile(profile, neutral)
    assert compare_profile(None, None)
    assert not compare_profile(profile, None)
    assert not compare_profile(profile, neutral[:-1] + b"?")
    assert not compare_profile(None, neutral)
    # What cannot be read is left behind.
    assert compare_profile(b"no profile", None)


def test_kept_metadata_are_compared_and_not_told() -> None:
    properties = SlideProperties("tiff", None, None, None, None, metadata={"patient": "Doe"})
    for kept, same in (({"patient": "Doe"}, True), ({"patient": "Roe"}, False)):
        source = {"format": "tiff", "compression": None, "metadata": kept}
        record = SlideRecord.parse(RECORD | {"source": source})
        *_, line = compare_metadata(LEVELS, properties, LEVELS, record, None)
        assert line.name == "other metadata"
        assert line.same == same
        assert "oe" not in line.source + line.file
