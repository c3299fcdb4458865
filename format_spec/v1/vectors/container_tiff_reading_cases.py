"""TIFFs that open, and that whoever reads all tiles and images must refuse."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from struct import pack
from typing import Any
from zlib import crc32

import numpy as np
from safetensors.numpy import load

from format_spec.v1.vectors.container_refusals import CONTAINER, at
from format_spec.v1.vectors.container_slide import TILE, SampleSlide
from format_spec.v1.vectors.container_tiff import (
    UNDEFINED,
    long,
    pack_tiff,
    short,
    slide_directories,
)
from format_spec.v1.vectors.raw_artifact import raw_safetensors
from format_spec.v1.vectors.vector import record_text
from pathae_codec.bitstream.constant import encode_white


@dataclass(frozen=True)
class WrongTiff:
    """A TIFF, and what is to be said of it: when it is refused, for which reason and rule."""

    data: bytes
    stated: Mapping[str, Any]


def changed_first(slide: SampleSlide, stated: Mapping[str, Any], **tags: Any) -> WrongTiff:  # noqa: ANN401
    """Return the slide with other tags in the first directory."""
    first, *others = slide_directories(slide)
    return WrongTiff(pack_tiff([first.having(**tags), *others]), stated)


def reading_cases(slide: SampleSlide) -> dict[str, WrongTiff]:
    """Return TIFFs by name that open, and some of whose tiles, parameters or images are wrong."""
    first, *others = slide_directories(slide)
    artifact = slide.parameters
    tensors = load(artifact)
    record = json.loads(record_text(artifact))
    light = {k: v for k, v in record.items() if k != "digest"}
    bare = {n: t for n, t in tensors.items() if not n.startswith("canary.")}

    def tiles(number: int, data: bytes) -> bytes:
        return pack_tiff(slide_directories(slide.having(number, data)))

    def read(error: str, rule: str) -> dict[str, Any]:
        return at("read", error, rule)

    tile = first.tiles[1]
    label = others[1]
    image = read("invalid_payload", "R-tiff-image")

    def labelled(**tags: Any) -> WrongTiff:  # noqa: ANN401
        return WrongTiff(pack_tiff([first, others[0], label.having(**tags)]), image)

    def refielded(place: int, value: int) -> bytes:
        body = tile[:place] + bytes([value]) + tile[place + 1 : -4]
        return body + pack("<I", crc32(body))

    pixels = tensors["canary.pixels"]
    away = np.where(pixels >= 128, pixels - 9, pixels + 9).astype(np.uint8)
    flipped = tile[:20] + bytes([tile[20] ^ 1]) + tile[21:]
    damaged = artifact[:-1] + bytes([artifact[-1] ^ 1])
    return {
        "tile-crc": WrongTiff(tiles(1, flipped), read("checksum_mismatch", "R-3.6-crc")),
        "tile-cut": WrongTiff(tiles(1, tile[:-1]), read("truncated", "R-3-truncated")),
        "tile-larger": WrongTiff(
            tiles(1, encode_white(2 * TILE)), read("field_out_of_range", "R-tiff-tile-side")
        ),
        "parameters-damaged": changed_first(
            slide, read("invalid_artifact", "R-model-digest"), t65502=(UNDEFINED, damaged)
        ),
        "parameters-no-canary": changed_first(
            slide,
            read("invalid_artifact", "R-model-canary-absent"),
            t65502=(UNDEFINED, raw_safetensors(light, bare)),
        ),
        "parameters-canary-wrong": changed_first(
            slide,
            read("model_mismatch", "R-7.2-canary"),
            t65502=(UNDEFINED, raw_safetensors(light, tensors | {"canary.pixels": away})),
        ),
        "tile-quality": WrongTiff(
            tiles(1, refielded(9, 61)), read("field_out_of_range", "R-3.4-quality")
        ),
        "tile-table-set": WrongTiff(
            tiles(1, refielded(10, 1)), read("field_out_of_range", "R-3.1-table-set")
        ),
        "label-grey": labelled(t277=short(1), t258=short(8), t262=short(1)),
        "label-16-bits": labelled(t258=short(16, 16, 16), t256=long(4)),
        "label-damaged": labelled(t259=short(7)),
        "label-large": WrongTiff(
            pack_tiff([first, others[0], others[1].having(t256=long(2**15), t257=long(2**15))]),
            read(CONTAINER, "R-8-beyond"),
        ),
    }
