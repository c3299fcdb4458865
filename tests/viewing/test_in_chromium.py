"""The page in headless Chromium: what it shows is what Python decodes."""

import json
import shutil
import subprocess
import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import pathae_codec
from pathae_codec.viewing.server import ViewerServer
from pathae_codec.viewing.shown import open_shown
from pathae_codec.viewing.site import Site
from pathae_codec.viewing.static_site import export_site
from tests.viewing.slides import (
    TILE,
    fixture,
    write_damaged,
    write_default,
    write_exact,
    write_realism,
    write_source,
)

JAVASCRIPT = Path(__file__).parents[2] / "plugins" / "javascript"
LOOK = JAVASCRIPT / "test" / "look.js"
MOST_SECONDS = 120
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not shutil.which("node"), reason="no node here"),
    pytest.mark.skipif(
        not (JAVASCRIPT / "node_modules").is_dir(), reason="no node modules: make javascript"
    ),
]


def look(site: Site, *steps: str) -> dict[str, Any]:
    """Open a site in Chromium and return what was seen; see look.js for the steps."""
    with ViewerServer(site) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            return look_at(server.address, *steps)
        finally:
            server.shutdown()
            thread.join()


def look_at(url: str, *steps: str) -> dict[str, Any]:
    run = subprocess.run(
        ["node", LOOK, url, *steps], capture_output=True, text=True, timeout=MOST_SECONDS
    )
    if run.returncode == 77:
        pytest.skip(run.stderr.strip())
    assert run.returncode == 0, run.stderr
    seen: dict[str, Any] = json.loads(run.stdout)
    return seen


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("chromium")
    write_default(write_source(folder), folder)
    return folder


def test_tiles_are_those_of_python(folder: Path) -> None:
    """With the decoder that the file names, fetched by its identity."""
    path = folder / "default.tif"
    site = Site([open_shown(path, "page"), open_shown(folder / "source.svs", "page")], against=1)
    seen = look(site, "tile:0/1/1", "key:c", "key:i")
    decoded = pathae_codec.open(path).read_array((TILE, TILE), 0, (TILE, TILE))
    found = np.array(seen["tiles"]["0/1/1"], np.uint8).reshape(TILE, TILE, 4)[..., :3]
    assert np.abs(found.astype(int) - decoded).max() <= 1
    assert decoded.std() > 10
    assert seen["errors"] == []
    assert seen["layout"] == "single"
    assert seen["damaged"] == 0
    # A picture is on the screen: neither paper nor one colour.
    assert seen["deviation"] > 8
    assert seen["notice"] is None
    assert "Microns per pixel" in seen["panel"]
    assert "µm" in seen["scale"]


def test_a_damaged_tile_is_marked_and_the_rest_goes_on(folder: Path) -> None:
    damaged = folder / "damaged.tif"
    write_damaged(fixture("slide.tif"), damaged)
    site = Site([open_shown(damaged, "page"), open_shown(fixture("slide.ome.zarr"), "page")])
    seen = look(site, "key:0", "key:+", "key:+", "key:+", "key:c")
    assert seen["damaged"] == 1
    assert "bytes were changed" in seen["notice"]
    assert seen["decoded"] >= 2
    assert seen["layout"] == "side"
    assert seen["errors"] == []


def test_exact_tiles_come_from_the_server(folder: Path) -> None:
    path = write_exact(folder / "source.svs", folder)
    seen = look(Site([open_shown(path, "page")]), "key:+", "key:+")
    assert "exact" in seen["modes"]
    assert (seen["damaged"], seen["notice"], seen["errors"]) == (0, None, [])
    assert seen["deviation"] > 8


def test_realism_is_chosen_by_the_slider(folder: Path) -> None:
    path = write_realism(folder / "source.svs", folder)
    seen = look(Site([open_shown(path, "page")]), "realism:8", "tile:0/1/1")
    natural, default = (
        pathae_codec.open(path, realism=realism).read_array((128, 128), 0, (128, 128))
        for realism in (1, None)
    )
    found = np.array(seen["tiles"]["0/1/1"], np.uint8).reshape(128, 128, 4)[..., :3]
    assert np.abs(found.astype(int) - natural).max() <= 2
    assert np.abs(natural.astype(int) - default).max() > 4
    assert seen["slider"].strip().endswith("1")
    assert seen["errors"] == []


def test_a_static_site_shows_the_same(folder: Path) -> None:
    site = folder / "site"
    export_site([open_shown(folder / "default.tif", "page")], site)
    seen = look_at(str(site), "tile:0/0/0")
    decoded = pathae_codec.open(folder / "default.tif").read_array((0, 0), 0, (TILE, TILE))
    found = np.array(seen["tiles"]["0/0/0"], np.uint8).reshape(TILE, TILE, 4)[..., :3]
    assert np.abs(found.astype(int) - decoded).max() <= 1
    assert seen["errors"] == []
    assert seen["deviation"] > 8
