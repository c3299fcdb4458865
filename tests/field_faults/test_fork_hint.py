"""A TIFF that tifffile opened before a fork: its position is shared, and tiles look damaged."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.field_faults.small_slide import write_converted

SCRIPT = """
import os, sys, time
import tifffile
path, forked = sys.argv[1], sys.argv[2] == "forked"
handle = tifffile.TiffFile(path) if forked else None
children = []
if forked:
    for _ in range(2):
        child = os.fork()
        if child == 0:
            break
        children.append(child)
if not forked or not children or child == 0:
    handle = handle or tifffile.TiffFile(path)
    seek = tifffile.tifffile.FileHandle.seek
    def slow(self, *arguments):
        place = seek(self, *arguments)
        time.sleep(0.001)
        return place
    tifffile.tifffile.FileHandle.seek = slow
    try:
        for _ in range(20):
            handle.pages[0].asarray(maxworkers=1)
    except ValueError as error:
        print(type(error).__name__, error, flush=True)
    os._exit(0)
for child in children:
    os.waitpid(child, 0)
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
def test_a_handle_of_before_the_fork_is_named(tmp_path: Path) -> None:
    assert "likelier than damage: the file was opened before" in run(tmp_path, "forked")


def test_without_a_fork_damage_is_damage(tmp_path: Path) -> None:
    import tifffile

    path = write_converted(tmp_path)
    with tifffile.TiffFile(path) as tiff:
        place, length = tiff.pages.first.dataoffsets[3], tiff.pages.first.databytecounts[3]
    data = bytearray(path.read_bytes())
    data[place + length - 1] ^= 1
    path.write_bytes(data)
    said = run(path.parent, "alone", convert=False)
    assert "tile crc" in said
    assert "fork" not in said


def run(folder: Path, how: str, *, convert: bool = True) -> str:
    path = write_converted(folder) if convert else folder / "c.tif"
    command = [sys.executable, "-c", "import pathae_codec\n" + SCRIPT, str(path), how]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_page_on_training_loops_says_so() -> None:
    page = Path(__file__).parents[2] / "plugins/howto/training_loop.md"
    assert "before the workers were forked" in page.read_text("utf-8")
