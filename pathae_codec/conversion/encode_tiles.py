"""Tiles of a slide -> coded tiles in a spool, batch by batch."""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial

import numpy as np

from pathae_codec.arrays import Pixels
from pathae_codec.codec.assured import AssuredEncoder, CodedTile, no_streams
from pathae_codec.codec.spool import TileSpool
from pathae_codec.conversion.keep_regions import Regions
from pathae_codec.conversion.tile_plan import TilePlan
from pathae_codec.geometry import Level, TileIndex, pad_to_tile
from pathae_codec.slide.blanking import read_or_blank
from pathae_codec.slide.interface import SlideReader
from pathae_codec.slide.streams import SlideStreams

Progress = Callable[[int, int], None]
Batch = tuple[Level, list[TileIndex], "list[Future[tuple[Pixels, bool]]]"]


def encode_rest(
    slide: SlideReader,
    streams: SlideStreams,
    encoder: AssuredEncoder,
    spool: TileSpool,
    plan: TilePlan,
    regions: Regions | None,
    blank: bool,
    progress: Progress | None,
) -> None:
    """Encode what the spool does not have yet; reading goes on while the network runs.

    Args:
        slide: Gives the pixels.
        streams: Gives the source's own tiles, where they fit the plan's.
        encoder: Of the tiles, each held to its floor.
        spool: Appended to, batch by batch.
        plan: The tiles in their order.
        regions: Whose tiles are kept losslessly; None for no such.
        blank: What the source cannot give becomes white.
        progress: Called after each batch with tiles done and tiles in all.
    """

    def read(level: Level, index: TileIndex) -> tuple[Pixels, bool]:
        region = level.index, *_visible(level, index, plan.tile)
        return read_or_blank(slide, *region) if blank else (slide.read_region(*region), False)

    with ThreadPoolExecutor(2) as pool:
        batches = plan.batches(len(spool.entries))
        ahead = _submit(pool, read, next(batches, None))
        while ahead is not None:
            (level, indices, futures), ahead = ahead, _submit(pool, read, next(batches, None))
            tiles, blanked = zip(*(future.result() for future in futures), strict=True)
            own = [
                no_streams if gone else partial(streams.tile, level.index, index, plan.tile)
                for index, gone in zip(indices, blanked, strict=True)
            ]
            coded = encoder.encode(
                np.stack([pad_to_tile(pixels, plan.tile) for pixels in tiles]),
                [pixels.shape[:2] for pixels in tiles],
                regions.touched_tiles(level, indices, plan.tile)
                if regions
                else [False] * len(indices),
                own,
            )
            spool.append(
                [
                    CodedTile(tile.data, tile.fidelity, tile.kept, blank)
                    for tile, blank in zip(coded, blanked, strict=True)
                ]
            )
            if progress:
                progress(len(spool.entries), plan.total)


def _submit(
    pool: ThreadPoolExecutor,
    read: Callable[[Level, TileIndex], tuple[Pixels, bool]],
    batch: tuple[Level, list[TileIndex]] | None,
) -> Batch | None:
    if batch is None:
        return None
    level, indices = batch
    return level, indices, [pool.submit(read, level, index) for index in indices]


def _visible(level: Level, index: TileIndex, tile: int) -> tuple[int, int, int, int]:
    """Return x, y, width and height of the part of a tile that is on its level."""
    x, y = index.column * tile, index.row * tile
    return x, y, min(tile, level.width - x), min(tile, level.height - y)
