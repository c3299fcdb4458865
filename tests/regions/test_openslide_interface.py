"""`pathae_codec.open` beside OpenSlide on the source, call by call."""

import pickle
import threading
from pathlib import Path

import numpy as np
import openslide
import pytest
from numpy.typing import NDArray
from openslide.deepzoom import DeepZoomGenerator
from PIL import Image

import pathae_codec
from benchmarks.synthetic_slide import write_synthetic_slide
from pathae_codec.container import open_container
from pathae_codec.conversion.convert import convert_slide
from pathae_codec.conversion.settings import ConvertSettings
from pathae_codec.errors import NotPathAEError, SlideNotFoundError, SlideReadError
from pathae_codec.privacy.icc_profile import neutral_profile
from tests.shared_data import require_slide

CONTAINERS = ["a.tif", "a.ome.zarr"]
REAL_SLIDES = ["CMU-1-Small-Region.svs", "TCGA-CR-7395.svs"]
MOST_SQUARED_ERROR = 255**2 / 10 ** (25 / 10)
"""The floor of 25 dB that every tile holds at the default quality."""
REGIONS = [
    ((0, 0), (300, 200)),
    ((-50, -70), (200, 200)),
    ((-33, 1001), (300, 200)),
    ((-5, 7), (50, 40)),
    ((1001, 777), (60, 50)),
    ((-500, 0), (100, 100)),
    ((10**6, 10**6), (20, 30)),
    ((0, 0), (0, 0)),
]


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("slides") / "drawn.svs"
    write_synthetic_slide(path, width=1403, height=1102, levels=2)
    return path


@pytest.fixture(scope="module", params=[*CONTAINERS, "b.ome.zarr"])
def stored(
    request: pytest.FixtureRequest, drawn: Path, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    path = tmp_path_factory.mktemp("stored") / request.param
    ngff = "0.4" if request.param.startswith("b") else "0.5"
    convert_slide(drawn, path, ConvertSettings(tile=256, keep=frozenset({"label"}), ngff=ngff))
    return path


def pixels(image: object) -> NDArray[np.int16]:
    return np.asarray(image).astype(np.int16)


def compare(ours: openslide.OpenSlide, theirs: openslide.OpenSlide) -> None:
    """Compare all that lossy pixels leave equal, at all levels that both have."""
    assert ours.dimensions == theirs.dimensions
    count = theirs.level_count
    assert ours.level_dimensions[:count] == theirs.level_dimensions
    assert ours.level_downsamples[:count] == theirs.level_downsamples
    width, height = theirs.dimensions
    borders = [((width - 37, height - 41), (80, 90)), ((width // 2, height - 10), (600, 90))]
    for level in range(count + 2):
        for location, size in [*REGIONS, *borders]:
            mine = pixels(ours.read_region(location, level, size))
            other = pixels(theirs.read_region(location, level, size))
            if level >= count and level < ours.level_count:
                continue
            assert mine.shape == other.shape
            # At borders between two pixels alpha is interpolated, with a rounding of its own.
            assert np.abs(mine[..., 3] - other[..., 3]).max(initial=0) <= 2
            assert (mine[other[..., 3] == 0] == 0).all()
            error = (mine - other)[..., :3].astype(np.float64)
            assert not error.size or (error**2).mean() < 400
    for downsample in (0.5, 1, 1.9, 2):
        best = theirs.get_best_level_for_downsample(downsample)
        assert ours.get_best_level_for_downsample(downsample) == best
    grid, expected = DeepZoomGenerator(ours), DeepZoomGenerator(theirs)
    assert grid.level_tiles == expected.level_tiles
    assert grid.level_dimensions == expected.level_dimensions
    assert grid.get_dzi("jpeg") == expected.get_dzi("jpeg")
    for level in (grid.level_count - 1, grid.level_count - 2, 4):
        columns, rows = grid.level_tiles[level]
        for address in {(0, 0), (columns - 1, rows - 1)}:
            mine = grid.get_tile(level, address)
            assert mine.size == expected.get_tile(level, address).size
    for name in ("openslide.mpp-x", "openslide.mpp-y", "openslide.objective-power"):
        assert ours.properties.get(name) == theirs.properties.get(name)


def test_drawn_slide_is_as_openslide_has_it(drawn: Path, stored: Path) -> None:
    with pathae_codec.open(stored) as ours, openslide.OpenSlide(drawn) as theirs:
        compare(ours, theirs)
        assert set(ours.associated_images) == {"label", "thumbnail"}
        assert ours.associated_images["label"].size == theirs.associated_images["label"].size
        assert ours.associated_images["label"].mode == "RGBA"
        assert ours.get_thumbnail((200, 200)).size == theirs.get_thumbnail((200, 200)).size
        error = pixels(ours.get_thumbnail((200, 200))) - pixels(theirs.get_thumbnail((200, 200)))
        assert (error.astype(np.float64) ** 2).mean() < MOST_SQUARED_ERROR
        assert ours.color_profile is None
        with pytest.raises(KeyError):
            ours.properties["openslide.quickhash-1"]
        with pytest.raises(KeyError):
            ours.associated_images["macro"]


Pair = tuple[Path, Path]


@pytest.fixture(
    scope="module",
    params=[(slide, name) for slide in REAL_SLIDES for name in CONTAINERS],
    ids=lambda param: "-".join(param),
)
def real(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Pair:
    """Return a real slide and what it was converted to."""
    slide, name = request.param
    source, path = require_slide(slide), tmp_path_factory.mktemp("real") / name
    convert_slide(source, path)
    return source, path


@pytest.mark.shared
def test_real_slides_are_as_openslide_has_them(real: Pair) -> None:
    source, path = real
    with pathae_codec.open(path) as ours, openslide.OpenSlide(source) as theirs:
        compare(ours, theirs)
        mine, other = ours.color_profile, theirs.color_profile
        assert (mine is None) == (other is None)
        if mine is not None and other is not None:
            assert mine.tobytes() == neutral_profile(other.tobytes())
        profile = theirs.read_region((0, 0), 0, (0, 0)).info.get("icc_profile")
        neutral = neutral_profile(profile) if profile else None
        assert ours.read_region((0, 0), 0, (9, 9)).info.get("icc_profile") == neutral


@pytest.mark.shared
def test_real_slides_keep_their_floor_at_every_level(real: Pair) -> None:
    source, path = real
    with pathae_codec.open(path) as ours, openslide.OpenSlide(source) as theirs:
        record = open_container(path).record.as_json()
        floor, side = record["tiles"]["min_psnr"], record["tile"]
        assert floor == 25
        for level, size in enumerate(ours.level_dimensions):
            if level < theirs.level_count:
                expected = over_white(theirs.read_region((0, 0), level, size))
            else:
                # The source has no such level: means of boxes stand for it, from its finest one.
                whole = over_white(theirs.read_region((0, 0), 0, theirs.dimensions))
                expected = box_means(whole, round(ours.level_downsamples[level]))
            found = ours.read_array((0, 0), level, size)
            for top in range(0, expected.shape[0], side):
                for left in range(0, expected.shape[1], side):
                    place = np.s_[top : top + side, left : left + side]
                    if expected[place].shape[:2] != (side, side):
                        # Padding counts for the floor, and is not seen here.
                        continue
                    error = found[place].astype(np.float64) - expected[place]
                    psnr = 10 * np.log10(255**2 / max((error**2).mean(), 1e-9))
                    # Levels made of others were rounded at each step: a tenth of a decibel.
                    assert psnr >= floor - (0.1 if level >= theirs.level_count else 0)


@pytest.mark.shared
def test_real_slides_give_the_deepzoom_tiles_of_the_source(real: Pair) -> None:
    source, path = real
    with pathae_codec.open(path) as ours, openslide.OpenSlide(source) as theirs:
        for bounds in (True, False):
            grid, expected = (
                DeepZoomGenerator(slide, tile_size=510, overlap=1, limit_bounds=bounds)
                for slide in (ours, theirs)
            )
            assert grid.tile_count == expected.tile_count
            level = grid.level_count - 2
            for address in ((0, 0), (1, 0)):
                # Which level of the slide a tile is of may differ: ours has more of them.
                assert grid.get_tile_coordinates(
                    grid.level_count - 1, address
                ) == expected.get_tile_coordinates(grid.level_count - 1, address)
                dimensions = grid.get_tile_dimensions(level, address)
                assert dimensions == expected.get_tile_dimensions(level, address)
                error = pixels(grid.get_tile(level, address)) - pixels(
                    expected.get_tile(level, address)
                )
                assert (error.astype(np.float64) ** 2).mean() < MOST_SQUARED_ERROR


def over_white(image: Image.Image) -> NDArray[np.uint8]:
    white = Image.new("RGBA", image.size, "white")
    return np.asarray(Image.alpha_composite(white, image))[..., :3]


def box_means(image: NDArray[np.uint8], factor: int) -> NDArray[np.uint8]:
    height, width = (side // factor for side in image.shape[:2])
    boxes = image[: height * factor, : width * factor].reshape(height, factor, width, factor, 3)
    means: NDArray[np.uint8] = np.rint(boxes.mean((1, 3), dtype=np.float32)).astype(np.uint8)
    return means


def test_containers_and_arrays_give_the_same_pixels(stored: Path) -> None:
    slide = pathae_codec.open(stored)
    assert isinstance(slide, openslide.OpenSlide)
    for location, size in REGIONS:
        for level in range(slide.level_count):
            rgba = pixels(slide.read_region(location, level, size))
            array = slide.read_array(location, level, size)
            alpha = rgba[..., 3:].astype(np.float64) / 255
            white = rgba[..., :3] * alpha + 255 * (1 - alpha)
            assert array.shape == (size[1], size[0], 3)
            assert np.abs(white - array).max(initial=0) <= 0.5


def test_missing_foreign_and_closed_files_are_refused(drawn: Path, stored: Path) -> None:
    with pytest.raises(SlideNotFoundError, match="no such file"):
        pathae_codec.open(drawn.with_name("none.tif"))
    with pytest.raises(NotPathAEError, match="pathae convert"):
        pathae_codec.open(drawn)
    with pytest.raises(NotPathAEError, match="pathae convert"):
        pathae_codec.open(drawn.parent)
    assert pathae_codec.PathAESlide.detect_format(drawn) is None
    assert pathae_codec.PathAESlide.detect_format(stored) == "pathae"
    slide = pathae_codec.open(stored)
    with pytest.raises(SlideReadError, match="size"):
        slide.read_region((0, 0), 0, (-1, 5))
    slide.close()
    with pytest.raises(SlideReadError, match="closed"):
        slide.read_region((0, 0), 0, (5, 5))


def test_slides_share_a_cache_and_keep_its_capacity(stored: Path) -> None:
    cache = pathae_codec.TileCache(3 * 256 * 256 * 2)
    first, second = pathae_codec.open(stored), pathae_codec.open(stored)
    for slide in (first, second):
        slide.set_cache(cache)
        slide.read_region((0, 0), 0, (600, 300))
    assert cache._held == cache.capacity
    theirs = openslide.OpenSlideCache(1 << 20)
    first.set_cache(theirs)
    second.set_cache(theirs)
    assert first._open.cache is second._open.cache
    assert first._open.cache.capacity == 1 << 20
    with pytest.raises(TypeError):
        first.set_cache(7)


def test_threads_and_pickles_read_the_same(stored: Path) -> None:
    slide = pickle.loads(pickle.dumps(pathae_codec.open(stored)))
    slide.set_cache(pathae_codec.TileCache(1 << 20))
    expected = pixels(slide.read_region((100, 100), 0, (900, 700)))
    found: list[bool] = []

    def read() -> None:
        for _ in range(5):
            found.append(
                bool((pixels(slide.read_region((100, 100), 0, (900, 700))) == expected).all())
            )

    threads = [threading.Thread(target=read) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [True] * 20


def test_patched_openslide_takes_both(drawn: Path, stored: Path) -> None:
    from openslide import OpenSlide, open_slide

    with pytest.raises(openslide.OpenSlideError):
        OpenSlide(stored)
    pathae_codec.patch_openslide()
    pathae_codec.patch_openslide()
    try:
        assert isinstance(OpenSlide(stored), pathae_codec.PathAESlide)
        assert isinstance(open_slide(str(stored)), OpenSlide)
        assert OpenSlide(filename=stored).dimensions == open_slide(drawn).dimensions
        assert type(open_slide(drawn)) is OpenSlide
        with OpenSlide(stored) as slide, OpenSlide(drawn) as source:
            tiles = DeepZoomGenerator(slide), DeepZoomGenerator(source)
            assert tiles[0].get_tile(9, (0, 0)).size == tiles[1].get_tile(9, (0, 0)).size
        assert OpenSlide.detect_format(stored) == "pathae"
        assert OpenSlide.detect_format(drawn) == "aperio"
    finally:
        pathae_codec.unpatch_openslide()
    with pytest.raises(openslide.OpenSlideError):
        OpenSlide(stored)
    assert OpenSlide.detect_format(stored) != "pathae"


def test_openslide_refuses_our_tiff_in_words(drawn: Path, tmp_path: Path) -> None:
    convert_slide(drawn, tmp_path / "a.tif", ConvertSettings(tile=256))
    with pytest.raises(openslide.OpenSlideError, match=r"(?i)compression"):
        openslide.OpenSlide(tmp_path / "a.tif")
