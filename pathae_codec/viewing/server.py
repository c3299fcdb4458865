"""A server on this machine alone, behind a random token: what a browser asks it for, it answers."""

import secrets
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

from pathae_codec.errors import SettingError
from pathae_codec.viewing.site import Answer, Site

_HOST = "127.0.0.1"
_BLOCK = 1 << 20
_POLICY = (
    "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' blob: data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
"""The page runs its own scripts and asks nobody else for anything, whatever a slide says."""


class ViewerServer(ThreadingHTTPServer):
    """Serves a site at `address`; `serve_forever` blocks, `shutdown` ends it.

    Args:
        site: What it may show.
        port: 0 takes a free one.

    Raises:
        SettingError: The port is taken, or no port.
    """

    daemon_threads = True

    def __init__(self, site: Site, port: int = 0) -> None:
        self.site = site
        self.token = secrets.token_urlsafe(18)
        try:
            super().__init__((_HOST, port), _Handler)
        except (OSError, OverflowError) as error:
            raise SettingError(
                f"port {port}: expected a free one; {error}; leave out --port"
            ) from None

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing: a browser that went away while it was answered is no error."""

    @property
    def address(self) -> str:
        """Where the page is."""
        return f"http://{_HOST}:{self.server_port}/{self.token}/"

    @property
    def hosts(self) -> tuple[str, str]:
        """How a browser on this machine names it; any other name was led here by a stranger."""
        return f"{_HOST}:{self.server_port}", f"localhost:{self.server_port}"


class _Handler(BaseHTTPRequestHandler):
    server: ViewerServer
    protocol_version = "HTTP/1.1"
    server_version = "pathae"
    sys_version = ""

    def do_GET(self) -> None:
        """Answer with bytes."""
        self._send(self._answer(), with_body=True)

    def do_HEAD(self) -> None:
        """Answer without them."""
        self._send(self._answer(), with_body=False)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing: the token is in every address."""

    def _answer(self) -> Answer:
        token, _, path = urlsplit(self.path).path.removeprefix("/").partition("/")
        known = secrets.compare_digest(token.encode(), self.server.token.encode())
        if self.headers.get("Host") not in self.server.hosts or not known:
            return Answer(403, "text/plain; charset=utf-8", b"open the address that pathae printed")
        try:
            return self.server.site.answer(path, self.headers.get("Range"))
        except Exception as error:
            # One request that nobody foresaw, or that the end of the server cut off, is told to the
            # page; the others go on.
            text = f"{type(error).__name__}: {error}"
            return Answer(500, "text/plain; charset=utf-8", text.encode())

    def _send(self, answer: Answer, *, with_body: bool) -> None:
        length = answer.end - answer.start if answer.file else len(answer.body)
        self.send_response(answer.status)
        self.send_header("Content-Type", answer.kind)
        self.send_header("Content-Length", str(length))
        self.send_header("Accept-Ranges", "bytes")
        if answer.status == 206:
            self.send_header(
                "Content-Range", f"bytes {answer.start}-{answer.end - 1}/{answer.size}"
            )
        if answer.status == 416:
            self.send_header("Content-Range", f"bytes */{answer.size}")
        # A file may be written anew under its name: the browser asks again.
        self.send_header("Cache-Control", "no-cache")
        self.send_header("Content-Security-Policy", _POLICY)
        self.send_header("X-Content-Type-Options", "nosniff")
        self.send_header("Referrer-Policy", "no-referrer")
        self.send_header("Cross-Origin-Resource-Policy", "same-origin")
        self.end_headers()
        if with_body:
            self._send_body(answer)

    def _send_body(self, answer: Answer) -> None:
        try:
            if answer.file is None:
                self.wfile.write(answer.body)
                return
            with answer.file.open("rb") as file:
                file.seek(answer.start)
                left = answer.end - answer.start
                while left and (block := file.read(min(left, _BLOCK))):
                    self.wfile.write(block)
                    left -= len(block)
        except (BrokenPipeError, ConnectionResetError):
            # The browser no longer wants the tile.
            self.close_connection = True
