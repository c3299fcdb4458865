"""Codecs at their settings, judged on the same tiles."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path

import numpy as np

from benchmarks.bench.codec_setting import CodecSetting
from benchmarks.judges.judge import Features, Judge
from benchmarks.measures import psnr_of_tiles
from pathae_codec.arrays import Pixels

STORED = Path(__file__).parents[1] / "results" / "judges.json"
"""Rows of the standard codecs on the tiles that judges look at."""
MOST_DECIBELS = 100.0
"""For equal pixels, whose PSNR is infinite: JSON knows no such number."""


@dataclass(frozen=True)
class Row:
    """A codec at one setting, on one set of tiles.

    Attributes:
        bpp: Bits a pixel, headers included.
        psnr: Mean PSNR of the tiles in dB.
        similarity: Mean over the tiles, by judge.
    """

    codec: str
    setting: str
    bpp: float
    psnr: float
    similarity: Mapping[str, float]


@dataclass(frozen=True)
class Original:
    """Tiles, uint8 (N, H, W, 3), and what each judge sees in them."""

    name: str
    tiles: Pixels
    features: Mapping[str, Features]

    @property
    def digest(self) -> str:
        """Of the pixels."""
        return sha256(np.ascontiguousarray(self.tiles)).hexdigest()[:16]


def show_original(name: str, tiles: Pixels, judges: Sequence[Judge]) -> Original:
    """Let every judge see the originals once."""
    return Original(name, tiles, {judge.name: judge.features(tiles) for judge in judges})


def judge_codec(
    settings: Sequence[CodecSetting], original: Original, judges: Sequence[Judge]
) -> list[Row]:
    """Return a row for each setting of a codec.

    Args:
        settings: How tiles are encoded and decoded, see `benchmarks.bench.codec_setting`.
        original: As `show_original` gives it for the same judges.
        judges: Who judges.
    """
    return [_judge_setting(setting, original, judges) for setting in settings]


def _judge_setting(setting: CodecSetting, original: Original, judges: Sequence[Judge]) -> Row:
    tiles = original.tiles
    data = setting.encode(tiles)
    decoded = np.stack(setting.decode(data))
    return Row(
        setting.codec,
        setting.setting,
        8 * sum(map(len, data)) / tiles[..., 0].size,
        float(np.minimum(psnr_of_tiles(tiles, decoded), MOST_DECIBELS).mean()),
        {
            judge.name: float(
                judge.compare(original.features[judge.name], judge.features(decoded)).mean()
            )
            for judge in judges
        },
    )


@dataclass(frozen=True)
class Cache:
    """Rows of the standard codecs in a JSON file: they do not change with the model.

    Rows are found again by all that they depend on: pixels, codec and its library, judges.
    """

    path: Path

    def judge_codec(
        self, settings: Sequence[CodecSetting], original: Original, judges: Sequence[Judge]
    ) -> list[Row]:
        """Return the rows of `judge_codec`, measuring those that are not there."""
        rows = []
        for setting in settings:
            key = f"{original.digest} {setting.identity}"
            known = self._read().get(key, {})
            wanted = [judge for judge in judges if judge.digest not in known.get("judges", {})]
            if wanted or not known:
                (row,) = judge_codec([setting], original, wanted)
                known = self._with(key, original.name, known, row, wanted)
            similarity = {judge.name: known["judges"][judge.digest] for judge in judges}
            rows.append(Row(**known["row"], similarity=similarity))
        return rows

    def _read(self) -> dict[str, dict[str, dict[str, float]]]:
        return json.loads(self.path.read_text("utf-8")) if self.path.exists() else {}

    def _with(
        self,
        key: str,
        tiles: str,
        known: Mapping[str, Mapping[str, float]],
        row: Row,
        judges: Sequence[Judge],
    ) -> dict[str, dict[str, float]]:
        """Write a row; rows of other judges for the same codec stay."""
        plain = asdict(row)
        similarity = plain.pop("similarity")
        seen = {**known.get("judges", {}), **{j.digest: similarity[j.name] for j in judges}}
        entry = {"tiles": tiles, "row": plain, "judges": seen}
        everything = {**self._read(), key: entry}
        self.path.parent.mkdir(parents=True, exist_ok=True)
        part = self.path.with_suffix(".part")
        part.write_text(json.dumps(everything, indent=1) + "\n", "utf-8")
        part.replace(self.path)
        return entry
