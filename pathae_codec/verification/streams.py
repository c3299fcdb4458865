"""Exact tiles against the source's own: whether each stream comes back bit for bit."""

from dataclasses import dataclass
from pathlib import Path

from pathae_codec.bitstream.exact import JpegSet, original_streams
from pathae_codec.bitstream.tile import unpack_tile
from pathae_codec.codec.decode_queue import codec_for
from pathae_codec.container.interface import ContainerReader
from pathae_codec.errors import FormatError
from pathae_codec.geometry import tile_grid
from pathae_codec.record.tally import TilePlace
from pathae_codec.slide.interface import SlideReader
from pathae_codec.slide.source_streams import open_streams
from pathae_codec.slide.streams import SlideStreams
from pathae_codec.verification.figures import BIT_FOR_BIT, LevelFigures, State


@dataclass(frozen=True)
class StreamsCompared:
    """Streams that came back bit for bit, and a line for each tile of which one did not."""

    same: int = 0
    problems: tuple[str, ...] = ()


def compare_streams(
    reader: ContainerReader,
    source: Path,
    slide: SlideReader,
    levels: tuple[LevelFigures, ...],
) -> StreamsCompared:
    """Compare the streams of the exact tiles whose pixels were compared.

    Args:
        reader: The file.
        source: That it was made from.
        slide: The same, open.
        levels: What was found of its tiles.
    """
    exact = [
        (figures, index)
        for figures in levels
        for index in tile_grid(figures.level, reader.tile)
        if figures.coding[index.row, index.column] == BIT_FOR_BIT
        and figures.state[index.row, index.column] == State.COMPARED
    ]
    if not exact:
        return StreamsCompared()
    sets = codec_for(reader.parameters).model.jpeg_sets
    with open_streams(source, slide) as streams:
        found = [
            _compare(reader, streams, sets, TilePlace(figures.level.index, index.row, index.column))
            for figures, index in exact
        ]
    return StreamsCompared(
        sum(one for one in found if isinstance(one, int)),
        tuple(one for one in found if isinstance(one, str)),
    )


def _compare(
    reader: ContainerReader, streams: SlideStreams, sets: tuple[JpegSet, ...], place: TilePlace
) -> int | str:
    """Return how many streams of a tile came back, or what is wrong with one."""
    data = reader.tile_bytes(place.level, place.index)
    try:
        found = original_streams(*unpack_tile(data or b""), sets)
    except FormatError as error:
        return f"{place}: {error}"
    expected = streams.tile(place.level, place.index, reader.tile)
    if expected is None:
        return 0  # A source in another form, such as a PathAE file of the same slide.
    if found.streams != expected.streams or found.tables != expected.tables:
        return f"{place}: its streams are not those of the source"
    return sum(stream is not None for stream in found.streams)
