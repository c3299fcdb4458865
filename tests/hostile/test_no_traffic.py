"""No traffic, no files: nothing is sent, looked up or written anywhere but at the destination.

Watched are Python's own events and, where strace is there, the system calls of every library.
"""

from pathlib import Path

import pytest

from pathae_codec.backends.choice import available_backends
from tests.field_faults.small_slide import write_model, write_slide
from tests.hostile.watched_process import run_watched

WORK = """
import contextlib, io
from pathlib import Path
from pathae_codec.cli import main
import pathae_codec
source, model, out, backend = sys.argv[1:]
out = Path(out)
def run(*words):
    with contextlib.redirect_stdout(io.StringIO()):
        assert main([str(word) for word in words]) == 0, words
os.environ["PATHAE_BACKEND"] = backend
for name in ("a.tif", "a.ome.zarr"):
    run("convert", source, out / name, "--model", model, "--embed-model", "--min-psnr", "0",
        "--tile", "64")
    with pathae_codec.open(out / name) as slide:
        assert slide.read_array((0, 0), 0, (200, 200)).size
    run("validate", out / name, "--decode")
    run("info", "--phi", out / name)
    run("info", out / name)
    run("verify", out / name, "--against", source, "--report", out / f"{name}.html")
run("export", out / "a.tif", out / "plain.tif")
run("export", out / "a.tif", out / "plain.ome.zarr")
run("transcode", out / "a.tif", out / "b.ome.zarr")
"""
COMPILED = {"__pycache__", "numba"}
"""Numba's machine code, of the package alone: beside it, or in the user's cache."""


@pytest.mark.slow
@pytest.mark.parametrize("backend", available_backends(by_name_only=True))
def test_nothing_is_sent_or_written_elsewhere(backend: str, tmp_path: Path) -> None:
    source, model = write_slide(tmp_path / "s.tif"), write_model(tmp_path)
    out, home = tmp_path / "out", tmp_path / "process"
    out.mkdir()
    home.mkdir()
    watched = run_watched(WORK, [str(source), str(model), str(out), backend], home)
    assert watched.traffic == ()
    assert any(out in file.parents for file in watched.files), "nothing was watched"
    allowed = (str(out), "/dev/", "/proc/")
    elsewhere = [
        file
        for file in watched.files
        if not str(file).startswith(allowed) and not COMPILED & set(file.parts)
    ]
    assert elsewhere == []
    assert list((home / "temporary").rglob("*")) == []


def test_traffic_and_files_are_seen(tmp_path: Path) -> None:
    """What watches is not blind: a socket, a name and a file of Python's and of a library's."""
    code = """
import ctypes, socket
with socket.socket() as tried:
    tried.connect_ex(("127.0.0.1", 9))
try:
    socket.getaddrinfo("name.invalid", 80)
except OSError:
    pass
open("python", "w").close()
libc = ctypes.CDLL(None)
libc.close(libc.open(b"library", 0o101, 0o600))
"""
    watched = run_watched(code, [], tmp_path)
    events = " ".join(watched.traffic)
    assert "socket.connect" in events
    assert "socket.getaddrinfo" in events
    assert tmp_path / "python" in watched.files
    if watched.traced:
        assert "socket(AF_INET" in events
        assert tmp_path / "library" in watched.files
