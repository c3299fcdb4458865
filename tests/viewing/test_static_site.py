"""A static site has all that the page needs, and is refused where it could not show a slide."""

import json
from pathlib import Path

import pytest

from pathae_codec.cli import main
from pathae_codec.errors import DestinationExistsError, SettingError
from pathae_codec.viewing.page_files import page_files
from pathae_codec.viewing.shown import open_shown
from pathae_codec.viewing.static_site import export_site
from tests.viewing.slides import fixture, write_source


def test_a_site_holds_page_and_slides(tmp_path: Path) -> None:
    names = ("slide.tif", "slide.ome.zarr")
    shown = [open_shown(fixture(name), "page") for name in names]
    written = export_site(shown, tmp_path / "site", against=1)
    listing = json.loads((tmp_path / "site/slides.json").read_text())
    assert listing["against"] == 1
    for entry, name in zip(listing["slides"], names, strict=True):
        assert entry == {"name": name, "decode": "page", "url": f"slides/{name}"}
        assert (tmp_path / "site" / entry["url"]).exists()
    copied = tmp_path / "site/slides/slide.tif"
    assert copied.read_bytes() == fixture("slide.tif").read_bytes()
    assert (tmp_path / "site/slides/slide.ome.zarr/zarr.json").exists()
    for name, path in page_files():
        assert (tmp_path / "site" / name).read_bytes() == path.read_bytes()
    assert written.slides > 0


def test_what_a_page_loads_is_small() -> None:
    """Below 2.5 MB with the decoder (1 MB), and without JPEG XL, which most slides do not have."""
    sizes = {name: path.stat().st_size for name, path in page_files()}
    assert sum(size for name, size in sizes.items() if "vendor/jpegxl" not in name) < 1_000_000


def test_a_slide_elsewhere_is_linked(tmp_path: Path) -> None:
    shown = [open_shown(fixture("slide.tif"), "page")]
    export_site(shown, tmp_path / "site", link="https://host.example/a b/")
    (entry,) = json.loads((tmp_path / "site/slides.json").read_text())["slides"]
    assert entry["url"] == "https://host.example/a b/slide.tif"
    assert not (tmp_path / "site/slides").exists()


def test_a_site_is_refused_that_could_not_show(tmp_path: Path) -> None:
    source = write_source(tmp_path)
    with pytest.raises(SettingError, match="pathae convert"):
        export_site([open_shown(source, "page")], tmp_path / "site")
    twice = [open_shown(fixture("slide.tif"), "page")] * 2
    with pytest.raises(SettingError, match="names that differ"):
        export_site(twice, tmp_path / "site")
    (tmp_path / "full").mkdir()
    (tmp_path / "full/own").write_text("mine")
    with pytest.raises(DestinationExistsError, match="an empty one"):
        export_site(twice[:1], tmp_path / "full")
    assert (tmp_path / "full/own").read_text() == "mine"


def test_the_command_writes_one(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    site = tmp_path / "site"
    assert main(["view", str(fixture("slide.tif")), "--export", str(site)]) == 0
    printed = capsys.readouterr().out
    assert "1 slide" in printed
    assert "http.server" in printed
    assert (site / "index.html").exists()
    assert main(["view", str(fixture("slide.tif")), "--export", str(site)]) == 2
    assert "expected no such folder" in capsys.readouterr().err
