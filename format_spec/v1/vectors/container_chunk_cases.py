"""OME-Zarrs whose chunks, shards or images are wrong, and those that only a check of all finds."""

from collections.abc import Callable
from typing import Any

import google_crc32c
import numpy as np

from format_spec.v1.vectors.container_edits import (
    Edit,
    ZarrChange,
    array_of,
    drops,
    image_of,
    sets,
)
from format_spec.v1.vectors.container_ledger import ledger_of
from format_spec.v1.vectors.container_refusals import CONTAINER, at, wrong_ledgers
from format_spec.v1.vectors.container_slide import TILE, Json, SampleSlide
from format_spec.v1.vectors.container_zarr import zarr_files
from pathae_codec.bitstream.constant import encode_constant, encode_white

IMAGE = "associated/thumbnail"


def chunk_cases(slide: SampleSlide, image: bytes) -> dict[str, ZarrChange]:
    """Return the changes by name.

    Args:
        slide: Of the sound containers.
        image: Their thumbnail.
    """
    return {**_of_chunks(slide, image), **_of_ledgers(slide), **_of_checking()}


def _of_ledgers(slide: SampleSlide) -> dict[str, ZarrChange]:
    ledger = ledger_of(slide.tiles, [0])
    found = {
        name: ZarrChange("0.5", _with_ledger(data), at(when, error, rule))
        for name, (data, when, error, rule) in wrong_ledgers(ledger).items()
        if data is not None and name in ("ledger-version", "ledger-crc", "ledger-hash")
    }
    # Bit 0 says that the white tile is not stored.
    none_omitted = ledger_of(slide.tiles)
    lost = at("read", "missing_tile", "R-10.1-lost")
    length, form = (
        at("open", CONTAINER, "R-10.1-length"),
        at("validate", CONTAINER, "R-zarr-ledger"),
    )

    def without(files: dict[str, Any]) -> None:
        del files["0/0/0/1"]

    return {
        **found,
        "no-ledger": ZarrChange("0.5", lambda files: files.pop("ledger/c/0"), length),
        "ledger-short": ZarrChange("0.5", _with_ledger(ledger[:-1]), length),
        "ledger-omits-none": ZarrChange("0.5", _with_ledger(none_omitted), lost),
        "chunk-lost": ZarrChange("0.4", without, lost),
        "shard-lost": ZarrChange("0.5", lambda files: files.pop("0/c/0/0/0"), lost),
        "ledger-array": ZarrChange(
            "0.5", sets(lambda files: files["ledger/zarr.json"], "shape", value=[7]), form
        ),
        "ledger-no-array": ZarrChange("0.5", drops(lambda files: files, "ledger/zarr.json"), form),
        "ledger-array-v2": ZarrChange(
            "0.4", sets(lambda files: files["ledger/.zarray"], "shape", value=[7]), form
        ),
    }


def _with_ledger(data: bytes) -> Edit:
    return lambda files: files.update({"ledger/c/0": data})


def _of_chunks(slide: SampleSlide, thumbnail: bytes) -> dict[str, ZarrChange]:
    shard, image = "0/c/0/0/0", f"{IMAGE}/c/0/0/0"
    index = 16 * 4 + 4

    def replaced(name: str, change: Callable[[bytes], bytes]) -> Edit:
        return lambda files: files.update({name: change(files[name])})

    def tiled(version: str, change: Callable[[bytes], bytes]) -> Edit:
        """Change a tile, and ledger and root with it."""
        changed = slide.having(1, change(slide.tiles[0][1]))
        return lambda files: files.update(zarr_files(changed, thumbnail, version))

    def with_entry(data: bytes, number: int, offset: int, length: int) -> bytes:
        packed = bytearray(data[-index:-4])
        packed[16 * number : 16 * number + 16] = offset.to_bytes(8, "little") + length.to_bytes(
            8, "little"
        )
        crc = google_crc32c.value(bytes(packed)).to_bytes(4, "little")
        return data[:-index] + bytes(packed) + crc

    def flip(data: bytes, place: int) -> bytes:
        at_place = place % len(data)
        return data[:at_place] + bytes([data[at_place] ^ 1]) + data[at_place + 1 :]

    constant = encode_constant(np.full((16, 16, 3), 9, np.uint8))
    assert constant is not None
    larger = encode_white(2 * TILE)
    cases: dict[str, tuple[str, Edit, str, str]] = {
        "shard-index-crc": ("0.5", replaced(shard, lambda d: flip(d, -1)),
                            "checksum_mismatch", "R-zarr-index"),
        "shard-index-flip": ("0.5", replaced(shard, lambda d: flip(d, -20)),
                             "checksum_mismatch", "R-zarr-index"),
        "shard-short": ("0.5", replaced(shard, lambda d: d[-40:]), "truncated", "R-zarr-index"),
        "shard-beyond": ("0.5", replaced(shard, lambda d: with_entry(d, 1, 0, len(d))),
                         CONTAINER, "R-zarr-index"),
        "shard-huge": ("0.5", replaced(shard, lambda d: with_entry(d, 1, 2**63, 2**63)),
                       CONTAINER, "R-zarr-index"),
        "tile-crc": ("0.5", tiled("0.5", lambda d: flip(d, 20)),
                     "checksum_mismatch", "R-3.6-crc"),
        "tile-crc-v2": ("0.4", tiled("0.4", lambda d: flip(d, 20)),
                        "checksum_mismatch", "R-3.6-crc"),
        "tile-cut-v2": ("0.4", tiled("0.4", lambda d: d[:-1]), "truncated", "R-3-truncated"),
        "tile-larger-v2": ("0.4", tiled("0.4", lambda _: larger),
                           "field_out_of_range", "R-zarr-shape"),
        "image-constant": ("0.5", replaced(image, lambda _: constant),
                           "field_out_of_range", "R-zarr-image"),
        "image-latent": ("0.5", replaced(image, lambda _: slide.tiles[0][1]),
                         "field_out_of_range", "R-zarr-image"),
    }  # fmt: skip
    found = {
        name: ZarrChange(version, edit, at("read", error, rule))
        for name, (version, edit, error, rule) in cases.items()
    }
    shapes = {
        "image-size": [3, 15, 16], "image-channels": [4, 16, 16], "image-axes": [3, 16],
        "image-side-true": [3, True, 16],
        "image-side-0": [3, 0, 16], "image-side-beyond": [3, 4097, 16],
    }  # fmt: skip
    for name, shape in shapes.items():
        edit = sets(lambda files: array_of(files, IMAGE), "shape", value=shape)
        size = name == "image-size"
        error = "field_out_of_range" if size else CONTAINER
        rule = "R-8-beyond" if name == "image-side-beyond" else "R-zarr-image"
        found[name] = ZarrChange("0.5", edit, at("read", error, rule))
    for name, outside, entry in (("rows", "1/c/0/0/0", 2), ("columns", "0/c/0/0/1", 1)):
        edit = replaced(outside, lambda d, entry=entry: with_entry(d, entry, 0, 40))
        said = at("validate", CONTAINER, "R-zarr-strays")
        found[f"shard-outside-{name}"] = ZarrChange("0.5", edit, said)
    lost = at("read", CONTAINER, "R-zarr-image")
    found["image-lost"] = ZarrChange("0.5", lambda files: files.pop(image), lost)
    edit = drops(lambda files: array_of(files, IMAGE), "shape")
    found["image-no-shape"] = ZarrChange("0.5", edit, at("read", CONTAINER, "R-zarr-image"))
    return found


def _of_checking() -> dict[str, ZarrChange]:
    def said(rule: str) -> Json:
        return at("validate", CONTAINER, rule)

    def scaled(axis: int) -> Edit:
        place = ("datasets", 1, "coordinateTransformations", 0, "scale", axis)
        return sets(image_of, *place, value=0.9)

    def consolidated(files: dict[str, Any]) -> None:
        nodes = files["zarr.json"]["consolidated_metadata"]["metadata"]
        nodes["1"] = nodes["1"] | {"shape": [3, 12, 21]}

    def absent(files: dict[str, Any]) -> None:
        files["zarr.json"]["consolidated_metadata"]["metadata"]["7"] = {}

    def version_2(files: dict[str, Any]) -> None:
        node = files[".zmetadata"]["metadata"]["1/.zarray"]
        files[".zmetadata"]["metadata"]["1/.zarray"] = node | {"order": "F"}

    return {
        "scale-of-y": ZarrChange("0.5", scaled(1), said("R-zarr-scale")),
        "scale-of-x": ZarrChange("0.5", scaled(2), said("R-zarr-scale")),
        "stray": ZarrChange(
            "0.5", lambda f: f.update({"0/notes.txt": b"a"}), said("R-zarr-strays")
        ),
        "chunk-outside": ZarrChange(
            "0.4", lambda f: f.update({"0/0/2/0": f["0/0/0/1"]}), said("R-zarr-strays")
        ),
        "consolidated": ZarrChange("0.5", consolidated, said("R-zarr-consolidated")),
        "consolidated-absent": ZarrChange("0.5", absent, said("R-zarr-consolidated")),
        "consolidated-v2": ZarrChange("0.4", version_2, said("R-zarr-consolidated")),
        "consolidated-list": ZarrChange(
            "0.5",
            lambda f: f["zarr.json"].update(consolidated_metadata=[1]),
            said("R-zarr-consolidated"),
        ),
    }
