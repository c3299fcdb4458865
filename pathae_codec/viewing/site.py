"""The server's answers: from a path and a range to bytes, without a socket.

Nothing is reachable but the page's files, the slides that were named, and their decoders.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote

from pathae_codec.errors import PathAEError
from pathae_codec.model.artifact import ModelArtifact
from pathae_codec.viewing.decoder_files import decoder_file, decoder_file_name
from pathae_codec.viewing.listing import describe, file_url
from pathae_codec.viewing.page_files import content_type, page_files
from pathae_codec.viewing.pictures import tile_picture
from pathae_codec.viewing.shown import Shown

_PIXELS = re.compile(r"pixels/(\d{1,4})/(\d{1,2})/(\d{1,8})/(\d{1,8})")
_SLIDE = re.compile(r"slides/(\d{1,4})/([^/]+)(?:/(.*))?")
_RANGE = re.compile(r"bytes=(\d*)-(\d*)")
REGIONS = "regions.geojson"


@dataclass(frozen=True)
class Answer:
    """What is sent: a status, a type, and bytes, or a part of a file.

    Attributes:
        status: Of HTTP.
        kind: The media type.
        body: The bytes; not used where there is a file.
        file: A file that is sent, from `start` to `end`.
        start, end: Of the part.
        size: Of the whole file.
    """

    status: int
    kind: str
    body: bytes = b""
    file: Path | None = None
    start: int = 0
    end: int = 0
    size: int = 0


@dataclass(frozen=True)
class Site:
    """What the server may show.

    Attributes:
        shown: The slides.
        against: Which of them the first one is compared with.
        regions: A GeoJSON that is drawn over them.
    """

    shown: Sequence[Shown]
    against: int | None = None
    regions: Path | None = None
    _page: Mapping[str, Path] = field(default_factory=lambda: dict(page_files()))
    _decoders: dict[str, bytes] = field(default_factory=dict)

    def answer(self, path: str, byte_range: str | None = None) -> Answer:
        """Return the answer to a request, by its path below the token.

        Args:
            path: As it was sent, without a slash in front.
            byte_range: The header `Range`.
        """
        name = unquote(path.partition("?")[0]) or "index.html"
        if name == "slides.json":
            return Answer(200, "application/json", json.dumps(self._listing()).encode())
        if name == REGIONS and self.regions:
            return _part(self.regions, None)
        if name in self._page:
            return _part(self._page[name], None)
        if found := _PIXELS.fullmatch(name):
            number, level, row, column = map(int, found.groups())
            return self._picture(number, level, row, column)
        if found := _SLIDE.fullmatch(name):
            return self._slide(int(found[1]), found[2], found[3], byte_range)
        return self._decoder(name)

    def _listing(self) -> dict[str, object]:
        numbers = range(len(self.shown))
        files = [file_url(f"slides/{n}", self.shown[n].path.name) for n in numbers]
        pictures = [f"pixels/{n}" for n in numbers]
        return describe(
            self.shown, files, pictures, self.against, REGIONS if self.regions else None
        )

    def _picture(self, number: int, level: int, row: int, column: int) -> Answer:
        if number >= len(self.shown):
            return _missing()
        one = self.shown[number]
        try:
            picture = tile_picture(one.reader, one.served_tile, level, row, column)
            return Answer(200, "image/png", picture)
        except PathAEError as error:
            return Answer(422, "text/plain; charset=utf-8", str(error).encode())

    def _slide(self, number: int, name: str, inner: str | None, byte_range: str | None) -> Answer:
        one = self.shown[number] if number < len(self.shown) else None
        if one is None or one.decoded_by == "server" or name != one.path.name:
            return _missing()
        file = one.path if inner is None else one.path / inner
        root = one.path.resolve()
        # Links that lead out of a slide lead nowhere.
        if not file.is_file() or not file.resolve().is_relative_to(root):
            return _missing()
        return _part(file, byte_range)

    def _decoder(self, name: str) -> Answer:
        for one in self.shown:
            needed = one.decoder
            if needed is not None and name == f"decoders/{decoder_file_name(needed.decoder_id)}":
                return Answer(200, "application/octet-stream", self._decoder_bytes(needed))
        return _missing()

    def _decoder_bytes(self, needed: ModelArtifact) -> bytes:
        if needed.decoder_id not in self._decoders:
            self._decoders[needed.decoder_id] = decoder_file(needed)
        return self._decoders[needed.decoder_id]


def _missing() -> Answer:
    return Answer(404, "text/plain; charset=utf-8", b"not found")


def _part(file: Path, byte_range: str | None) -> Answer:
    """Return a file, or the one range of it that was asked for."""
    size, kind = file.stat().st_size, content_type(file.name)
    asked = _RANGE.fullmatch(byte_range.strip()) if byte_range else None
    if asked is None or asked[1] == asked[2] == "":
        return Answer(200, kind, file=file, end=size, size=size)
    if asked[1] == "":
        start, end = max(0, size - int(asked[2])), size
    else:
        start, end = int(asked[1]), min(size, int(asked[2] or size) + 1)
    if start >= end:
        return Answer(416, kind, size=size)
    return Answer(206, kind, file=file, start=start, end=end, size=size)
