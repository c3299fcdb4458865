"""Slide -> tiles -> container: the one place that knows all three.

While one batch of tiles is encoded, the next one is read; nothing else is held, so that memory
goes with the tiles in flight and never with the slide.
"""

import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pathae_codec.bitstream.limits import MAX_PARAMETERS_BYTES, MAX_TILE_SIDE
from pathae_codec.codec import TileCodec
from pathae_codec.container import container_kind, create_container
from pathae_codec.container.description import FORMAT_VERSION, SlideDescription
from pathae_codec.errors import SettingError
from pathae_codec.geometry import Level, TileIndex, grid_shape, pad_to_tile
from pathae_codec.model.artifact import ModelArtifact, codec_parameters
from pathae_codec.model.library import DEFAULT_MODEL, find_model
from pathae_codec.model.storage import save_artifact
from pathae_codec.slide import SlideProperties, SlideReader, open_slide

Pixels = NDArray[np.uint8]
Progress = Callable[[int, int], None]

SOFTWARE = "pathae 0.1.0"
BATCH_TILES = 16
TIFF_TILE_MULTIPLE = 16
THUMBNAIL_SIDE = 512
ASSOCIATED = ("label", "macro", "thumbnail")


@dataclass(frozen=True)
class ConvertSettings:
    """How to convert.

    Attributes:
        quality: 0 (smallest) to 100 (nearest to the source); the model's nearest rung is taken.
        profile: A rung by its name in the model, such as `paper`, in place of the quality.
        model: Name, identity or path of a model.
        tile: Side of a tile in pixels, a multiple of 16 and of the model's factor.
        min_psnr: Least PSNR of every tile in dB, below which it becomes a fallback tile; or None.
        keep: Associated images to carry over of `label` and `macro`, which can identify a patient.
        embed_model: Store the decoder in the file.
        ngff: OME-Zarr version, `0.5` or `0.4`.
        overwrite: Replace an existing destination.
        backend, threads: What runs the network, see `model.backend`.
    """

    quality: int = 50
    model: str = DEFAULT_MODEL
    tile: int = 512
    min_psnr: float | None = None
    keep: frozenset[str] = frozenset()
    embed_model: bool = False
    ngff: str = "0.5"
    overwrite: bool = False
    backend: str = "auto"
    threads: int = 0
    profile: str | None = None


@dataclass(frozen=True)
class ConvertSummary:
    """What a conversion did: sizes in bytes, time in seconds, notices for the user."""

    source_bytes: int
    destination_bytes: int
    levels: tuple[Level, ...]
    tiles: int
    quality: int
    seconds: float
    notices: tuple[str, ...]


def convert_slide(
    source: Path,
    destination: Path,
    settings: ConvertSettings = ConvertSettings(),
    progress: Progress | None = None,
) -> ConvertSummary:
    """Convert a slide to PathAE tiles in OME-Zarr or TIFF, as the destination's ending says.

    Args:
        source: Anything that `slide.open_slide` opens. It is only read.
        destination: Ends in `.ome.zarr`, `.zarr`, `.tif` or `.tiff`.
        settings: How to convert.
        progress: Called after each batch with tiles done and tiles in all.

    Raises:
        SlideError, ModelError, EncodingError: See `errors`. The destination is then as it was.
    """
    started = time.monotonic()
    model = find_model(settings.model)
    _check_settings(source, destination, settings, model)
    codec = TileCodec(model, backend=settings.backend, threads=settings.threads)
    quality = _choose_quality(model, settings)
    with open_slide(source) as slide:
        description = _describe(slide, codec, quality, settings)
        total = sum(_tile_count(level, settings.tile) for level in slide.levels)
        with create_container(
            destination, description, overwrite=settings.overwrite, ngff=settings.ngff
        ) as container:
            done = 0
            for level in slide.levels:
                pixels = _read_tiles(slide, level, container.tile_order(level), settings.tile)
                tiles = _encode_tiles(codec, pixels, quality, settings.min_psnr)
                report = _reporter(progress, done, total)
                container.write_level(level, report(tiles))
                done += _tile_count(level, settings.tile)
        return ConvertSummary(
            source_bytes=stored_bytes(source),
            destination_bytes=stored_bytes(destination),
            levels=slide.levels,
            tiles=total,
            quality=quality,
            seconds=time.monotonic() - started,
            notices=_notices(slide.properties),
        )


def _choose_quality(model: ModelArtifact, settings: ConvertSettings) -> int:
    if settings.profile is None:
        return model.nearest_quality(settings.quality)
    if settings.profile not in model.profiles:
        raise SettingError(
            f"profile: expected one of model {model.name}: {sorted(model.profiles) or 'none'}, "
            f"got {settings.profile!r}; see pathae models fit-codebook"
        )
    return model.profiles[settings.profile]


def stored_bytes(path: Path) -> int:
    """Give the bytes of a file, or of all files below a folder."""
    if path.is_dir():
        return sum(file.stat().st_size for file in path.rglob("*") if file.is_file())
    return path.stat().st_size


def _check_settings(
    source: Path, destination: Path, settings: ConvertSettings, model: ModelArtifact
) -> None:
    container_kind(destination)
    if source.exists() and destination.exists() and source.samefile(destination):
        raise SettingError(f"destination {destination}: expected another path than the source")
    for step in (TIFF_TILE_MULTIPLE, model.factor):
        if settings.tile % step or not 1 <= settings.tile <= MAX_TILE_SIDE:
            raise SettingError(
                f"tile: expected a multiple of {step} up to {MAX_TILE_SIDE}, got {settings.tile}"
            )
    unknown = settings.keep - set(ASSOCIATED)
    if unknown:
        raise SettingError(f"keep: expected some of {list(ASSOCIATED)}, got {sorted(unknown)}")


def _describe(
    slide: SlideReader, codec: TileCodec, quality: int, settings: ConvertSettings
) -> SlideDescription:
    model, properties = codec.model, slide.properties
    canary = codec.make_canary(quality)
    parameters = save_artifact(
        codec_parameters(model, [quality], canary, embed=settings.embed_model)
    )
    if len(parameters) > MAX_PARAMETERS_BYTES:
        raise SettingError(
            f"embed_model: expected {MAX_PARAMETERS_BYTES} bytes at most, got {len(parameters)}; "
            "leave it out and hand the model's file on"
        )
    return SlideDescription(
        levels=slide.levels,
        tile=settings.tile,
        mpp=properties.mpp,
        magnification=properties.magnification,
        icc_profile=properties.icc_profile,
        associated=_associated(slide, settings.keep),
        parameters=parameters,
        record=_record(properties, model, quality, settings.tile),
    )


def _record(
    properties: SlideProperties, model: ModelArtifact, quality: int, tile: int
) -> dict[str, Any]:
    earlier = [{"method": properties.compression}] if properties.compression else []
    return {
        "format": "pathae",
        "version": FORMAT_VERSION,
        "software": SOFTWARE,
        "install": "pip install pathae",
        "model": {
            "name": model.name,
            "decoder": model.decoder_id,
            "encoder": model.encoder_id,
            "license": model.card.get("license"),
            "sources": model.card.get("sources", []),
        },
        "quality": quality,
        "tile": tile,
        "mpp": list(properties.mpp) if properties.mpp else None,
        "magnification": properties.magnification,
        "source": {"format": properties.format, "compression": properties.compression},
        "lossy_history": [
            *earlier,
            {"method": "PathAE", "software": SOFTWARE, "quality": quality},
        ],
        "intended_use": "research only; not for primary diagnosis",
    }


def _associated(slide: SlideReader, keep: frozenset[str]) -> dict[str, Pixels]:
    images = {
        name: image
        for name, image in slide.associated_images().items()
        if name == "thumbnail" or name in keep
    }
    if "thumbnail" not in images:
        images["thumbnail"] = _draw_thumbnail(slide)
    return {name: _shrink_to_tile(image) for name, image in images.items()}


def _shrink_to_tile(image: Pixels) -> Pixels:
    """Leave out rows and columns of an associated image until it fits a tile's largest side."""
    step = -(-max(image.shape) // MAX_TILE_SIDE)
    return image[::step, ::step]


def _draw_thumbnail(slide: SlideReader) -> Pixels:
    """Shrink the coarsest level by block means, a strip at a time: (h, w, 3), sides to 512."""
    level = slide.levels[-1]
    step = -(-max(level.width, level.height) // THUMBNAIL_SIDE)
    width, height = max(1, level.width // step), max(1, level.height // step)
    used = (min(width * step, level.width), min(step, level.height))
    rows = [
        slide.read_region(level.index, 0, row * step, *used)
        .reshape(used[1], width, -1, 3)
        .mean((0, 2))
        for row in range(height)
    ]
    return np.stack(rows).round().astype(np.uint8)


def _tile_count(level: Level, tile: int) -> int:
    rows, columns = grid_shape(level, tile)
    return rows * columns


def _read_tiles(
    slide: SlideReader, level: Level, order: Iterable[TileIndex], tile: int
) -> Iterator[Pixels]:
    """Give batches of padded tiles, uint8 (N, tile, tile, 3), reading one batch ahead."""

    def read(index: TileIndex) -> Pixels:
        x, y = index.column * tile, index.row * tile
        width, height = min(tile, level.width - x), min(tile, level.height - y)
        return pad_to_tile(slide.read_region(level.index, x, y, width, height), tile)

    indices = iter(order)
    with ThreadPoolExecutor(2) as pool:
        ahead = [pool.submit(read, index) for index in islice(indices, BATCH_TILES)]
        while ahead:
            batch, ahead = (
                ahead,
                [pool.submit(read, index) for index in islice(indices, BATCH_TILES)],
            )
            yield np.stack([future.result() for future in batch])


def _encode_tiles(
    codec: TileCodec, batches: Iterable[Pixels], quality: int, min_psnr: float | None
) -> Iterator[bytes]:
    for pixels in batches:
        yield from codec.encode_tiles(pixels, quality, min_psnr=min_psnr)


def _reporter(
    progress: Progress | None, done: int, total: int
) -> Callable[[Iterable[bytes]], Iterator[bytes]]:
    def report(tiles: Iterable[bytes]) -> Iterator[bytes]:
        for count, tile in enumerate(tiles, done + 1):
            yield tile
            if progress:
                progress(count, total)

    return report


def _notices(properties: SlideProperties) -> tuple[str, ...]:
    notices = []
    if properties.mpp is None:
        notices.append("the source states no microns per pixel; none were written")
    if properties.magnification is None:
        notices.append("the source states no magnification; none was written")
    return tuple(notices)
