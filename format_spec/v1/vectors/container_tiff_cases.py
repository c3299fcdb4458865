"""TIFFs that a reader, or who checks a whole file, must refuse; each is wrong in one thing."""

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from struct import pack
from typing import Any

from format_spec.v1.vectors.container_ledger import root_of
from format_spec.v1.vectors.container_refusals import CONTAINER, at, wrong_ledgers
from format_spec.v1.vectors.container_slide import SampleSlide
from format_spec.v1.vectors.container_tiff import (
    ASCII,
    OFFSETS,
    RATIONAL,
    SIZES,
    UNDEFINED,
    Directory,
    long,
    pack_tiff,
    short,
    slide_directories,
    text,
)
from format_spec.v1.vectors.container_tiff_reading_cases import (
    WrongTiff,
    changed_first,
    reading_cases,
)

RECORD, PARAMETERS = "t65501", "t65502"


def tiff_cases(slide: SampleSlide) -> dict[str, WrongTiff]:
    """Return the TIFFs by name."""
    return {
        **_of_tags(slide), **_of_records(slide), **_of_places(slide), **_of_form(slide),
        **reading_cases(slide), **_of_checking(slide), **_of_ledgers(slide),
    }  # fmt: skip


def _opened(rule: str, error: str = CONTAINER) -> dict[str, Any]:
    return at("open", error, rule)


def _second(slide: SampleSlide, stated: Mapping[str, Any], **tags: Any) -> WrongTiff:  # noqa: ANN401
    first, second, *others = slide_directories(slide)
    return WrongTiff(pack_tiff([first, second.having(**tags), *others]), stated)


def _of_tags(slide: SampleSlide) -> dict[str, WrongTiff]:
    first: dict[str, tuple[str, dict[str, Any]]] = {
        "planar": ("R-tiff-samples", {"t284": short(2)}),
        "predictor": ("R-tiff-samples", {"t317": short(2)}),
        "photometric": ("R-tiff-samples", {"t262": short(6)}),
        "samples": ("R-tiff-samples", {"t277": short(4)}),
        "bits": ("R-tiff-samples", {"t258": short(16, 16, 16)}),
        "bits-one": ("R-tiff-samples", {"t258": short(8)}),
        "tile-width": ("R-tiff-tile-side", {"t322": long(32)}),
        "tile-length": ("R-tiff-tile-side", {"t323": long(32)}),
        "tile-width-0": ("R-tiff-tile-side", {"t322": long(0)}),
        "no-width": ("R-tiff-size", {"t256": None}),
        "width-0": ("R-tiff-size", {"t256": long(0)}),
        "width-beyond": ("R-8-beyond", {"t256": long(2**24 + 1)}),
        "width-text": ("R-tiff-size", {"t256": text("40")}),
        "width-letter": ("R-tiff-size", {"t256": (ASCII, b"(")}),
        "width-twice": ("R-tiff-size", {"t256": long(40, 40)}),
        "no-resolution": ("R-tiff-resolution", {"t282": None}),
        "resolution-0": ("R-tiff-resolution", {"t282": (RATIONAL, pack("<II", 0, 1))}),
        "resolution-infinite": ("R-tiff-resolution", {"t282": (RATIONAL, pack("<II", 1, 0))}),
        "resolution-whole": ("R-tiff-resolution", {"t282": long(20000)}),
        "no-parameters": ("R-tiff-tags", {PARAMETERS: None}),
        "offsets-short": ("R-tiff-places", {f"t{OFFSETS}": long(*range(8, 13))}),
        "sizes-short": ("R-tiff-places", {f"t{SIZES}": long(1, 1, 1, 1, 1)}),
        "no-offsets": ("R-tiff-places", {f"t{OFFSETS}": (UNDEFINED, bytes(24))}),
    }
    found = {
        name: changed_first(slide, _opened(rule), **tags) for name, (rule, tags) in first.items()
    }
    not_ours = _opened("R-tiff-compression", "bad_magic")
    found["compression"] = changed_first(slide, not_ours, t259=short(7))
    levels = [level.having(t259=short(7)) for level in slide_directories(slide)[:2]]
    found["no-levels"] = WrongTiff(pack_tiff(levels), not_ours)
    found["no-compression"] = changed_first(slide, not_ours, t259=None)
    found["second-tile-width"] = _second(slide, _opened("R-tiff-tile-side"), t322=long(32))
    found["second-compression"] = _second(slide, _opened("R-6-levels"), t259=short(7))
    return found


def _of_records(slide: SampleSlide) -> dict[str, WrongTiff]:
    first = slide_directories(slide)[0]
    whole = json.loads(first.tags[65501][1].rstrip(b"\0"))

    def record(**changed: object) -> tuple[int, bytes]:
        stated = {k: v for k, v in (whole | changed).items() if v != "absent"}
        return text(json.dumps(stated))

    schema = "R-6-schema"
    decoder = {"decoder": "sha256:" + "1" * 64}
    other = slide.record | {"model": slide.record["model"] | decoder}
    wrong: dict[str, tuple[dict[str, Any], tuple[int, bytes] | None]] = {
        "no-record": (_opened("R-tiff-tags", "bad_magic"), None),
        "record-no-json": (_opened(schema), text("{")),
        "record-list": (_opened(schema), text("[]")),
        "record-no-text": (_opened(schema), (UNDEFINED, b"\xff\xfe{}")),
        "record-of-another": (_opened(schema, "bad_magic"), record(format="other")),
        "record-version": (_opened(schema, "unsupported_version"), record(version=2)),
        "record-version-true": (_opened(schema, "unsupported_version"), record(version=True)),
        "record-tile-0": (_opened(schema), record(tile=0)),
        "record-tile-4097": (_opened(schema), record(tile=4097)),
        "record-tile-text": (_opened(schema), record(tile="16")),
        "record-tile-absent": (_opened(schema), record(tile="absent")),
        "record-levels": (_opened("R-6-levels"), record(levels=[[40, 24], [20, 13]])),
        "record-levels-fewer": (_opened("R-6-levels"), record(levels=[[40, 24]])),
        "record-levels-0": (_opened(schema), record(levels=[[40, 0], [20, 12]])),
        "record-levels-number": (_opened(schema), record(levels=2)),
        "record-mpp": (at("validate", CONTAINER, schema), record(mpp=[0.5, "0.25"])),
        "record-decoder": (
            at("validate", CONTAINER, "R-6-model"),
            record(model=other["model"], root=root_of(slide.tiles, other, slide.parameters)),
        ),
        "record-realism": (
            at("validate", CONTAINER, "R-6-realism"),
            record(model=slide.record["model"] | {"realism": 0.5}),
        ),
        "record-quality": (at("validate", CONTAINER, "R-6-model"), record(quality=61)),
    }  # fmt: skip
    return {name: changed_first(slide, stated, t65501=tag) for name, (stated, tag) in wrong.items()}


def _of_places(slide: SampleSlide) -> dict[str, WrongTiff]:
    first, *_ = slide_directories(slide)
    twice = slide.having(1, slide.tiles[0][2])
    places = [8 + sum(map(len, twice.tiles[0][:n])) for n in range(len(twice.tiles[0]))]
    sizes = [len(tile) for tile in first.tiles]
    offsets = [8 + sum(sizes[:n]) for n in range(len(sizes))]
    last, size = len(sizes) - 1, 2**20

    def having(tag: int, values: list[int], place: int, value: int) -> dict[str, Any]:
        return {f"t{tag}": long(*values[:place], value, *values[place + 1 :])}

    places_rule = _opened("R-tiff-places")
    empty = changed_first(slide, _opened("R-tiff-no-empty"), **having(SIZES, sizes, 2, 0))
    return {
        "tile-empty": empty,
        "tile-beyond": changed_first(slide, places_rule, **having(OFFSETS, offsets, 0, size)),
        "tile-long": changed_first(slide, places_rule, **having(SIZES, sizes, last, size)),
        "tile-in-another": changed_first(
            twice,
            at("validate", CONTAINER, "R-tiff-places"),
            **having(OFFSETS, places, 1, places[2]),
        ),
    }  # fmt: skip


def _of_form(slide: SampleSlide) -> dict[str, WrongTiff]:
    sound = pack_tiff(slide_directories(slide))
    start = int.from_bytes(sound[4:8], "little")
    count = int.from_bytes(sound[start : start + 2], "little")
    link = start + 2 + 12 * count
    second = int.from_bytes(sound[link : link + 4], "little")

    def patched(place: int, value: bytes) -> bytes:
        return sound[:place] + value + sound[place + len(value) :]

    def of_first(tag: int, place: int, value: bytes) -> bytes:
        """Change the count (place 4) or the offset (8) of a tag of the first directory."""
        entries = range(start + 2, link, 12)
        entry = next(e for e in entries if sound[e : e + 2] == pack("<H", tag))
        return patched(entry + place, value)

    far = b"\xff\xff\xff\x7f"
    no, form = _opened("R-tiff-form", "bad_magic"), "R-tiff-form"
    first, second_level, label = slide_directories(slide)
    more = [Directory({254: long(0)})] * 254
    bare = second_level.having(t256=long(1), t257=long(1), t270=None)
    many = [replace(bare, tiles=second_level.tiles[:1])] * 64
    return {
        "big-endian": WrongTiff(patched(0, b"MM\0*"), no),
        "bigtiff-of-4": WrongTiff(patched(0, b"II+\0\x04\0\0\0"), no),
        "header-only": WrongTiff(sound[:8], no),
        "empty": WrongTiff(b"", no),
        "no-directory": WrongTiff(patched(4, bytes(4)), no),
        "directory-cut": WrongTiff(sound[: second + 20], _opened(form, "truncated")),
        "parameters-long": WrongTiff(
            of_first(65502, 4, pack("<I", 2**26 + 1)), _opened("R-8-beyond")
        ),
        "parameters-beyond": WrongTiff(of_first(65502, 8, far), _opened(form, "truncated")),
        "ledger-beyond": WrongTiff(of_first(65503, 8, far), _opened(form, "truncated")),
        "circle": WrongTiff(patched(link, sound[4:8]), _opened(form)),
        "many-directories": WrongTiff(
            pack_tiff([first, second_level, label, *more]), _opened(form)
        ),
        "many-tags": WrongTiff(patched(second, pack("<H", 4097)), _opened(form)),
        "type-unknown": WrongTiff(patched(second + 4, pack("<H", 99)), _opened(form)),
        "value-beyond": WrongTiff(
            patched(second + 2 + 12 * 3 + 8, b"\xff\xff\xff\x7f"), _opened(form, "truncated")
        ),
        "levels-65": WrongTiff(pack_tiff([first, *many]), _opened("R-8-beyond")),
    }


def _of_ledgers(slide: SampleSlide) -> dict[str, WrongTiff]:
    ledger = slide_directories(slide)[0].tags[65503][1]
    wrong = {
        name: changed_first(slide, at(when, error, rule), t65503=data and (UNDEFINED, data))
        for name, (data, when, error, rule) in wrong_ledgers(ledger).items()
    }
    first, *others = slide_directories(slide)
    swapped = [first.tiles[0], first.tiles[2], first.tiles[1], *first.tiles[3:]]
    moved = WrongTiff(
        pack_tiff([replace(first, tiles=swapped), *others]),
        at("read", "checksum_mismatch", "R-10.1-hash"),
    )
    root = json.loads(first.tags[65501][1].rstrip(b"\0")) | {"root": "sha256:" + "0" * 64}
    other = at("validate", CONTAINER, "R-10.2-compared")
    return {
        **wrong,
        "tiles-swapped": moved,
        "root": changed_first(slide, other, t65501=text(json.dumps(root))),
    }


def _of_checking(slide: SampleSlide) -> dict[str, WrongTiff]:
    first, second, label = slide_directories(slide)
    stated = at("validate", CONTAINER, "R-tiff-description")
    descriptions: Mapping[str, Callable[[Directory], Directory]] = {
        "description": lambda d: d.having(t270=text("Aperio\n41x24 [0,0 40x24] (16x16) PathAE")),
        "no-description": lambda d: d.having(t270=None),
    }
    found = {
        name: WrongTiff(pack_tiff([change(first), second, label]), stated)
        for name, change in descriptions.items()
    }
    other = second.having(t270=text("Aperio\n40x24 [0,0 40x24] (16x16) -> 20x13 PathAE"))
    found["second-description"] = WrongTiff(pack_tiff([first, other, label]), stated)
    return found
