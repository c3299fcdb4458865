"""The report: one file, nothing fetched, nothing named, and a browser that shows all of it."""

import json
import re
import shutil
import subprocess
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest

from pathae_codec.conversion.convert import convert_slide
from pathae_codec.conversion.settings import ConvertSettings
from pathae_codec.errors import ContainerError
from pathae_codec.record.lossy_history import LossyStep
from pathae_codec.verification.outcome import Verification
from pathae_codec.verification.report.page import draw_report
from pathae_codec.verification.verify import verify_file
from tests.planted_slide import FILE_NAME, PLANTED, write_planted
from tests.tiny_model import NAME

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
VOID = {"meta", "link", "img", "br"}
PHONE = 420
# Told by the page itself: the sides of every image, whether it is wider than the window, and what
# the browser says of each resource.
PROBE = """<script>addEventListener("load", () => {
const images = [...document.images].map(i => [i.complete, i.naturalWidth, i.naturalHeight]);
const fetched = performance.getEntriesByType("resource").map(entry => entry.name);
const wide = document.documentElement.scrollWidth, seen = innerWidth;
const text = document.body.innerText.length;
document.body.innerHTML = "";
document.body.dataset.found = JSON.stringify({images, fetched, wide, seen, text});
})</script>"""


@pytest.fixture(scope="module")
def found(mixed_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Verification:
    """Verify a file with tiles of every mode, under names that must not be told."""
    folder = tmp_path_factory.mktemp("jane-doe")
    shutil.copy(mixed_folder / "source.tif", folder / "accession-4711.tif")
    shutil.copy(mixed_folder / "mixed.tif", folder / "smith.tif")
    return verify_file(folder / "smith.tif", folder / "accession-4711.tif")


@pytest.fixture(scope="module")
def page(found: Verification) -> str:
    return draw_report(found)


class _Page(HTMLParser):
    """Notes tags that are not closed in order, and every reference."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.references: list[str] = []
        self.tags: set[str] = set()
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.references += [value or "" for name, value in attrs if name in ("src", "href")]
        if tag not in VOID and not (self.get_starttag_text() or "").endswith("/>"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if self.open and self.open[-1] == tag:
            self.open.pop()


def test_the_page_is_well_formed_and_refers_to_nothing_outside(page: str) -> None:
    parsed = _Page(page)
    assert parsed.open == []
    assert parsed.references
    assert all(reference.startswith("data:") for reference in parsed.references)
    assert "script" not in parsed.tags
    assert not re.search(r"url\(|@import|https?://|srcset|<iframe", page)
    assert "default-src &#x27;none&#x27;" in page


def test_the_page_names_no_file_and_no_folder(found: Verification, page: str) -> None:
    for name in ("accession", "4711", "smith", "jane", "doe", ".tif", "/tmp"):
        assert name not in re.sub(r"data:image/png;base64,[^\"]*", "", page)
    assert found.provenance.source_digest in page


def test_problems_name_no_file_either(
    mixed_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "smith.tif"
    shutil.copy(mixed_folder / "mixed.tif", path)

    def fail(file: Path) -> None:
        raise ContainerError(f"file {file}: cannot be read: no luck with {file.name}")

    monkeypatch.setattr("pathae_codec.verification.structure.open_container", fail)
    found = verify_file(path, mixed_folder / "source.tif")
    assert found.problems == ("this file: cannot be read: no luck with this file",)
    assert "smith" not in draw_report(found)


@pytest.mark.parametrize("keep", [False, True])
def test_a_planted_patient_is_not_in_the_report(
    keep: bool, tmp_path: Path, tiny_model_folder: Path
) -> None:
    """Nor where the file keeps all that its source says."""
    source, path = tmp_path / f"{FILE_NAME}.svs", tmp_path / f"{PLANTED['barcode']}.tif"
    write_planted(source, aperio=True)
    settings = ConvertSettings(tile=64, model=NAME, min_psnr=0, keep_metadata=keep)
    convert_slide(source, path, settings)
    found = verify_file(path, source)
    assert found.problems == ()
    page = draw_report(found).lower()
    assert [text for text in PLANTED.values() if text.lower() in page] == []


def test_what_a_file_says_is_text(found: Verification) -> None:
    hostile = "<script>alert(1)</script>\"'<img src=http://x.test/y>"
    assert found.record is not None
    record = replace(
        found.record,
        software=hostile,
        model=replace(found.record.model, name=hostile, decoder=hostile),
        lossy_history=(LossyStep(hostile), LossyStep("JPEG", software=hostile)),
        intended_use=hostile,
    )
    page = draw_report(replace(found, record=record, problems=(hostile,)))
    parsed = _Page(page)
    assert "script" not in parsed.tags
    assert parsed.open == []
    assert all(reference.startswith("data:") for reference in parsed.references)


def browse(page: Path, folder: Path) -> tuple[str, list[str]]:
    """Return the DOM that a browser makes of a page, and the URLs that the page asks a network for.

    What the browser asks for on its own account has no origin.
    """
    browser = next(filter(None, map(shutil.which, BROWSERS)), None)
    if browser is None:
        pytest.skip(f"none of {', '.join(BROWSERS)} is installed")
    log = folder / "net.json"
    command = [
        browser, "--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking",
        "--disable-component-update", "--no-first-run", f"--user-data-dir={folder / 'profile'}",
        f"--window-size={PHONE},800", "--virtual-time-budget=20000", f"--log-net-log={log}",
        "--host-resolver-rules=MAP * ~NOTFOUND", "--dump-dom", page.as_uri(),
    ]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=120)
    events = json.loads(log.read_text("utf-8"))["events"]
    requests = [event.get("params", {}) for event in events]
    return done.stdout, [
        request["url"]
        for request in requests
        if request.get("url", "").startswith("http")
        and request.get("initiator", "not an origin") != "not an origin"
    ]


def test_a_browser_shows_every_image_and_fetches_nothing(
    found: Verification, page: str, tmp_path: Path
) -> None:
    path = tmp_path / "report.html"
    # The page forbids scripts; the probe is one.
    free = re.sub(r"<meta http-equiv=\"Content-Security-Policy\"[^>]*>", "", page)
    path.write_text(free.replace("</body>", PROBE + "</body>"), "utf-8")
    dom, urls = browse(path, tmp_path)
    told = re.search(r'data-found="([^"]*)"', dom)
    assert told
    seen = json.loads(told[1].replace("&quot;", '"'))
    # The slide, a map a level, three pictures a worst tile.
    assert len(seen["images"]) == 1 + len(found.levels) + 3 * len(found.worst)
    assert all(done and width > 0 and height > 0 for done, width, height in seen["images"])
    assert seen["text"] > 1000
    assert seen["wide"] <= seen["seen"]
    assert all(name.startswith("data:") for name in seen["fetched"])
    assert urls == []


def test_the_browser_would_be_seen_to_fetch(tmp_path: Path) -> None:
    page = tmp_path / "fetches.html"
    page.write_text('<img src="http://127.0.0.1:9/picture.png">', "utf-8")
    _, urls = browse(page, tmp_path)
    assert "http://127.0.0.1:9/picture.png" in urls
