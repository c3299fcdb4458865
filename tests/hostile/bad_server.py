"""A server of files that fails as it is told to, on this machine only; it stops by itself."""

import gzip
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.utils import formatdate
from functools import cache
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Literal
from urllib.parse import unquote, urlsplit

LONGEST = 60.0
"""Seconds after which a server stops whatever a test does."""
Kind = Literal["status", "reset", "short", "long", "stall", "gzip", "elsewhere"]


@cache
def packed_zeros() -> bytes:
    """Return 256 MiB in a quarter of one."""
    return gzip.compress(bytes(1 << 20), 1) * 256


@dataclass
class Fault:
    """What goes wrong.

    Attributes:
        kind: `status` answers a code; `reset` breaks the connection after a few bytes; `short` and
            `long` send another number of bytes than the range has; `stall` sends nothing; `gzip`
            sends what becomes very long; `elsewhere` sends another range.
        where: A part of the paths that it happens at.
        times: How often it happens; then all is well.
        code: Of `status`.
        fields: Of the answer's header.
    """

    kind: Kind
    where: str = ""
    times: int = 1 << 30
    code: int = 0
    fields: dict[str, str] = field(default_factory=dict)


class BadServer(ThreadingHTTPServer):
    """Serves a folder, its files by their ETags and ranges, but for its faults."""

    daemon_threads = True

    def __init__(self, folder: Path, *, ranges: bool = True, tags: bool = True) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.folder = folder
        self.ranges = ranges
        self.tags = tags
        self.faults: list[Fault] = []
        self.asked: list[tuple[str, str, dict[str, str]]] = []
        self.over = threading.Event()
        self._lock = threading.Lock()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def take_fault(self, path: str) -> Fault | None:
        """Return what goes wrong with a request for a path."""
        with self._lock:
            for fault in self.faults:
                if fault.where in path and fault.times > 0:
                    fault.times -= 1
                    return fault
        return None

    def handle_error(self, *_: object) -> None:
        """A client that went away is none of the server's business."""


@contextmanager
def serve_badly(
    folder: Path, *faults: Fault, ranges: bool = True, tags: bool = True
) -> Iterator[BadServer]:
    """Serve a folder until the block ends, a minute at most."""
    server = BadServer(folder, ranges=ranges, tags=tags)
    server.faults += faults
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    limit = threading.Timer(LONGEST, server.shutdown)
    limit.daemon = True
    limit.start()
    try:
        yield server
    finally:
        limit.cancel()
        server.over.set()
        server.shutdown()
        server.server_close()
        thread.join()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: BadServer

    def do_HEAD(self) -> None:
        self._answer()

    def do_GET(self) -> None:
        self._answer()

    def log_message(self, *_: object) -> None:
        pass

    def _answer(self) -> None:
        path = unquote(urlsplit(self.path).path)
        fields = {name.lower(): value for name, value in self.headers.items()}
        self.server.asked.append((self.command, self.path, fields))
        fault = self.server.take_fault(path)
        if fault and fault.kind == "status":
            self._send(fault.code, b"", fault.fields)
            return
        if fault and fault.kind == "stall":
            self.server.over.wait(LONGEST)
            self.close_connection = True
            return
        file = self.server.folder / path.lstrip("/")
        if not file.is_file():
            self._send(404, b"", {})
            return
        data = file.read_bytes()
        tag = f'"{sha256(data).hexdigest()[:16]}"'
        date = formatdate(file.stat().st_mtime, usegmt=True)
        told = {"ETag": tag} if self.server.tags else {"Last-Modified": date}
        if self.server.tags and fields.get("if-match", tag) != tag:
            self._send(412, b"", told)
            return
        status = 200
        asked = re.fullmatch(r"bytes=(\d*)-(\d*)", fields.get("range", ""))
        if asked and self.server.ranges and self.command == "GET":
            status, data, told = self._cut(data, asked, told)
        self._spoil(status, data, told, fault)

    def _cut(
        self, data: bytes, asked: re.Match[str], told: dict[str, str]
    ) -> tuple[int, bytes, dict[str, str]]:
        first, last = asked.groups()
        size = len(data)
        start = int(first) if first else max(0, size - int(last))
        stop = min(size, int(last) + 1) if first and last else size
        if start >= size:
            return 416, b"", {**told, "Content-Range": f"bytes */{size}"}
        return 206, data[start:stop], {**told, "Content-Range": f"bytes {start}-{stop - 1}/{size}"}

    def _spoil(self, status: int, data: bytes, told: dict[str, str], fault: Fault | None) -> None:
        kind = fault.kind if fault and self.command == "GET" else None
        if kind == "reset":
            self._send(status, data, told, sent=min(5, len(data) - 1))
            self.close_connection = True
        elif kind == "short" and status == 206:
            self._send(status, data[:-1], told)
        elif kind == "short":
            self._send(status, data, told, sent=len(data) - 1)
            self.close_connection = True
        elif kind == "long":
            self._send(status, data + bytes(1000), told)
        elif kind == "gzip":
            self._send(status, packed_zeros(), {**told, "Content-Encoding": "gzip"})
        elif kind == "elsewhere" and status == 206:
            moved = {**told, "Content-Range": f"bytes 1-{len(data)}/{len(data) + 1}"}
            self._send(status, data, moved)
        else:
            self._send(status, data, told)

    def _send(
        self, status: int, data: bytes, fields: dict[str, str], sent: int | None = None
    ) -> None:
        self.send_response(status)
        for name, value in fields.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(data[:sent])
