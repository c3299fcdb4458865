"""Pyramidal TIFF, Aperio-style, as tiffslide and tifffile read it. Spec: v1, TIFF binding.

tifffile writes no compression that it does not know. So tiles are written as bytes under a known
one, and the compression tag of every level is set to ours at the end: public interface only. So are
the ledger and the root, whose places are kept from the beginning: they have the same number
of bytes whatever the tiles are.
"""

import json
from collections.abc import Iterable, Iterator
from pathlib import Path

from pathae_codec.closing import Closing
from pathae_codec.geometry import Level, TileIndex, tile_grid
from pathae_codec.record.description import SlideDescription
from pathae_codec.record.slide_record import SlideRecord
from pathae_codec.tiff.aperio import describe_level, needs_bigtiff, resolution, write_associated
from pathae_codec.tiff.tags import (
    COMPRESSION,
    COMPRESSION_TAG,
    LEDGER_TAG,
    NODATA_TAG,
    PARAMETERS_TAG,
    RECORD_TAG,
)

_PLACEHOLDER = 50002
"""JPEG XL: the compression that tiles are written under until the tag is set."""
_ASCII, _UNDEFINED = 2, 7


class TiffContainer(Closing):
    """A TIFF file being written: level 0, thumbnail, other levels, label, macro."""

    def __init__(self, path: Path, description: SlideDescription) -> None:
        from tifffile import TiffWriter

        self._path = path
        self._description = description
        self._draft = description.draft()
        # Lossless fallback tiles are the largest there are: if all were, they would still fit.
        big = needs_bigtiff(description.levels, self._draft.layout.size)
        self._writer = TiffWriter(path, bigtiff=big)

    def tile_order(self, level: Level) -> Iterable[TileIndex]:
        """Return the tiles row by row, as TIFF numbers them."""
        return tile_grid(level, self._description.record.tile)

    def write_level(self, level: Level, tiles: Iterable[bytes]) -> None:
        """Store a level; the thumbnail follows level 0, where Aperio readers look for it."""
        slide, record = self._description, self._description.record
        self._writer.write(
            self._noted(level, tiles),
            shape=(level.height, level.width, 3),
            dtype="uint8",
            tile=(record.tile, record.tile),
            compression=_PLACEHOLDER,
            photometric="rgb",
            description=describe_level(
                slide.levels, level, record.tile, "PathAE", record.mpp, record.magnification
            ),
            extratags=self._extratags(level),
            metadata=None,
            software=False,
            iccprofile=slide.icc_profile,
            **resolution(record.mpp, level),
        )
        if level.index == 0:
            self._write_associated("thumbnail")

    def finish(self) -> None:
        """Store label and macro, then mark the levels as ours and settle record and ledger."""
        from tifffile import TiffFile, TiffPage

        self._write_associated("label")
        self._write_associated("macro")
        self._writer.close()
        with TiffFile(self._path, mode="r+") as tiff:
            for page in tiff.pages:
                if isinstance(page, TiffPage) and page.is_tiled:
                    page.tags[COMPRESSION_TAG].overwrite(COMPRESSION)
            record, ledger = self._description.settle(self._draft)
            first = tiff.pages.first.tags
            first[RECORD_TAG].overwrite(_record_text(record))
            first[LEDGER_TAG].overwrite(ledger)

    def close(self) -> None:
        """Close the file; it is whole after `finish` alone."""
        self._writer.close()

    def _noted(self, level: Level, tiles: Iterable[bytes]) -> Iterator[bytes]:
        for index, tile in zip(self.tile_order(level), tiles, strict=True):
            self._draft.note(level.index, index, tile)
            yield tile

    def _write_associated(self, name: str) -> None:
        slide = self._description
        write_associated(
            self._writer,
            slide.associated,
            name,
            slide.icc_profile,
            lossless=slide.keeps_all_of(name),
        )

    def _extratags(self, level: Level) -> list[tuple[int, int, int, object, bool]]:
        tags: list[tuple[int, int, int, object, bool]] = [(NODATA_TAG, _ASCII, 0, "255", True)]
        if level.index == 0:
            record, parameters = self._description.record, self._description.parameters
            ledger = bytes(self._draft.layout.size)
            tags.append((RECORD_TAG, _ASCII, 0, _record_text(record), True))
            tags.append((PARAMETERS_TAG, _UNDEFINED, len(parameters), parameters, True))
            tags.append((LEDGER_TAG, _UNDEFINED, len(ledger), ledger, True))
        return tags


def _record_text(record: SlideRecord) -> str:
    return json.dumps(record.as_json())
