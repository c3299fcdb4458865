"""How many tiles go through a network at once: as many as their memory allows.

Spec: v1, section 8.1: an embedded decoder that takes too much for one tile is refused.
"""

from collections.abc import Iterable, Sequence

from pathae_codec.bitstream.header import TileHeader
from pathae_codec.bitstream.limits import MAX_ACTIVATION_BYTES
from pathae_codec.errors import ArtifactError, FieldError, SettingError
from pathae_codec.model.artifact import ModelArtifact, Transform
from pathae_codec.model.cost import check_embedded, decoder_cost

NETWORK_PIXELS = 2**22
"""Most pixels that a network is given at once: bounds the memory."""
SYMBOL_PIXELS = 2**25
"""Most pixels whose symbols are decoded at once: a symbol takes little, and numpy wants many."""


def check_tile_memory(model: ModelArtifact, header: TileHeader) -> None:
    """Check what the decoder that a file brought along takes for one of its latent tiles.

    Args:
        model: The parameters of a file. A decoder beside an encoder is that of a model, which a
            user chose: it is taken as it is.
        header: Of the tile.

    Raises:
        FieldError: More than an embedded decoder may take.
    """
    if model.synthesis is None or model.analysis is not None:
        return
    found = _activation_bytes(model, model.synthesis, header.height * header.width)
    if found > MAX_ACTIVATION_BYTES:
        raise FieldError(
            f"tile of {header.width} x {header.height}: expected an embedded decoder that takes "
            f"{MAX_ACTIVATION_BYTES} bytes between its layers at most, got {found:.0f}"
        )


def synthesis_tiles(model: ModelArtifact, decoder: Transform, header: TileHeader) -> int:
    """Return how many tiles of one shape a synthesis is given at once: at least one."""
    pixels = header.height * header.width
    taken = max(1.0, _activation_bytes(model, decoder, pixels))
    return max(1, min(NETWORK_PIXELS // pixels, int(MAX_ACTIVATION_BYTES // taken)))


def check_embeddable(model: ModelArtifact, side: int) -> None:
    """Check that readers take the decoder of a model out of a file.

    Args:
        model: Whose decoder is to be embedded.
        side: Of the tiles.

    Raises:
        SettingError: It costs more than an embedded decoder may.
    """
    if model.synthesis is None:
        return
    try:
        check_embedded(model.synthesis, model.synthesis_channels)
    except ArtifactError as error:
        raise SettingError(f"embed_model: {error}; leave it out and hand the model on") from None
    found = _activation_bytes(model, model.synthesis, side**2)
    if found > MAX_ACTIVATION_BYTES:
        raise SettingError(
            f"embed_model: expected tiles for which the decoder takes {MAX_ACTIVATION_BYTES} bytes "
            f"between its layers at most, got {found:.0f}; take smaller tiles, or leave it out"
        )


def _activation_bytes(model: ModelArtifact, decoder: Transform, pixels: int) -> float:
    cost = decoder_cost(decoder.layers, model.synthesis_channels, decoder.weights)
    return cost.activation_bytes(pixels)


def in_batches(indices: Sequence[int], count: int) -> Iterable[list[int]]:
    """Return the indices, `count` at a time."""
    for first in range(0, len(indices), count):
        yield list(indices[first : first + count])
