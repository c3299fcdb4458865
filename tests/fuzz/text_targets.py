"""Targets whose input is text: slide record, GeoJSON, what a server of HTTP answers."""

import json
import random
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from socket import SHUT_WR, create_server, socket
from unittest.mock import patch

from pathae_codec.container import open_container
from pathae_codec.conversion.keep_regions import load_regions
from pathae_codec.geometry import Level, TileIndex
from pathae_codec.privacy.record_texts import record_strays
from pathae_codec.record.checks import parse_json
from pathae_codec.record.slide_record import SlideRecord
from pathae_codec.storage import http_storage
from pathae_codec.storage.patience import Patience
from pathae_codec.verification.stated_twice import stated_problems
from tests.fuzz.mutation import mutate_bytes

FIXTURES = Path(__file__).parents[1] / "fixtures"
_TILE = 64
_BROAD = Level(0, 4096, 4096, 1.0)
_SHORT = Patience(request=1.0, whole=2.0, tries=1, pause=0.0)
_END = b"\r\n\r\n"


def read_record(data: bytes) -> None:
    """Read a slide record, hold it against itself, and list its texts."""
    record = SlideRecord.parse(parse_json(data, "slide record"))
    list(stated_problems(record, None, 1, 2.0))
    list(record_strays(record.sound()))
    record.as_json()


def records() -> list[bytes]:
    """Return the records of the fixtures."""
    paths = sorted(FIXTURES.glob("*/*.zarr"))
    return [json.dumps(open_container(path).record.as_json()).encode() for path in paths]


def read_regions(data: bytes) -> None:
    """Read GeoJSON and ask which tiles it touches."""
    with tempfile.NamedTemporaryFile(suffix=".geojson") as file:
        file.write(data)
        file.flush()
        regions = load_regions(file.name)
    regions.touched_tiles(_BROAD, [TileIndex(0, 0), TileIndex(3, 5)], _TILE)


def regions() -> list[bytes]:
    """Return polygons in each of the ways in which GeoJSON has them."""
    ring = "[[10, 10], [400, 20], [300, 300], [10, 10]]"
    polygon = f'{{"type": "Polygon", "coordinates": [{ring}, {ring}]}}'
    many = f'{{"type": "MultiPolygon", "coordinates": [[{ring}], [{ring}]]}}'
    gathered = f'{{"type": "GeometryCollection", "geometries": [{polygon}, {many}]}}'
    feature = f'{{"type": "Feature", "properties": {{"a": 1}}, "geometry": {polygon}}}'
    collection = f'{{"type": "FeatureCollection", "features": [{feature}, {feature}]}}'
    texts = (polygon, many, gathered, feature, collection, f"[{feature}]")
    return [text.encode() for text in texts]


def read_answer(data: bytes) -> None:
    """Open a slide at a server that answers with these bytes, whatever it is asked."""
    with patch.object(http_storage, "PATIENCE", _SHORT), _serving(data) as address:
        container = open_container(f"{address}/slide.tif")
        container.tile_bytes(0, TileIndex(0, 0))


def answers() -> list[bytes]:
    """Return answers with all of a slide, with a part, and without one."""
    slide = next(iter(sorted(FIXTURES.glob("*/*.tif")))).read_bytes()
    size = len(slide)
    etag = b'ETag: "a"\r\nAccept-Ranges: bytes'
    part = slide[:4096]
    heads = {
        b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n%s" % (size, etag): slide,
        b"HTTP/1.1 206 Partial Content\r\nContent-Length: 4096\r\nContent-Range: bytes 0-4095/%d"
        b"\r\n%s" % (size, etag): part,
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n%s" % etag: b"1000\r\n%s\r\n0" % part,
        b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 9": b"\x1f\x8b\x08abcdef",
        b"HTTP/1.1 416 Range Not Satisfiable\r\nContent-Range: bytes */%d" % size: b"",
        b"HTTP/1.1 404 Not Found\r\nContent-Length: 4": b"none",
        b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0": b"",
        b"HTTP/1.1 429 Too Many\r\nRetry-After: 0\r\nContent-Length: 0": b"",
        b"HTTP/1.1 503 Busy\r\nRetry-After: Wed, 21 Oct 2015 07:28:00 GMT": b"",
        b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:9/x\r\nContent-Length: 0": b"",
    }
    return [head + _END + body for head, body in heads.items()]


def mutate_answer(data: bytes, chance: random.Random) -> bytes:
    """Change the head of an answer mostly, its body at times."""
    head, _, body = data.partition(_END)
    if chance.random() < 0.8:
        head = mutate_bytes(head, chance)
    else:
        body = mutate_bytes(body, chance)
    return head + _END + body


@contextmanager
def _serving(data: bytes) -> Iterator[str]:
    server = _Server.running()
    server.data = data
    yield f"http://127.0.0.1:{server.port}"


class _Server:
    """Sends the same bytes to whoever connects, on this machine only, as long as the process."""

    def __init__(self) -> None:
        self.data = b""
        self._socket = create_server(("127.0.0.1", 0))
        self.port = self._socket.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    @classmethod
    @cache
    def running(cls) -> "_Server":
        return cls()

    def _serve(self) -> None:
        while True:
            connection, _ = self._socket.accept()
            threading.Thread(target=self._answer, args=(connection,), daemon=True).start()

    def _answer(self, connection: socket) -> None:
        with connection:
            try:
                connection.settimeout(2)
                connection.recv(1 << 16)
                connection.sendall(self.data)
                connection.shutdown(SHUT_WR)
                while connection.recv(1 << 16):
                    pass
            except OSError:
                return
