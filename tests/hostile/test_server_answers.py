"""A server's failure is never glass: right pixels, or one line that names the object.

Each fault of a server, at the three containers: read from it, transcoded from it, exported from it.
"""

import os
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import pathae_codec
from pathae_codec.cli import main
from pathae_codec.container import open_container
from pathae_codec.errors import (
    AccessRefusedError,
    ConnectionFailedError,
    ContainerError,
    PathAEError,
    ServerBusyError,
    ServerFailedError,
    WrongAnswerError,
)
from pathae_codec.geometry import TileIndex
from tests.hostile.bad_server import Fault, serve_badly

pytest.importorskip("aiohttp", reason="aiohttp is not installed: the extra pathae[remote]")
pytestmark = pytest.mark.usefixtures("impatient")
NAMES = ("slide.tif", "slide.ome.zarr", "slide-0.4.ome.zarr")
PASSING = {
    "429": Fault("status", code=429, fields={"Retry-After": "0"}, times=1),
    "429 by date": Fault(
        "status", code=429, fields={"Retry-After": "Thu, 01 Jan 2026 00:00:00 GMT"}, times=1
    ),
    "503": Fault("status", code=503, times=2),
    "500": Fault("status", code=500, times=1),
    "reset": Fault("reset", times=1),
    "short": Fault("short", times=1),
    "stall": Fault("stall", times=1),
}
LASTING: dict[str, tuple[Fault, type[PathAEError], str]] = {
    "403": (Fault("status", code=403), AccessRefusedError, "refuses to give it"),
    "401": (Fault("status", code=401), AccessRefusedError, "refuses to give it"),
    "429": (Fault("status", code=429), ServerBusyError, r"busy \(429\) \(asked 3 times\)"),
    "429 for an hour": (
        Fault("status", code=429, fields={"Retry-After": "3600"}),
        ServerBusyError,
        "asks to wait 3600 s",
    ),
    "500": (Fault("status", code=500), ServerFailedError, r"failed \(500\)"),
    "418": (Fault("status", code=418), WrongAnswerError, "an answer of 418"),
    "reset": (Fault("reset"), PathAEError, "cut off|broke off"),
    "short": (Fault("short"), WrongAnswerError, "cut off"),
    "long": (Fault("long"), WrongAnswerError, "got more|another|range"),
    "stall": (Fault("stall"), ConnectionFailedError, "no answer in time"),
    "gzip": (Fault("gzip"), WrongAnswerError, "compressed"),
    "elsewhere": (Fault("elsewhere"), WrongAnswerError, "got the range"),
}
CHUNKS = {
    "slide.tif": "slide.tif",
    "slide.ome.zarr": ".zarr/0/c/",
    "slide-0.4.ome.zarr": ".zarr/0/0/",
}
"""A part of the paths of what holds tiles."""


def read_all(location: Path | str) -> np.ndarray:
    with pathae_codec.open(location) as slide:
        return slide.read_array((0, 0), 0, slide.dimensions)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("fault", PASSING)
def test_what_passes_is_tried_again(fault: str, name: str, slides: Path) -> None:
    expected = read_all(slides / name)
    with serve_badly(slides, replace(PASSING[fault], where=CHUNKS[name])) as server:
        assert np.array_equal(read_all(f"{server.url}/{name}"), expected)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("fault", LASTING)
def test_what_lasts_is_an_error_of_its_own(fault: str, name: str, slides: Path) -> None:
    told, kind, text = LASTING[fault]
    with serve_badly(slides) as server:
        if name != "slide.tif":
            # A range that is longer or elsewhere is of a shard; a chunk is read whole.
            if name == "slide-0.4.ome.zarr" and fault in ("long", "elsewhere"):
                pytest.skip("a file that is read whole has no range")
            slide = pathae_codec.open(f"{server.url}/{name}")
            server.faults.append(replace(told, where=CHUNKS[name]))
            with pytest.raises(kind, match=text) as error:
                slide.read_array((0, 0), 0, slide.dimensions)
        else:
            server.faults.append(replace(told, where=name))
            with pytest.raises(kind, match=text) as error:
                pathae_codec.open(f"{server.url}/{name}")
    assert name in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("fault", ["403", "500", "short", "reset", "gzip"])
@pytest.mark.parametrize(("command", "ending"), [("transcode", ".tif"), ("export", ".ome.zarr")])
def test_commands_that_write_end_with_an_error(
    command: str, ending: str, fault: str, name: str, slides: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    out = slides.parent / f"out{ending}"
    with serve_badly(slides, replace(LASTING[fault][0], where=CHUNKS[name])) as server:
        assert main([command, f"{server.url}/{name}", str(out)]) == 2
    (line,) = capsys.readouterr().err.strip().splitlines()
    assert name in line
    assert "no slide record" not in line
    assert [path.name for path in slides.parent.iterdir()] == ["slides"]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("fault", ["429", "500", "reset", "short"])
def test_commands_that_write_get_over_what_passes(fault: str, name: str, slides: Path) -> None:
    whole, out = slides.parent / "whole.tif", slides.parent / "out.tif"
    assert main(["transcode", str(slides / name), str(whole)]) == 0
    with serve_badly(slides, replace(PASSING[fault], where=CHUNKS[name])) as server:
        assert main(["transcode", f"{server.url}/{name}", str(out)]) == 0
    assert np.array_equal(read_all(out), read_all(whole))


@pytest.mark.parametrize("name", NAMES)
def test_nothing_there_is_told(name: str, slides: Path) -> None:
    said = pytest.raises(PathAEError, match=r"expected a file, found none|slide record")
    with serve_badly(slides, Fault("status", code=404)) as server, said:
        pathae_codec.open(f"{server.url}/{name}")


@pytest.mark.parametrize("times", [1, 1 << 30])
@pytest.mark.parametrize("where", [0, 1], ids=["tiles", "ledger"])
@pytest.mark.parametrize("name", NAMES[1:])
def test_absence_is_believed_only_where_the_record_says_so(
    name: str, where: int, times: int, slides: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Once or always: what the server says it has not is lost, and is not written as white."""
    gone = (CHUNKS[name], "/ledger/")[where]
    fault = Fault("status", gone, code=404, times=times)
    for command, ending in (("transcode", ".tif"), ("export", ".ome.zarr")):
        out = slides.parent / f"out{ending}"
        with serve_badly(slides, replace(fault)) as server:
            assert main([command, f"{server.url}/{name}", str(out)]) == 2
        (line,) = capsys.readouterr().err.strip().splitlines()
        assert "lost" in line or "not stated to be omitted" in line
        assert not out.exists()


@pytest.mark.parametrize("name", NAMES)
def test_absence_is_not_remembered(name: str, slides: Path) -> None:
    """What a server had not once it may have the next time."""
    place = TileIndex(0, 0)
    expected = open_container(slides / name).tile_bytes(0, place)
    assert expected
    with serve_badly(slides) as server:
        container = open_container(f"{server.url}/{name}")
        server.faults.append(Fault("status", CHUNKS[name], times=1, code=404))
        with suppress(PathAEError):
            container.tile_bytes(0, place)
        assert server.faults[0].times == 0
        assert container.tile_bytes(0, place) == expected


def test_an_image_that_is_gone_is_not_white(slides: Path) -> None:
    with serve_badly(slides, Fault("status", "thumbnail/c/", code=404)) as server:
        container = open_container(f"{server.url}/slide.ome.zarr")
        with pytest.raises(ContainerError, match="thumbnail: expected the bytes of the image"):
            container.associated_image("thumbnail")


def test_a_connection_refused(slides: Path) -> None:
    with serve_badly(slides) as server:
        url = server.url
    for name in NAMES:
        with pytest.raises(ConnectionFailedError, match=r"cannot connect .*does the host answer"):
            pathae_codec.open(f"{url}/{name}")


@pytest.mark.parametrize("tags", [True, False])
@pytest.mark.parametrize("name", NAMES)
def test_a_file_replaced_while_it_is_open(name: str, tags: bool, slides: Path) -> None:
    """By its ETag, which is sent along, or by its date."""
    place = TileIndex(0, 0)
    with serve_badly(slides, tags=tags) as server:
        container = open_container(f"{server.url}/{name}")
        container.tile_bytes(0, place)
        for file in slides.rglob("*"):
            if file.is_file() and CHUNKS[name] in f"{file.as_posix()}":
                file.write_bytes(file.read_bytes()[:-1] + b"?")
                os.utime(file, (0, 0))
        with pytest.raises(ContainerError, match="was replaced since it was opened") as error:
            container.tile_bytes(0, place)
        assert name in str(error.value)
        for condition, sent in (("if-match", tags), ("if-unmodified-since", not tags)):
            assert sent == any(condition in fields for _, _, fields in server.asked)


@pytest.mark.parametrize("name", NAMES)
def test_a_server_without_ranges(name: str, slides: Path) -> None:
    with serve_badly(slides, ranges=False) as server:
        assert np.array_equal(read_all(f"{server.url}/{name}"), read_all(slides / name))


def test_a_packed_answer_is_not_unpacked(slides: Path) -> None:
    """It was asked not to be sent, and its head is enough to refuse it."""
    said = pytest.raises(WrongAnswerError, match="compressed")
    with serve_badly(slides, Fault("gzip", "zarr.json")) as server, said:
        pathae_codec.open(f"{server.url}/slide.ome.zarr")
    assert {fields["accept-encoding"] for _, _, fields in server.asked} == {"identity"}
