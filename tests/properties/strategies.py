"""Hypothesis strategies for what the format holds."""

import numpy as np
from hypothesis import strategies as st

from pathae_codec.bitstream.frequencies import FrequencyTables, normalize_counts
from pathae_codec.bitstream.header import ImageCoding, Mode, StreamCoding, TileHeader

counts = st.lists(st.integers(0, 1000), min_size=1, max_size=40)


@st.composite
def tables(draw: st.DrawFn) -> FrequencyTables:
    channels = draw(st.lists(counts, min_size=1, max_size=4))
    sets = draw(st.integers(1, 3))
    return FrequencyTables(
        tuple(
            np.stack([normalize_counts(np.roll(c, shift)) for shift in range(sets)])
            for c in channels
        )
    )


@st.composite
def sets_for(draw: st.DrawFn, model: FrequencyTables, tiles: int) -> np.ndarray:
    drawn = draw(st.lists(st.integers(0, model.sets - 1), min_size=tiles, max_size=tiles))
    return np.array(drawn)


@st.composite
def symbols_for(draw: st.DrawFn, model: FrequencyTables) -> np.ndarray:
    tiles, positions = draw(st.integers(1, 4)), draw(st.integers(1, 40))
    generator = np.random.default_rng(draw(st.integers(0, 2**32)))
    return np.stack(
        [generator.integers(0, t.shape[1], (tiles, positions)) for t in model.channels], axis=1
    ).astype(np.uint16)


@st.composite
def headers(draw: st.DrawFn) -> TileHeader:
    mode = draw(st.sampled_from(Mode))
    coding = {
        Mode.CONSTANT: st.just(0),
        Mode.LATENT: st.integers(0, 8),
        Mode.FALLBACK: st.sampled_from([c.value for c in ImageCoding]),
        Mode.EXACT: st.sampled_from([c.value for c in StreamCoding]),
    }[mode]
    sets = mode in (Mode.LATENT, Mode.EXACT)
    side = st.integers(1, 4096)
    return TileHeader(
        mode=mode,
        height=draw(side),
        width=draw(side),
        channels=3 if mode is Mode.EXACT else draw(st.integers(1, 4)),
        quality=draw(st.integers(0, 100)) if mode is Mode.LATENT else 0,
        table_set=draw(st.integers(0, 255)) if sets else 0,
        coding=draw(coding),
        payload_length=draw(st.integers(0, 2**32 - 1)),
    )
