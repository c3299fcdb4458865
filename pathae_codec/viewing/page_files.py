"""The files that the viewer's page is made of, by their place in a site."""

from collections.abc import Iterator
from pathlib import Path

_HERE = Path(__file__).parent
_PAGE = _HERE / "page"
_JAVASCRIPT = ("src", "vendor")
"""Folders of plugins/javascript that a page needs; the wheel has them beside the page."""
TYPES = {
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".svg": "image/svg+xml",
    ".json": "application/json",
    ".geojson": "application/json",
    ".wasm": "application/wasm",
    ".txt": "text/plain; charset=utf-8",
}
"""Without the right type browsers run no module; mimetypes goes by what a system says."""
_LEFT_OUT = (".ts",)


def page_files() -> Iterator[tuple[str, Path]]:
    """Return every file of the page: its place in a site, with slashes, and where it lies."""
    yield from _files(_PAGE, "")
    decoder = _decoder_folder()
    for folder in _JAVASCRIPT:
        yield from _files(decoder / folder, f"decoder/{folder}/")


def content_type(name: str) -> str:
    """Return the media type of a file by its ending."""
    return TYPES.get(Path(name).suffix, "application/octet-stream")


def _files(folder: Path, prefix: str) -> Iterator[tuple[str, Path]]:
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path.suffix not in _LEFT_OUT:
            yield prefix + path.relative_to(folder).as_posix(), path


def _decoder_folder() -> Path:
    """Return the JavaScript package: laid into the wheel, or where the sources have it."""
    installed = _HERE / "decoder"
    return installed if installed.is_dir() else _HERE.parents[1] / "plugins" / "javascript"
