"""One target a boundary: bytes in, an error of this package or a result out.

Seeds are the frozen conformance vectors and fixtures. A target raises `PathAEError` for what it
refuses; any other error is a bug.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from itertools import islice
from pathlib import Path
from zlib import crc32

from pathae_codec.bitstream.exact import decode_exact, original_streams
from pathae_codec.bitstream.header import HEADER, Mode, parse_header
from pathae_codec.bitstream.tile import unpack_tile
from pathae_codec.codec.decode_queue import codec_for
from pathae_codec.codec.tile_codec import TileCodec
from pathae_codec.container.interface import ContainerReader
from pathae_codec.errors import PathAEError
from pathae_codec.geometry import tile_grid
from pathae_codec.model.artifact_file import load_artifact
from pathae_codec.privacy.disclosures import container_strays
from pathae_codec.regions.cache import TileCache
from pathae_codec.regions.properties import slide_properties
from pathae_codec.regions.stored_slide import StoredSlide
from tests.fuzz.mutation import (
    Mutate,
    mutate_artifact,
    mutate_bytes,
    mutate_exact,
    mutate_json,
    mutate_tiff,
    mutate_tile,
    mutate_zarr,
)
from tests.fuzz.text_targets import (
    answers,
    mutate_answer,
    read_answer,
    read_record,
    read_regions,
    records,
    regions,
)
from tests.fuzz.zarr_pack import pack_zarr, unpack_zarr
from tests.memory_storage import load_files, open_files

ROOT = Path(__file__).parents[2]
VECTORS = ROOT / "format_spec" / "v1" / "vectors"
FIXTURES = ROOT / "tests" / "fixtures"
TILES_A_LEVEL = 2
"""Tiles that are decoded of each level of a hostile container."""


@dataclass(frozen=True)
class Target:
    """A boundary.

    Attributes:
        name: For the command line.
        run: Takes bytes; raises `PathAEError` or returns.
        seeds: Gives sound and unsound inputs to start from.
        mutate: Changes an input in a way that knows its structure.
    """

    name: str
    run: Callable[[bytes], None]
    seeds: Callable[[], list[bytes]]
    mutate: Mutate


def read_header(data: bytes) -> None:
    """Parse a header, and open the bitstream that it heads."""
    parse_header(data)
    unpack_tile(data)


def decode_tile(data: bytes) -> None:
    """Decode a tile; one that is refused once more with the length and the CRC of its bytes."""
    try:
        _decode(data)
    except PathAEError:
        if len(data) < HEADER.size + 4:
            raise
        body = data[:12] + (len(data) - HEADER.size - 4).to_bytes(4, "little") + data[16:-4]
        _decode(body + crc32(body).to_bytes(4, "little"))


def restore_streams(data: bytes) -> None:
    """Decode an exact tile, with the CRC of its bytes, and give back its streams."""
    body = data[:-4]
    header, payload = unpack_tile(body + crc32(body).to_bytes(4, "little"))
    if header.mode is not Mode.EXACT:
        return
    sets = _exact_codec().model.jpeg_sets
    try:
        pixels = decode_exact(header, payload, sets)
        assert pixels.shape == (header.height, header.width, 3)
    finally:
        original_streams(header, payload, sets)


def read_tiff(data: bytes) -> None:
    """Open a TIFF, see what is wrong with it, decode of each level and image."""
    _read_container(open_files({"": data}))


def read_zarr(data: bytes) -> None:
    """Open an OME-Zarr whose files lie one behind the other, see `zarr_pack`."""
    _read_container(open_files(unpack_zarr(data)))


def read_artifact(data: bytes) -> None:
    """Load an artifact and decode its canary with the decoder in it."""
    artifact = load_artifact(data)
    if artifact.synthesis is not None and artifact.canary is not None:
        TileCodec(artifact, threads=1).decode_tiles([artifact.canary.tile])


TARGETS = {
    target.name: target
    for target in (
        Target("header", read_header, lambda: list(_tiles()), mutate_bytes),
        Target("tile", decode_tile, lambda: list(_tiles()), mutate_tile),
        Target("exact", restore_streams, lambda: list(_tiles("exact-*")), mutate_exact),
        Target("tiff", read_tiff, lambda: _fixtures("*.tif"), mutate_tiff),
        Target("zarr", read_zarr, lambda: _zarrs(), mutate_zarr),
        Target("artifact", read_artifact, lambda: list(_artifacts()), mutate_artifact),
        Target("record", read_record, records, mutate_json),
        Target("geojson", read_regions, regions, mutate_json),
        Target("answer", read_answer, answers, mutate_answer),
    )
}


def _decode(data: bytes) -> None:
    header, payload = unpack_tile(data)
    codecs = [_exact_codec()] if header.mode is Mode.EXACT else _codecs()
    for codec in codecs:
        if header.mode is Mode.LATENT and codec.model.synthesis is None:
            codec.decode_tile_symbols([(header, payload)])
        else:
            (pixels,) = codec.decode_tiles([data])
            assert pixels.shape == (header.height, header.width, header.channels)
        if header.mode is not Mode.LATENT:
            return


def _read_container(container: ContainerReader) -> None:
    try:
        _decode_some(container)
    finally:
        # As `pathae validate` does, whether or not its tiles decode.
        list(container.problems())
        for level in container.levels:
            list(container.stored_tiles(level.index))
        list(container_strays(container, load_artifact(container.parameters)))


def _decode_some(container: ContainerReader) -> None:
    slide = StoredSlide(container, container.parameters, TileCache(0))
    codec = codec_for(container.parameters)
    for name in container.associated:
        container.associated_image(name)
    slide_properties(slide)
    for level in container.levels:
        for index in islice(tile_grid(level, container.tile), TILES_A_LEVEL):
            data = container.tile_bytes(level.index, index)
            if data is not None:
                codec.decode_tiles([data])


@cache
def _codecs() -> tuple[TileCodec, ...]:
    """Return the vectors' codecs: one that decodes all the way, two for symbols alone."""
    return tuple(map(_codec, ("model", "symbols", "sets")))


@cache
def _exact_codec() -> TileCodec:
    """Return the codec of the vectors' JPEG sets."""
    return _codec("exact")


def _codec(name: str) -> TileCodec:
    artifact = load_artifact((VECTORS / f"{name}.safetensors").read_bytes())
    return TileCodec(artifact, threads=1)


def _tiles(names: str = "*") -> Iterator[bytes]:
    for path in sorted(VECTORS.glob(f"*valid/{names}/tile.pae")):
        if len(data := path.read_bytes()) < 2**16:
            yield data


def _artifacts() -> Iterator[bytes]:
    for path in sorted([*VECTORS.glob("*.safetensors"), *VECTORS.glob("invalid/*/*.safetensors")]):
        yield path.read_bytes()


def _fixtures(pattern: str) -> list[bytes]:
    return [path.read_bytes() for path in sorted(FIXTURES.glob(f"*/{pattern}"))]


def _zarrs() -> list[bytes]:
    return [pack_zarr(load_files(path)) for path in sorted(FIXTURES.glob("*/*.zarr"))]
