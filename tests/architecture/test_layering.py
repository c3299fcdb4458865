"""Modules import only what lies below them, and each host library has its few homes."""

import ast
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

from tests.architecture.source import PACKAGE, imports, module_name, modules, tree

RANKS = {
    "errors": 0,
    "arrays": 0,
    "version": 0,
    "closing": 0,
    "geometry": 1,
    "fidelity": 1,
    "plain_text": 0,
    "fallback_choice": 3,
    "bitstream": 2,
    "entry_numbers": 2,
    "storage": 2,
    "model": 3,
    "record": 3,
    "configuration": 4,
    "backends": 4,
    "tiff": 4,
    "slide": 4,
    "ome_zarr": 5,
    "codec": 5,
    "pretrained": 5,
    "container": 6,
    "regions": 7,
    "privacy": 7,
    "info": 7,
    "transcoding": 7,
    "training": 7,
    "export": 8,
    "verification": 8,
    "viewing": 8,
    "conversion": 9,
    "commands": 10,
    "cli": 11,
    "__main__": 12,
}
"""A room imports rooms of lower ranks only, so that there is no circle of rooms."""
STRANGERS = [
    {"model", "storage", "record"},
    {"model", "tiff", "ome_zarr", "slide"},
    {"model", "container", "slide"},
    {"backends", "tiff", "ome_zarr", "slide"},
    {"conversion", "training", "verification"},
]
"""These never import each other."""
HOMES = {
    "torch": (
        "pathae_codec.backends.torch_",
        "pathae_codec.backends.diffusers_networks",
        "pathae_codec.training.",
        "pathae_codec.pretrained.",
        "pathae_codec.regions.tile_dataset",
    ),
    "diffusers": (
        "pathae_codec.backends.diffusers_networks",
        "pathae_codec.pretrained.config",
        "pathae_codec.pretrained.original_dc",
    ),
    "timm": ("pathae_codec.training.extractors",),
    "numba": ("pathae_codec.bitstream.lanes_compiled",),
    "onnxruntime": ("pathae_codec.backends.onnx_backend",),
    "openvino": ("pathae_codec.backends.openvino_",),
    "onnx": ("pathae_codec.backends.onnx_",),
    "tifffile": (
        "pathae_codec.tiff.",
        "pathae_codec.slide.tiff",
        "pathae_codec.slide.openslide_reader",
        "pathae_codec.export.tiff",
        "pathae_codec.export.original_tiff",
        "pathae_codec.export.ome_tiff",
        "pathae_plugins.",
    ),
    "zarr": ("pathae_codec.slide.tiff", "pathae_codec.export.ome_zarr", "pathae_plugins."),
    "numcodecs": ("pathae_plugins.",),
    "openslide": ("pathae_codec.slide.openslide_reader", "pathae_codec.regions.openslide_"),
    "PIL": ("pathae_codec.regions.openslide_", "pathae_codec.training."),
    "shapely": ("pathae_codec.conversion.keep_regions",),
    "fsspec": ("pathae_codec.storage.remote", "pathae_codec.storage.http_request"),
    "aiohttp": ("pathae_codec.storage.http_request",),
    "wsidicom": ("pathae_codec.export.dicom", "pathae_codec.export.original_dicom"),
    "pydicom": (
        "pathae_codec.export.dicom",
        "pathae_codec.export.original_dicom",
        "pathae_codec.slide.dicom_streams",
    ),
    "imagecodecs": (
        "pathae_codec.bitstream.fallback",
        "pathae_codec.bitstream.recompressed_jpeg",
        "pathae_codec.slide.lerc_header",
        "pathae_codec.training.scanner_history",
        "pathae_codec.verification.report.pictures",
        "pathae_codec.viewing.pictures",
    ),
    "jinja2": ("pathae_codec.verification.report.page",),
}
FRONT_DOOR = PACKAGE / "__init__.py"
INSIDE = [path for path in modules() if path.is_relative_to(PACKAGE) and path != FRONT_DOOR]
NAMES = {module_name(path) for path in INSIDE}


def unit(name: str) -> str:
    """Return the file or folder of pathae_codec that a module belongs to."""
    return name.split(".")[1]


def modules_imported(path: Path) -> Iterator[str]:
    """Return the modules of pathae_codec that a file names; a package where it takes its names."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name in NAMES)
        elif isinstance(node, ast.ImportFrom):
            inner = (f"{node.module}.{alias.name}" for alias in node.names)
            found = {name if name in NAMES else str(node.module) for name in inner}
            yield from found & NAMES


def inner_imports(path: Path) -> set[str]:
    return {unit(name) for name in imports(path) if name.startswith("pathae_codec.")}


def test_every_room_has_a_rank() -> None:
    """Give a new one a rank, or what is in it a home that the glossary names."""
    assert {unit(module_name(path)) for path in INSIDE} == set(RANKS)


def test_imports_point_downwards() -> None:
    assert [
        f"{module_name(path)} imports {name}"
        for path in INSIDE
        for own in [unit(module_name(path))]
        for name in sorted(inner_imports(path) - {own})
        if RANKS[name] >= RANKS[own]
    ] == []


def test_no_circle_of_modules() -> None:
    """Imports inside functions count: within a room too, no module needs itself."""
    graph = {module_name(path): set(modules_imported(path)) for path in INSIDE}
    TopologicalSorter(graph).prepare()


def test_strangers_stay_strangers() -> None:
    assert [
        f"{module_name(path)} imports {name}"
        for path in INSIDE
        for own in [unit(module_name(path))]
        for group in STRANGERS
        if own in group
        for name in sorted(inner_imports(path) & group - {own})
    ] == []


def test_libraries_are_imported_at_home_only() -> None:
    assert [
        f"{module_name(path)} imports {library}"
        for path in modules()
        for library in sorted({name.split(".")[0] for name in imports(path)} & set(HOMES))
        if not module_name(path).startswith(HOMES[library])
    ] == []


def test_every_home_is_lived_in() -> None:
    """A library that is imported nowhere any more, or a home that is gone, leaves the table."""
    roots = {module_name(path): {n.split(".")[0] for n in imports(path)} for path in modules()}
    assert [
        f"{home} imports no {library}"
        for library, homes in HOMES.items()
        for home in homes
        if not any(name.startswith(home) and library in found for name, found in roots.items())
    ] == []


def test_package_never_imports_plugins() -> None:
    assert [
        f"{module_name(path)} imports {name}"
        for path in INSIDE
        for name in imports(path)
        if name.startswith("pathae_plugins")
    ] == []


def test_front_door_imports_the_autoload_only() -> None:
    plugins = {name for name in imports(FRONT_DOOR) if name.startswith("pathae_plugins")}
    assert {name.split(".")[1] for name in plugins} <= {"autoload"}


def test_no_module_is_a_drawer() -> None:
    """A thing that has no home in the glossary has no file."""
    drawers = {"utils", "util", "common", "base", "types", "helpers", "misc"}
    assert [path for path in modules() if path.stem in drawers] == []
