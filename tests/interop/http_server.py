"""A server of files with ranges of bytes, which counts what it is asked for and what it sends."""

import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import unquote, urlsplit

COUNTS = "/-counts"
"""Gives requests and bytes since it was asked last; is not counted itself."""


@dataclass
class Counts:
    """What went over the wire; a `HEAD` is a request of no bytes."""

    requests: int = 0
    bytes: int = 0


class CountingServer(ThreadingHTTPServer):
    """Serves a folder on this machine only."""

    daemon_threads = True

    def __init__(self, folder: Path, *, ranges: bool = True) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.folder = folder
        self.ranges = ranges
        self._counts = Counts()
        self._lock = threading.Lock()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def count(self, sent: int) -> None:
        with self._lock:
            self._counts.requests += 1
            self._counts.bytes += sent

    def take_counts(self) -> Counts:
        """Return the counts since the last call."""
        with self._lock:
            counts, self._counts = self._counts, Counts()
            return counts


@contextmanager
def serve(folder: Path, *, ranges: bool = True) -> Iterator[CountingServer]:
    """Serve a folder until the block ends."""
    server = CountingServer(folder, ranges=ranges)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: CountingServer

    def do_HEAD(self) -> None:
        self._answer(with_body=False)

    def do_GET(self) -> None:
        self._answer(with_body=True)

    def log_message(self, *_: object) -> None:
        pass

    def _answer(self, *, with_body: bool) -> None:
        path = unquote(urlsplit(self.path).path)
        if path == COUNTS:
            self._send(200, json.dumps(vars(self.server.take_counts())).encode(), {}, True)
            return
        file = self.server.folder / path.lstrip("/")
        if not file.is_file():
            self.server.count(0)
            self._send(404, b"", {}, with_body)
            return
        data, headers = file.read_bytes(), {}
        status, size = 200, len(data)
        asked = re.fullmatch(r"bytes=(\d*)-(\d*)", self.headers.get("Range", ""))
        if self.server.ranges:
            headers["Accept-Ranges"] = "bytes"
            if asked:
                first, last = asked.groups()
                start = int(first) if first else max(0, size - int(last))
                stop = min(size, int(last) + 1) if first and last else size
                data, status = data[start:stop], 206
                headers["Content-Range"] = f"bytes {start}-{stop - 1}/{size}"
        self.server.count(len(data) if with_body else 0)
        self._send(status, data, headers, with_body)

    def _send(self, status: int, data: bytes, headers: dict[str, str], with_body: bool) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        if with_body:
            self.wfile.write(data)
