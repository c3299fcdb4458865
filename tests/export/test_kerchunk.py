"""References to a PathAE TIFF: zarr reads it through fsspec, over a web server, by ranges."""

import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import fsspec
import numpy as np
import pytest
import zarr
from zarr.storage import FsspecStore

import pathae_codec
from benchmarks.synthetic_slide import write_synthetic_slide
from pathae_codec.cli import main
from pathae_codec.conversion.convert import convert_slide
from pathae_codec.conversion.settings import ConvertSettings
from pathae_codec.errors import DestinationExistsError, UnsupportedSlideError
from pathae_codec.export.kerchunk import tiff_references, write_references


@pytest.fixture(scope="module")
def stored(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("stored")
    write_synthetic_slide(folder / "drawn.svs", width=1100, height=600, levels=2)
    settings = ConvertSettings(tile=256, min_psnr=0)
    convert_slide(folder / "drawn.svs", folder / "stored.tif", settings)
    return folder / "stored.tif"


@contextmanager
def serve(path: Path) -> Iterator[tuple[str, list[tuple[int, int]]]]:
    """Serve one file by ranges; give its URL and the ranges that were asked for."""
    data, asked = path.read_bytes(), []

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_HEAD(self) -> None:
            self.send_response(200)
            self.send_header("Accept-Ranges", "bytes")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()

        def do_GET(self) -> None:
            found = re.fullmatch(r"bytes=(\d+)-(\d+)", self.headers.get("Range", ""))
            if self.path != f"/{path.name}" or not found:
                self.send_error(404)
                return
            first, last = int(found[1]), min(int(found[2]), len(data) - 1)
            asked.append((first, last + 1 - first))
            self.send_response(206)
            self.send_header("Content-Range", f"bytes {first}-{last}/{len(data)}")
            self.send_header("Content-Length", str(last + 1 - first))
            self.end_headers()
            self.wfile.write(data[first : last + 1])

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/{path.name}", asked
    finally:
        server.shutdown()
        server.server_close()


def open_references(references: dict[str, Any] | str, protocol: str) -> zarr.Group:
    fs = fsspec.filesystem(
        "reference",
        fo=references,
        asynchronous=True,
        remote_protocol=protocol,
        remote_options={"asynchronous": True},
        skip_instance_cache=True,
    )
    return zarr.open_group(FsspecStore(fs, read_only=True, path=""), mode="r", zarr_format=2)


def test_zarr_reads_it_over_http(stored: Path) -> None:
    ours = pathae_codec.open(stored)
    with serve(stored) as (url, asked):
        group = open_references(tiff_references(stored, url), "http")
        for level, size in enumerate(ours.level_dimensions):
            pixels = np.moveaxis(np.asarray(group[str(level)]), 0, -1)
            assert (pixels == ours.read_array((0, 0), level, size)).all()
        # A window inside one tile is one request, of that tile's bytes.
        del asked[:]
        window = np.asarray(group["0"][:, 300:340, 600:640])
        assert (np.moveaxis(window, 0, -1) == ours.read_array((600, 300), 0, (40, 40))).all()
        reader = tiff_references(stored, url)["refs"]["0/0/1/2"]
        assert asked == [(reader[1], reader[2])]


def test_url_is_read_and_referred_to(stored: Path) -> None:
    with serve(stored) as (url, _):
        references = tiff_references(url)
    assert references["templates"] == {"u": url}
    assert references["refs"] == tiff_references(stored)["refs"]


def test_references_are_ome_zarr_with_the_record(stored: Path) -> None:
    references = tiff_references(stored)
    assert references["version"] == 1
    assert references["templates"]["u"] == f"file://{stored.resolve()}"
    attributes = json.loads(references["refs"][".zattrs"])
    assert attributes["multiscales"][0]["version"] == "0.4"
    assert attributes["pathae"]["quality"] == 50
    chunks = [value for value in references["refs"].values() if isinstance(value, list)]
    data = stored.read_bytes()
    assert len(chunks) == 17
    assert all(data[offset : offset + 2] == b"\x50\xae" for _, offset, _ in chunks)


def test_command_writes_a_file_that_opens(
    stored: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "refs.json"
    with serve(stored) as (url, _):
        assert main(["kerchunk", str(stored), "-o", str(path), "--url", url]) == 0
        assert "2 levels, 17 tiles" in capsys.readouterr().out
        group = open_references(str(path), "http")
        assert np.asarray(group["1"]).shape == (3, 150, 275)
    assert main(["kerchunk", str(stored), "-o", str(path)]) == 2
    assert "exists" in capsys.readouterr().err
    with pytest.raises(DestinationExistsError):
        write_references(tiff_references(stored), path, overwrite=False)


def test_ome_zarr_needs_no_references(stored: Path, tmp_path: Path) -> None:
    pathae = tmp_path / "a.ome.zarr"
    assert main(["transcode", str(stored), str(pathae)]) == 0
    with pytest.raises(UnsupportedSlideError, match="expected a TIFF"):
        tiff_references(pathae)
