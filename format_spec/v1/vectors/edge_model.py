"""Parameters of a model whose alphabets are at the limits."""

import numpy as np

from pathae_codec.bitstream.frequencies import FrequencyTables, normalize_counts
from pathae_codec.model.artifact import Bottleneck, ModelArtifact
from pathae_codec.model.quantizer import Quantizer

EDGE_ALPHABETS = (1, 2, 3, 4096)


def edge_model() -> ModelArtifact:
    """Give parameters whose alphabets are at the limits; all symbols but one are rare."""
    tables, codewords = [], []
    for alphabet in EDGE_ALPHABETS:
        counts = np.zeros(alphabet, np.int64)
        counts[alphabet // 2] = 1000
        tables.append(normalize_counts(counts))
        codewords.append(np.arange(alphabet, dtype=np.float32))
    return ModelArtifact(
        name="symbols-only",
        factor=8,
        latent_channels=len(EDGE_ALPHABETS),
        decoder_id="sha256:" + "0" * 64,
        encoder_id="sha256:" + "0" * 64,
        analysis=None,
        synthesis=None,
        bottlenecks={
            0: Bottleneck(Quantizer(tuple(codewords), None), FrequencyTables(tuple(tables)))
        },
        canary=None,
        card={"license": "CC0-1.0", "sources": []},
    )
