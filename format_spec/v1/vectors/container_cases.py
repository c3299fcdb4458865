"""The vectors of `containers/`: small slides in TIFF and OME-Zarr, sound and not."""

from collections.abc import Iterator, Mapping

import numpy as np

from format_spec.v1.vectors.container_slide import LEVELS, SampleSlide, sample_slide
from format_spec.v1.vectors.container_tiff import pack_tiff, slide_directories
from format_spec.v1.vectors.container_tiff_cases import tiff_cases
from format_spec.v1.vectors.container_zarr import written, zarr_files
from format_spec.v1.vectors.container_zarr_cases import (
    BASES,
    Files,
    all_embedded,
    not_sharded,
    zarr_cases,
)
from format_spec.v1.vectors.vector import Vector, case_file, npy_file

TIFF, ZARR = "slide.tif", "slide.ome.zarr"


def container_cases(parameters: bytes, image: bytes) -> Iterator[Vector]:
    """Return the vectors of containers.

    Args:
        parameters: Embedded codec parameters of the slide.
        image: A fallback tile of 16 x 16 pixels, the thumbnail of those that have one.
    """
    slide = sample_slide(parameters)
    bases = {version: zarr_files(slide, image, version) for version in BASES}
    tiffs = {
        "tiff": pack_tiff(slide_directories(slide)),
        "bigtiff": pack_tiff(slide_directories(slide), big=True),
    }
    zarrs: Mapping[str, Files] = {
        "zarr-0.5": bases["0.5"],
        "zarr-0.4": bases["0.4"],
        "zarr-0.5-not-sharded": not_sharded(bases["0.5"], slide),
        "zarr-0.5-all-embedded": all_embedded(bases["0.5"]),
    }
    for name, data in tiffs.items():
        yield _valid(name, {TIFF: data}, slide)
    for name, files in zarrs.items():
        stored = {f"{ZARR}/{file}": data for file, data in written(files).items()}
        yield _valid(name, stored, slide)
    for name, wrong in tiff_cases(slide).items():
        case = case_file(tests=f"TIFF: {name}", **wrong.stated)
        files = {TIFF: wrong.data, "case.json": case}
        yield Vector(f"containers/invalid/tiff-{name}", files)
    for name, change in zarr_cases(slide, image).items():
        base = bases[change.version]
        changed, before = written(change.apply(base)), written(base)
        added = {n: data for n, data in changed.items() if before.get(n) != data}
        case = case_file(
            tests=f"OME-Zarr {change.version}: {name}",
            base=f"containers/valid/zarr-{change.version}",
            removed=sorted(before.keys() - changed.keys()),
            **change.stated,
        )
        overlay = {f"{ZARR}/{n}": data for n, data in added.items()}
        yield Vector(f"containers/invalid/zarr-{name}", overlay | {"case.json": case})


def _valid(name: str, files: Mapping[str, bytes], slide: SampleSlide) -> Vector:
    rules = ["R-zarr-same-bytes", "R-8-within"]
    rules += ["R-tiff-tags"] if TIFF in files else ["R-zarr-schema", "R-zarr-parameters"]
    case = case_file(
        tests=f"a slide of {len(LEVELS)} levels", rules=rules, peak_error=2, rms_error=0.5
    )
    levels = {f"level-{n}.npy": npy_file(np.asarray(p)) for n, p in enumerate(slide.pixels)}
    return Vector(f"containers/valid/{name}", {**files, **levels, "case.json": case})
