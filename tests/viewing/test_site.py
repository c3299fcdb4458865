"""What the server answers, and what it keeps to itself."""

import http.client
import json
import threading
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import imagecodecs
import numpy as np
import pytest

from pathae_codec.errors import SettingError, SlideNotFoundError
from pathae_codec.model.artifact_file import load_artifact
from pathae_codec.regions.stored_source import open_source
from pathae_codec.viewing.server import ViewerServer
from pathae_codec.viewing.shown import find_slides, open_shown
from pathae_codec.viewing.site import Answer, Site
from tests.viewing.slides import EMBEDDED, fixture, write_default, write_source


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_source(tmp_path_factory.mktemp("view"))


@pytest.fixture(scope="module")
def site(source: Path) -> Site:
    paths = [*map(fixture, EMBEDDED), write_default(source, source.parent), source]
    return Site([open_shown(path, "page") for path in paths], against=4)


@pytest.fixture(scope="module")
def server(site: Site) -> Iterator[ViewerServer]:
    with ViewerServer(site) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def content(answer: Answer) -> bytes:
    if answer.file is None:
        return answer.body
    return answer.file.read_bytes()[answer.start : answer.end]


def ask(server: ViewerServer, path: str, **headers: str) -> tuple[int, dict[str, str], bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", server.server_port, timeout=20)
    # Paths go out as they are: a client must not tidy them up.
    connection.putrequest("GET", path, skip_host="Host" in headers)
    for name, value in headers.items():
        connection.putheader(name, value)
    connection.endheaders()
    response = connection.getresponse()
    body = response.read()
    connection.close()
    return response.status, dict(response.getheaders()), body


def test_the_page_and_all_that_it_names_are_there(site: Site) -> None:
    page = content(site.answer(""))
    assert b"<title>PathAE" in page
    for name, kind in {
        "main.js": "text/javascript",
        "decoder/src/worker.js": "text/javascript",
        "decoder/src/kernel.wasm": "application/wasm",
        "decoder/src/kernel-fused.wasm": "application/wasm",
        "decoder/vendor/jpegxl/jxl_oxide_wasm_bg.wasm": "application/wasm",
        "openseadragon/openseadragon.min.js": "text/javascript",
        "openseadragon/LICENSE.txt": "text/plain",
        "decoder/vendor/jpegxl/LICENSE-MIT": "application/octet-stream",
        "style.css": "text/css",
    }.items():
        answer = site.answer(name)
        assert (answer.status, answer.kind.partition(";")[0]) == (200, kind), name


def test_the_listing_names_what_is_shown(site: Site) -> None:
    listing = json.loads(site.answer("slides.json").body)
    assert [one["decode"] for one in listing["slides"]] == ["page"] * 4 + ["server"]
    assert listing["against"] == 4
    assert listing["slides"][4]["levels"][0] == {"width": 700, "height": 520}
    for one in listing["slides"][:4]:
        path = one["url"] if one["url"].endswith(".tif") else f"{one['url']}/{_metadata(one)}"
        assert site.answer(path).status == 200


def _metadata(entry: dict[str, str]) -> str:
    return ".zattrs" if "0.4" in entry["url"] else "zarr.json"


def test_ranges_are_those_that_were_asked_for(site: Site) -> None:
    whole = fixture("slide.tif").read_bytes()
    url = "slides/0/slide.tif"
    for asked, wanted in {
        "bytes=0-15": whole[:16],
        "bytes=100-": whole[100:],
        "bytes=-20": whole[-20:],
        f"bytes=5-{10**9}": whole[5:],
    }.items():
        answer = site.answer(url, asked)
        assert answer.status == 206
        assert content(answer) == wanted
    assert site.answer(url, f"bytes={len(whole)}-").status == 416
    for other in (None, "bytes=-", "lines=1-2", "bytes=1-2,4-5"):
        assert site.answer(url, other).status == 200


@pytest.mark.parametrize(
    "path",
    [
        "slides/0/../../../etc/passwd",
        "slides/0/slide.tif/../../pixels.npz",
        "slides/0/pixels.npz",
        "slides/1/slide.ome.zarr/../pixels.npz",
        "slides/1/slide.ome.zarr/%2e%2e/pixels.npz",
        "slides/1/slide.ome.zarr//etc/passwd",
        "slides/1/slide.ome.zarr/0",
        "slides/4/source.svs",
        "slides/9/slide.tif",
        "pixels/9/0/0/0",
        "main.js/../../cli.py",
        "../cli.py",
        "decoders/" + "0" * 64 + ".safetensors",
    ],
)
def test_nothing_else_is_reachable(site: Site, path: str) -> None:
    assert site.answer(path).status == 404


def test_a_link_that_leads_out_of_a_slide_leads_nowhere(tmp_path: Path) -> None:
    import shutil

    copy = tmp_path / "slide.ome.zarr"
    shutil.copytree(fixture("slide.ome.zarr"), copy)
    (tmp_path / "secret").write_text("secret")
    (copy / "within").symlink_to(copy / "zarr.json")
    (copy / "out").symlink_to(tmp_path / "secret")
    site = Site([open_shown(copy, "page")])
    assert site.answer("slides/0/slide.ome.zarr/within").status == 200
    assert site.answer("slides/0/slide.ome.zarr/out").status == 404


def test_pictures_are_the_very_pixels(site: Site, source: Path) -> None:
    reader = open_source(source)
    for level, row, column in ((0, 0, 0), (0, 1, 1), (1, 0, 0)):
        picture = site.answer(f"pixels/4/{level}/{row}/{column}")
        found = imagecodecs.png_decode(picture.body)
        width, height = reader.levels[level].width, reader.levels[level].height
        left, top = 512 * column, 512 * row
        size = min(512, width - left), min(512, height - top)
        assert np.array_equal(found, reader.read_region(level, left, top, *size))
    assert site.answer("pixels/4/0/2/0").status == 422
    assert site.answer("pixels/4/7/0/0").status == 422


def test_pictures_of_our_files_are_their_tiles(site: Site) -> None:
    found = imagecodecs.png_decode(site.answer("pixels/0/0/1/1").body)
    assert found.shape == (128, 128, 3)


def test_a_decoder_comes_alone(site: Site) -> None:
    needed = site.shown[3].decoder
    assert needed is not None
    digits = needed.decoder_id.removeprefix("sha256:")
    answer = site.answer(f"decoders/{digits}.safetensors")
    decoder = load_artifact(answer.body)
    assert decoder.decoder_id == needed.decoder_id
    assert decoder.synthesis is not None
    assert decoder.analysis is None
    assert not decoder.bottlenecks
    assert all(one.decoder is None for one in site.shown[:3])


def test_the_token_opens_and_nothing_else_does(server: ViewerServer) -> None:
    path = urlsplit(server.address).path
    status, headers, body = ask(server, path)
    assert (status, b"<title>" in body) == (200, True)
    assert "default-src 'self'" in headers["Content-Security-Policy"]
    for wrong in ("/", "/slides.json", f"/{'x' * 24}/", path[:-2] + "/"):
        assert ask(server, wrong)[0] == 403
    assert len(path) > 20


def test_another_name_of_this_machine_is_refused(server: ViewerServer) -> None:
    """A page elsewhere can let its own name point here, and would read what it shows."""
    path, port = urlsplit(server.address).path, server.server_port
    assert ask(server, path, Host=f"localhost:{port}")[0] == 200
    assert ask(server, path, Host=f"evil.example:{port}")[0] == 403
    assert server.server_address[0] == "127.0.0.1"


def test_ranges_go_over_the_wire(server: ViewerServer) -> None:
    url = f"{urlsplit(server.address).path}slides/0/slide.tif"
    whole = fixture("slide.tif").read_bytes()
    status, headers, body = ask(server, url, Range="bytes=16-99")
    assert (status, body) == (206, whole[16:100])
    assert headers["Content-Range"] == f"bytes 16-99/{len(whole)}"
    assert ask(server, url)[2] == whole
    assert ask(server, url, Range=f"bytes={len(whole)}-")[0] == 416


def test_a_port_that_is_taken_is_told(server: ViewerServer, site: Site) -> None:
    with pytest.raises(SettingError, match="expected a free one"):
        ViewerServer(site, server.server_port)
    with pytest.raises(SettingError, match="port 99999"):
        ViewerServer(site, 99999)


def test_folders_name_the_slides_in_them(tmp_path: Path) -> None:
    folder = fixture("slide.tif").parent
    assert [path.name for path in find_slides([folder])] == sorted(EMBEDDED)
    with pytest.raises(SlideNotFoundError, match="expected files that end in"):
        find_slides([tmp_path])
    with pytest.raises(SlideNotFoundError, match="no such file"):
        find_slides([tmp_path / "none.tif"])
