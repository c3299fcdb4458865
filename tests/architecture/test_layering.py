"""Modules import only what lies below them, and each host library has its few homes."""

from pathlib import Path

import pytest

from tests.architecture.source import PACKAGE, imports, module_name, modules

RANKS = {
    "errors": 0,
    "version": 0,
    "closing": 0,
    "geometry": 0,
    "fidelity": 0,
    "stored_files": 0,
    "lossy_history": 0,
    "plain_text": 0,
    "configuration": 2,
    "fallback_choice": 2,
    "bitstream": 1,
    "slide": 1,
    "model": 2,
    "container": 2,
    "codec": 3,
    "record": 4,
    "info": 5,
    "reading": 5,
    "export": 5,
    "training": 5,
    "verification": 5,
    "foreign": 5,
    "transcoding": 6,
    "conversion": 6,
    "commands": 7,
    "cli": 8,
}
STRANGERS = [{"model", "container", "slide"}, {"conversion", "training", "verification"}]
"""Of the same rank or not: these never import each other."""
HOMES = {
    "torch": (
        "pathae_codec.model.networks",
        "pathae_codec.model.torch_backend",
        "pathae_codec.training.",
        "pathae_codec.foreign.",
        "pathae_codec.model.diffusers_networks",
        "pathae_codec.reading.tile_dataset",
    ),
    "diffusers": (
        "pathae_codec.model.diffusers_networks",
        "pathae_codec.foreign.config",
        "pathae_codec.foreign.original_dc",
    ),
    "timm": ("pathae_codec.training.extractors",),
    "numba": ("pathae_codec.bitstream.lanes_compiled",),
    "onnxruntime": ("pathae_codec.model.onnx_",),
    "openvino": ("pathae_codec.model.openvino_",),
    "onnx": ("pathae_codec.model.onnx_",),
    "tifffile": (
        "pathae_codec.container.tiff",
        "pathae_codec.slide.tiff",
        "pathae_codec.slide.openslide_reader",
        "pathae_codec.container.aperio",
        "pathae_codec.export.tiff",
        "pathae_codec.export.ome_tiff",
        "pathae_plugins.",
    ),
    "zarr": ("pathae_codec.slide.tiff", "pathae_codec.export.ome_zarr", "pathae_plugins."),
    "numcodecs": ("pathae_plugins.",),
    "openslide": ("pathae_codec.slide.openslide_reader", "pathae_codec.reading.openslide_"),
    "PIL": ("pathae_codec.reading.openslide_", "pathae_codec.training."),
    "shapely": ("pathae_codec.conversion.keep_regions",),
    "fsspec": ("pathae_codec.container.storage",),
    "wsidicom": ("pathae_codec.export.dicom",),
    "pydicom": ("pathae_codec.export.dicom",),
    "imagecodecs": (
        "pathae_codec.bitstream.fallback",
        "pathae_codec.verification.report.pictures",
        "pathae_plugins.",
    ),
    "jinja2": ("pathae_codec.verification.report.page",),
}
FRONT_DOOR = PACKAGE / "__init__.py"
INSIDE = [path for path in modules() if path.is_relative_to(PACKAGE) and path != FRONT_DOOR]


def unit(name: str) -> str:
    """Return the file or folder of pathae_codec that a module belongs to."""
    return name.split(".")[1]


def inner_imports(path: Path) -> set[str]:
    return {unit(name) for name in imports(path) if name.startswith("pathae_codec.")}


@pytest.mark.parametrize("path", INSIDE, ids=module_name)
def test_every_module_has_a_rank(path: Path) -> None:
    assert unit(module_name(path)) in RANKS, "give it a rank, or a home in the glossary"


@pytest.mark.parametrize("path", INSIDE, ids=module_name)
def test_imports_point_downwards(path: Path) -> None:
    own = unit(module_name(path))
    upwards = [name for name in inner_imports(path) if RANKS[name] > RANKS[own]]
    assert upwards == []


@pytest.mark.parametrize("path", INSIDE, ids=module_name)
def test_strangers_stay_strangers(path: Path) -> None:
    own = unit(module_name(path))
    for group in STRANGERS:
        if own in group:
            assert inner_imports(path) & group <= {own}


@pytest.mark.parametrize("library", sorted(HOMES))
def test_library_is_imported_at_home_only(library: str) -> None:
    elsewhere = [
        module_name(path)
        for path in modules()
        if any(name.split(".")[0] == library for name in imports(path))
        and not module_name(path).startswith(HOMES[library])
    ]
    assert elsewhere == []


@pytest.mark.parametrize("path", INSIDE, ids=module_name)
def test_package_never_imports_plugins(path: Path) -> None:
    assert not any(name.startswith("pathae_plugins") for name in imports(path))


def test_front_door_imports_the_autoload_only() -> None:
    plugins = {name for name in imports(FRONT_DOOR) if name.startswith("pathae_plugins")}
    assert {name.split(".")[1] for name in plugins} <= {"autoload"}


def test_no_module_is_a_drawer() -> None:
    """A thing that has no home in the glossary has no file."""
    drawers = {"utils", "util", "common", "base", "types", "helpers", "misc"}
    assert [path for path in modules() if path.stem in drawers] == []
