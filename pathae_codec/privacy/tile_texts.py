"""What tiles that hold an image of another codec say beside their pixels."""

from collections.abc import Iterator
from contextlib import suppress

from pathae_codec.bitstream.exact import original_streams
from pathae_codec.bitstream.header import Mode
from pathae_codec.bitstream.tile import unpack_tile
from pathae_codec.container.interface import ContainerReader
from pathae_codec.errors import BackendUnavailableError, FormatError
from pathae_codec.model.artifact import ModelArtifact
from pathae_codec.privacy.image_texts import Found, jpeg_strays, jpegxl_strays
from pathae_codec.privacy.spans import describe_bytes
from pathae_codec.record.tile_hash import describe_place


def tile_strays(container: ContainerReader, model: ModelArtifact) -> Iterator[tuple[str, str]]:
    """Return comments and metadata in fallback and exact tiles; each tile is read.

    Returns:
        Of each its place, and its text or what it is. Tiles that do not open have none.
    """
    for level in container.levels:
        for tile in container.stored_tiles(level.index):
            with suppress(FormatError, BackendUnavailableError):
                # As it lies there: a tile that its reader refuses says something all the same.
                place = tile.place
                data = container.storage.read(place.name, place.start, place.stop)
                for what, stray in image_strays(data, model):
                    where = describe_place(level.index, tile.index)
                    yield f"{where}: {what}", describe_bytes(stray)


def image_strays(data: bytes, model: ModelArtifact) -> Found:
    """Return what a tile bitstream says beside its pixels.

    Raises:
        FormatError: It is none.
    """
    header, payload = unpack_tile(data)
    if header.mode is Mode.FALLBACK:
        yield from jpegxl_strays(payload)
    elif header.mode is Mode.EXACT:
        for stream in original_streams(header, payload, model.jpeg_sets).streams:
            if stream and stream[:2] == b"\xff\xd8":
                yield from jpeg_strays(stream)
