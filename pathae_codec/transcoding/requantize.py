"""Latent tiles -> latent tiles of a lower rung, from what is stored: no network is run.

symbols -> dequantize -> quantize at the lower rung -> symbols. The latents are rounded twice, so
that the tiles are a little worse than those that a conversion at the lower rung makes.
"""

import logging
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from itertools import groupby

import numpy as np

from pathae_codec.bitstream.header import Mode, TileHeader
from pathae_codec.bitstream.tile import unpack_tile
from pathae_codec.codec.latent import pack_latent_tiles
from pathae_codec.codec.tile_codec import TileCodec
from pathae_codec.errors import FieldError, ModelMismatchError, SettingError
from pathae_codec.model.artifact import ModelArtifact
from pathae_codec.model.library import find_model
from pathae_codec.model.quantizer import dequantize, quantize
from pathae_codec.record.lossy_history import PATHAE, LossyStep, appended
from pathae_codec.record.slide_record import SlideRecord
from pathae_codec.version import SOFTWARE

_log = logging.getLogger(__name__)


class Requantizer:
    """Lower the quality of tiles of one file.

    Args:
        stored: The file's codec parameters.
        quality: What is asked for; the nearest rung of the model is taken.
        stated: The rung that the file's record states.

    Raises:
        SettingError: The rung is not below the stated one.
        ModelNotFoundError: The whole model is not on this machine.
        ModelMismatchError: It has other codewords than the file at a rung that both have.
    """

    def __init__(self, stored: ModelArtifact, quality: int, stated: int) -> None:
        # Thresholds and the tables of other rungs are in the whole model only.
        model = find_model(stored.encoder_id)
        self.quality = model.nearest_quality(quality)
        if other := model.describe_rung(quality):
            _log.warning("%s", other)
        if stated in model.profiles.values():
            raise SettingError(
                f"quality: expected a file on the ladder {list(model.qualities)}, got one of a "
                "profile; convert the slide again"
            )
        if self.quality >= stated:
            raise SettingError(
                f"quality: expected one below the file's, {stated}, got {self.quality}; what was "
                "rounded away does not come back"
            )
        self._stored = stored
        self._codec = TileCodec(stored)
        self._target = model.bottlenecks[self.quality]
        own = stored.bottlenecks.get(self.quality)
        pairs = zip(
            self._target.quantizer.codewords, own.quantizer.codewords if own else (), strict=False
        )
        if not all(np.array_equal(ours, theirs) for ours, theirs in pairs):
            raise ModelMismatchError(
                f"model {model.name}: expected the file's codewords at quality {self.quality}, "
                "got others"
            )

    @property
    def parameters(self) -> ModelArtifact:
        """The codec parameters of the new file.

        The canary stays what it is, and with it the bottleneck of its rung: a new one would need
        the decoder.
        """
        stored = self._stored
        canary = unpack_tile(stored.canary.tile)[0].quality if stored.canary else None
        kept = {q: b for q, b in stored.bottlenecks.items() if q < self.quality or q == canary}
        bare = replace(self._target, quantizer=replace(self._target.quantizer, thresholds=None))
        return replace(stored, bottlenecks={**kept, self.quality: bare})

    def lower(self, tiles: Sequence[bytes]) -> list[bytes]:
        """Return the tiles at the lower rung; those of other modes or at it already as they are.

        Args:
            tiles: Tile bitstreams.

        Raises:
            FormatError: One is damaged.
        """
        opened = [unpack_tile(tile) for tile in tiles]
        lowered = list(tiles)
        above = [
            number
            for number, (header, _) in enumerate(opened)
            if header.mode is Mode.LATENT and header.quality > self.quality
        ]
        above.sort(key=lambda number: _layout(opened[number][0]))
        for (height, width, quality), numbers in groupby(above, lambda n: _layout(opened[n][0])):
            alike = list(numbers)
            bottleneck = self._stored.bottlenecks.get(quality)
            if bottleneck is None:
                raise FieldError(
                    f"tile quality: expected one of {self._stored.qualities}, got {quality}"
                )
            symbols = self._codec.decode_tile_symbols([opened[number] for number in alike])
            factor = self._stored.factor
            size = height // factor, width // factor
            latents = dequantize(symbols, bottleneck.quantizer, *size)
            lower = quantize(latents, self._target.quantizer)
            packed = pack_latent_tiles(lower, self._target, self.quality, height, width)
            for number, tile in zip(alike, packed, strict=True):
                lowered[number] = tile
        return lowered


def requantized_record(record: SlideRecord, quality: int) -> SlideRecord:
    """Return the slide record after requantization: one more lossy step, and no floor that is held.

    It is no longer what a conversion was asked for.

    Args:
        record: Of the file before.
        quality: The rung that its latent tiles were lowered to.
    """
    step = LossyStep(
        PATHAE,
        quality=quality,
        software=SOFTWARE,
        parameters={"requantized_from": record.quality},
    )
    tiles, history = record.tiles, record.lossy_history
    # Without a latent tile nothing was lost.
    if tiles is None or tiles.modes["latent"] > 0:
        history = appended(history, step)
    if tiles is not None:
        rungs = Counter[str]()
        for rung, number in tiles.rungs.items():
            rungs[str(min(int(rung), quality))] += number
        tiles = replace(
            tiles, min_psnr=None, max_error=None, worst_psnr=None, worst_error=None, rungs=rungs
        )
    return replace(record, quality=quality, lossy_history=history, tiles=tiles, conversion=None)


def _layout(header: TileHeader) -> tuple[int, int, int]:
    return header.height, header.width, header.quality
