"""OME-Zarrs that a reader, or who checks a whole file, must refuse; each is wrong in one thing."""

import copy
import json
from base64 import b64encode
from typing import TYPE_CHECKING, Any
from zlib import compress

import numpy as np
from safetensors.numpy import load

from format_spec.v1.vectors.container_chunk_cases import chunk_cases
from format_spec.v1.vectors.container_edits import (
    Edit,
    Files,
    ZarrChange,
    array_of,
    codec_of,
    drops,
    group_of,
    image_of,
    sets,
    sharding,
)
from format_spec.v1.vectors.container_refusals import CONTAINER, at
from format_spec.v1.vectors.container_slide import GRIDS, TILE, SampleSlide
from format_spec.v1.vectors.container_zarr import bare, configuration_of
from format_spec.v1.vectors.raw_artifact import raw_safetensors
from format_spec.v1.vectors.vector import record_text
from pathae_codec.bitstream.constant import encode_white
from pathae_codec.model.light_parameters import light_parameters

if TYPE_CHECKING:
    from collections.abc import Callable

BASES = ("0.5", "0.4")


def not_sharded(base: Files, slide: SampleSlide) -> Files:
    """Return the OME-Zarr 0.5 with a file for each tile."""
    files = {n: copy.deepcopy(d) for n, d in base.items() if not n[2:].startswith("c/")}
    files["zarr.json"].pop("consolidated_metadata")
    for level, tiles in enumerate(slide.tiles):
        array = array_of(files, str(level))
        array["codecs"] = sharding(files, str(level))["codecs"]
        array["chunk_grid"]["configuration"]["chunk_shape"] = [3, TILE, TILE]
        for number, tile in enumerate(tiles):
            row, column = divmod(number, GRIDS[level][1])
            if tile != encode_white(TILE):
                files[f"{level}/c/0/{row}/{column}"] = tile
    return files


def all_embedded(base: Files) -> Files:
    """Return the OME-Zarr 0.5 whose every level embeds the decoder."""
    files = copy.deepcopy(dict(base))
    files["zarr.json"].pop("consolidated_metadata")
    sharding(files, "1")["codecs"][0]["configuration"] = codec_of(files)
    return files


def zarr_cases(slide: SampleSlide, image: bytes) -> dict[str, ZarrChange]:
    """Return the changes by name."""
    opened = {
        **_of_groups(), **_of_arrays(), **_of_configurations(slide), **_of_version_2(),
    }  # fmt: skip
    return {
        **{name: ZarrChange(version, edit, at("open", error, rule))
           for name, (version, edit, rule, error) in opened.items()},
        **chunk_cases(slide, image),
    }  # fmt: skip


Opened = dict[str, tuple[str, Edit, str, str]]


def _of_groups() -> Opened:
    form, group = "R-zarr-group", lambda files: files["zarr.json"]
    datasets = [{"path": str(n % 2), "coordinateTransformations": []} for n in range(65)]
    scale = ("coordinateTransformations", 0, "scale")
    return {
        "no-record": ("0.5", drops(group_of, "pathae"), form, "bad_magic"),
        "no-record-v2": ("0.4", drops(group_of, "pathae"), form, "bad_magic"),
        "no-attributes": ("0.5", drops(group, "attributes"), form, "bad_magic"),
        "no-group": ("0.5", lambda files: files.pop("zarr.json"), form, "bad_magic"),
        "group-no-json": ("0.5", lambda files: files.update({"zarr.json": b"{"}), form, CONTAINER),
        "group-list": ("0.5", lambda files: files.update({"zarr.json": b"[]"}), form, CONTAINER),
        "no-ome": ("0.5", drops(group_of, "ome"), form, CONTAINER),
        "no-multiscales": (
            "0.5", sets(group_of, "ome", "multiscales", value=[]), form, CONTAINER),
        "multiscales-object": (
            "0.5", sets(group_of, "ome", "multiscales", value={"0": {}}), form, CONTAINER),
        "multiscale-text": (
            "0.5", sets(group_of, "ome", "multiscales", value=["0"]), form, CONTAINER),
        "no-multiscales-v2": ("0.4", drops(group_of, "multiscales"), form, CONTAINER),
        "no-datasets": ("0.5", drops(image_of, "datasets"), form, CONTAINER),
        "datasets-none": ("0.5", sets(image_of, "datasets", value=[]), form, CONTAINER),
        "datasets-65": ("0.5", sets(image_of, "datasets", value=datasets), "R-8-beyond", CONTAINER),
        "path-up": (
            "0.5", sets(image_of, "datasets", 1, "path", value="../1"), form, CONTAINER),
        "path-number": ("0.5", sets(image_of, "datasets", 1, "path", value=1), form, CONTAINER),
        "path-absent": ("0.5", sets(image_of, "datasets", 1, "path", value="7"), form, CONTAINER),
        "no-scale": (
            "0.5", sets(image_of, "datasets", 1, "coordinateTransformations", value=[]),
            "R-zarr-scale", CONTAINER),
        "scale-0": ("0.5", sets(image_of, "datasets", 1, *scale, value=[1, 0, 1]),
                    "R-zarr-scale", CONTAINER),
        "scale-of-two": ("0.5", sets(image_of, "datasets", 1, *scale, value=[1, 1]),
                         "R-zarr-scale", CONTAINER),
        "scale-text": ("0.5", sets(image_of, "datasets", 1, *scale, value=[1, "a", 1]),
                       "R-zarr-scale", CONTAINER),
        "record-tile": ("0.5", sets(group_of, "pathae", "tile", value=0), "R-6-schema", CONTAINER),
        "record-version": ("0.5", sets(group_of, "pathae", "version", value=2),
                           "R-6-schema", "unsupported_version"),
        "record-of-another": ("0.5", sets(group_of, "pathae", "format", value="other"),
                              "R-6-schema", "bad_magic"),
        "record-levels": ("0.5", sets(group_of, "pathae", "levels", value=[[40, 24], [20, 11]]),
                          "R-6-levels", CONTAINER),
        "record-icc": ("0.5", sets(group_of, "pathae", "icc_profile", value="a"),
                       "R-6-schema", CONTAINER),
        "record-icc-number": ("0.5", sets(group_of, "pathae", "icc_profile", value=1),
                              "R-6-schema", CONTAINER),
    }  # fmt: skip


def _of_arrays() -> Opened:
    grid = ("chunk_grid", "configuration", "chunk_shape")
    changes: dict[str, tuple[Callable[[Files], Any], tuple[str | int, ...], object]] = {
        "data-type": (array_of, ("data_type",), "uint16"),
        "fill-value": (array_of, ("fill_value",), 0),
        "grid": (array_of, ("chunk_grid", "name"), "rectilinear"),
        "chunk-keys": (array_of, ("chunk_key_encoding", "name"), "v2"),
        "separator": (array_of, ("chunk_key_encoding", "configuration", "separator"), "."),
        "two-codecs": (array_of, ("codecs",), [{"name": "pathae"}, {"name": "gzip"}]),
        "codec": (sharding, ("codecs", 0, "name"), "bytes"),
        "index-at-start": (sharding, ("index_location",), "start"),
        "index-codecs": (sharding, ("index_codecs",), [{"name": "bytes"}]),
        "inner-chunk": (sharding, ("chunk_shape",), [3, 8, 16]),
        "inner-channels": (sharding, ("chunk_shape",), [1, 16, 16]),
        "shard": (array_of, grid, [3, 40, 32]),
        "shard-channels": (array_of, grid, [6, 32, 32]),
        "shard-of-two-axes": (array_of, grid, [3, 32]),
        "shard-0": (array_of, grid, [3, 0, 32]),
        "shard-large": (array_of, grid, [3, 16 * 2**9, 16 * 2**8]),
        "channels": (array_of, ("shape",), [4, 24, 40]),
        "axes": (array_of, ("shape",), [3, 24, 40, 1]),
        "height-0": (array_of, ("shape",), [3, 0, 40]),
        "height-beyond": (array_of, ("shape",), [3, 2**24 + 1, 40]),
        "height-text": (array_of, ("shape",), [3, "24", 40]),
    }
    beyond = {"height-beyond", "shard-large"}
    found: Opened = {
        f"array-{name}": (
            "0.5",
            sets(place, *path, value=value),
            "R-8-beyond" if name in beyond else "R-zarr-array",
            CONTAINER,
        )
        for name, (place, path, value) in changes.items()
    }
    for name in ("shape", "codecs", "chunk_grid", "data_type"):
        shown = name.replace("_", "-")
        found[f"array-no-{shown}"] = ("0.5", drops(array_of, name), "R-zarr-array", CONTAINER)
    found["array-no-index-codecs"] = (
        "0.5", drops(sharding, "index_codecs"), "R-zarr-array", CONTAINER,
    )  # fmt: skip
    return found


def _of_configurations(slide: SampleSlide) -> Opened:
    light_bytes = light_parameters(slide.parameters)
    light = configuration_of(slide, light_bytes)
    whole = configuration_of(slide, slide.parameters)
    packed = b64encode(compress(slide.parameters, 0)).decode()
    stream = compress(slide.parameters, 0)
    rule, artifact, same = "R-zarr-schema", "invalid_artifact", "R-zarr-parameters"

    def configured(level: str, value: object) -> Edit:
        return sets(lambda f: sharding(f, level)["codecs"][0], "configuration", value=value)

    def second_embeds(files: dict[str, Any]) -> None:
        configured("0", light)(files)
        configured("1", whole)(files)

    def text(data: bytes) -> str:
        return b64encode(data).decode()

    return {
        "codec-version": ("0.5", configured("0", whole | {"version": 2}),
                          "R-zarr-version", "unsupported_version"),
        "codec-version-true": ("0.5", configured("0", whole | {"version": True}),
                               "R-zarr-version", "unsupported_version"),
        "codec-axis": ("0.5", configured("0", whole | {"channel_axis": 1}),
                       rule, "field_out_of_range"),
        "codec-axis-true": ("0.5", configured("0", whole | {"channel_axis": False}),
                            rule, "field_out_of_range"),
        "codec-list": ("0.5", configured("0", [1]), rule, CONTAINER),
        "codec-bare": ("0.5", configured("0", bare()), same, CONTAINER),
        "codec-decoder-alone": ("0.5", configured("0", bare() | {"decoder": whole["decoder"]}),
                                "R-zarr-no-decoder", artifact),
        "codec-parameters-number": ("0.5", configured("0", whole | {"parameters": 7}),
                                    rule, artifact),
        "codec-no-base64": ("0.5", configured("0", whole | {"parameters": packed[:-4] + "!!!!"}),
                            rule, artifact),
        "codec-no-zlib": ("0.5", configured("0", whole | {"parameters": text(slide.parameters)}),
                          rule, artifact),
        "codec-cut": ("0.5", configured("0", whole | {"parameters": text(stream[:-1])}),
                      rule, artifact),
        "codec-trailing": ("0.5", configured("0", whole | {"parameters": text(stream + b"a")}),
                           rule, artifact),
        "codec-other-decoder": ("0.5", configured("0", whole | {"decoder": "sha256:" + "1" * 64}),
                                rule, artifact),
        "codec-no-artifact": ("0.5", configured("0", whole | {"parameters": text(compress(b"a"))}),
                              rule, artifact),
        "record-list": ("0.5", sets(group_of, "pathae", value=[1]), "R-zarr-group", "bad_magic"),
        "levels-cut": (
            "0.5",
            configured("1", light | {"parameters": text(compress(light_bytes[:-4], 0))}),
            same,
            artifact,
        ),
        "levels-bare": ("0.5", configured("1", bare()), same, CONTAINER),
        "levels-list": ("0.5", configured("1", [1]), same, CONTAINER),
        "levels-other-parameters": (
            "0.5", configured("1", configuration_of(slide, _other_words(slide))), same, CONTAINER),
        "levels-second-embeds": ("0.5", second_embeds, same, CONTAINER),
    }  # fmt: skip


def _other_words(slide: SampleSlide) -> bytes:
    """Return the parameters without the decoder, with another codeword."""
    light = light_parameters(slide.parameters)
    record, tensors = json.loads(record_text(light)), load(light)
    record.pop("digest")
    (name,) = (n for n in tensors if n.endswith(".codewords"))
    return raw_safetensors(record, tensors | {name: tensors[name] + np.float32(0.125)})


def _of_version_2() -> Opened:
    values: dict[str, object] = {
        "zarr_format": 3, "dtype": "<u2", "chunks": [3, 8, 16], "order": "F", "fill_value": 0,
        "dimension_separator": ".", "filters": [{"id": "delta"}], "shape": [4, 24, 40],
    }  # fmt: skip
    found: Opened = {
        f"v2-{name.replace('_', '-')}": (
            "0.4", sets(array_of, name, value=value), "R-zarr-array-v2", CONTAINER,
        )
        for name, value in values.items()
    }  # fmt: skip
    found["v2-compressor"] = (
        "0.4", sets(array_of, "compressor", "id", value="zlib"), "R-zarr-array-v2", CONTAINER,
    )  # fmt: skip
    found["v2-no-compressor"] = (
        "0.4", sets(array_of, "compressor", value=None), "R-zarr-array-v2", CONTAINER,
    )  # fmt: skip
    found["v2-no-filters"] = (
        "0.4", drops(array_of, "filters"), "R-zarr-array-v2", CONTAINER,
    )  # fmt: skip
    return found
