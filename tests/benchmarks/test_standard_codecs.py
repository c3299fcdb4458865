"""The codecs to compare with: each is what its name says."""

import numpy as np
import pytest

pytest.importorskip("PIL", reason="AVIF by PSNR is written by Pillow")
from PIL import features

from benchmarks.standard_codecs import standard_codecs
from pathae_codec.fidelity import psnr
from tests.bench_data import draw_nuclei

TILE = draw_nuclei(128, 40, 1)[0]
AVIF = ("AVIF s6", "AVIF s6 psnr", "AVIF s2 psnr")


def needs_avif(name: str) -> None:
    if "psnr" in name and not features.check("avif"):
        pytest.skip("this Pillow has no AVIF")


@pytest.mark.parametrize("name", standard_codecs())
def test_more_bytes_are_nearer(name: str) -> None:
    needs_avif(name)
    settings, encode, decode = standard_codecs()[name]
    few, many = (encode(TILE, setting) for setting in (settings[0], settings[-2]))
    assert len(few) < len(many)
    assert decode(few).shape == TILE.shape
    assert psnr(TILE, decode(few)) + 2 < psnr(TILE, decode(many))


@pytest.mark.parametrize("name", AVIF)
def test_avif_keeps_all_chroma(name: str) -> None:
    """The configuration box has neither flag of subsampling (AV1-ISOBMFF, 2.3.3)."""
    needs_avif(name)
    data = standard_codecs()[name].encode(TILE, 45)
    flags = data[data.index(b"av1C") + 6]
    assert flags & 0b1100 == 0


def test_avif_by_psnr_is_ahead_by_psnr() -> None:
    needs_avif("AVIF s2 psnr")
    codecs = standard_codecs()
    curves = {}
    for name in ("AVIF s6", "AVIF s2 psnr"):
        _, encode, decode = codecs[name]
        data = [encode(TILE, quality) for quality in (25, 35, 45, 55)]
        curves[name] = ([len(d) for d in data], [psnr(TILE, decode(d)) for d in data])
    sizes = np.linspace(*(np.log(curves["AVIF s6"][0][i]) for i in (0, -1)), 20)
    usual, tuned = (np.interp(sizes, np.log(s), p).mean() for s, p in curves.values())
    assert tuned > usual + 0.1


def test_effort_9_takes_fewer_bytes_than_7() -> None:
    codecs = standard_codecs()
    sizes = [len(codecs[f"JPEG XL e{effort}"].encode(TILE, 2.2)) for effort in (7, 9)]
    assert sizes[1] < sizes[0]
