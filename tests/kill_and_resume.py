"""Kill conversions with SIGKILL at random times, resume them, compare every byte.

By hand: python -m tests.kill_and_resume --kills 40
"""

import argparse
import random
import subprocess
import sys
import tempfile
import time
from hashlib import sha256
from pathlib import Path

from benchmarks.synthetic_slide import write_synthetic_slide
from pathae_codec.storage.partial import Partial

_CONVERT = [sys.executable, "-m", "pathae_codec.cli", "convert"]

_RUNS: dict[str, tuple[str, ...]] = {
    "out.tif": (),
    "out.ome.zarr": (),
    "exact.tif": ("--lossless",),
}


def contents(path: Path) -> dict[str, str]:
    """Return the SHA-256 of a file, or of every file of a folder by its path in it."""
    files = [path] if path.is_file() else [file for file in path.rglob("*") if file.is_file()]
    return {str(f.relative_to(path)): sha256(f.read_bytes()).hexdigest() for f in files}


def kill_and_resume(
    source: Path, folder: Path, name: str, kills: int, seed: int = 0, *options: str
) -> int:
    """Kill and resume until `kills` runs were killed; give how many conversions that took.

    Args:
        source: A slide.
        folder: An empty folder for what is written.
        name: Of the destination: its ending says which container.
        kills: Runs to kill.
        seed: Of the times.
        options: Of the conversion.
    """
    options = ("--tile", "256", *options)
    whole, out = folder / f"whole-{name}", folder / name
    started = time.monotonic()
    subprocess.run([*_CONVERT, source, whole, *options], check=True, capture_output=True)
    seconds, expected = time.monotonic() - started, contents(whole)
    generator, killed, conversions = random.Random(seed), 0, 0
    while killed < kills:
        out_is_whole = False
        while not out_is_whole:
            command = [*_CONVERT, source, out, *options, "--resume"]
            run = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
            try:
                stop = generator.uniform(0.3, 1.05) * seconds if killed < kills else None
                _, said = run.communicate(timeout=stop)
                assert run.returncode == 0, said.decode()
                out_is_whole = True
            except subprocess.TimeoutExpired:
                run.kill()
                run.communicate()
                killed += 1
                # Killed between its last step and its end: there is nothing to resume.
                out_is_whole = out.exists() and not Partial(out).folder.exists()
        assert contents(out) == expected, f"{name}: not the bytes of an uninterrupted run"
        left = sorted(path.name for path in folder.iterdir())
        assert left == sorted([name, whole.name]), left
        conversions += 1
        if out.is_dir():
            for file in sorted(out.rglob("*"), reverse=True):
                file.rmdir() if file.is_dir() else file.unlink()
            out.rmdir()
        else:
            out.unlink()
    return conversions


def main() -> None:
    """Kill as many runs for each container, and for exact tiles."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=40)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        source = Path(temporary, "drawn.svs")
        write_synthetic_slide(source, width=3000, height=2200, levels=2)
        for name, asked in _RUNS.items():
            folder, kills = Path(temporary, f"to-{name}"), -(-options.kills // len(_RUNS))
            folder.mkdir()
            count = kill_and_resume(source, folder, name, kills, options.seed, *asked)
            print(f"{name}: {kills} kills, {count} conversions, all the same bytes")


if __name__ == "__main__":
    main()
