"""Parameters without a decoder: alphabets at the limits, and several table sets."""

import numpy as np
from numpy.typing import NDArray

from pathae_codec.bitstream.frequencies import FrequencyTables, normalize_counts
from pathae_codec.model.artifact import Bottleneck, ModelArtifact
from pathae_codec.model.quantizer import Quantizer

EDGE_ALPHABETS = (1, 2, 3, 4096)
SETS_ALPHABETS, SETS = (9, 1, 40), 3


def edge_model() -> ModelArtifact:
    """Return parameters whose alphabets are at the limits; all symbols but one are rare."""
    tables, codewords = [], []
    for alphabet in EDGE_ALPHABETS:
        counts = np.zeros(alphabet, np.int64)
        counts[alphabet // 2] = 1000
        tables.append(normalize_counts(counts)[None])
        codewords.append(np.arange(alphabet, dtype=np.float32))
    return _symbols_only(FrequencyTables(tuple(tables)), codewords)


def sets_model() -> ModelArtifact:
    """Return parameters with three table sets: the higher the set, the wider its tables."""
    tables, codewords = [], []
    for alphabet in SETS_ALPHABETS:
        far = np.abs(np.arange(alphabet) - alphabet // 2)
        widths = [1000 // (1 + far) ** (SETS - index) for index in range(SETS)]
        tables.append(np.stack([normalize_counts(counts) for counts in widths]))
        codewords.append(np.arange(alphabet, dtype=np.float32))
    return _symbols_only(FrequencyTables(tuple(tables)), codewords)


def _symbols_only(tables: FrequencyTables, codewords: list[NDArray[np.float32]]) -> ModelArtifact:
    return ModelArtifact(
        name="symbols-only",
        factor=8,
        latent_channels=len(codewords),
        decoder_id="sha256:" + "0" * 64,
        encoder_id="sha256:" + "0" * 64,
        analysis=None,
        synthesis=None,
        bottlenecks={0: Bottleneck(Quantizer(tuple(codewords), None), tables)},
        canary=None,
        card={"license": "CC0-1.0", "sources": []},
    )
