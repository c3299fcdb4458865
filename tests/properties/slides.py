"""What we write, plain readers read: random small slides through every way of writing.

```sh
python -m tests.properties.slides --count 2000
```

Each slide is converted; what was made is transcoded, requantized and exported, into containers and
versions that are drawn too. Every array of every file is read by plain zarr or tifffile and must
have the pixels that our own reader gives; what was converted losslessly must have the source's; and
`validate` must find nothing. `--seed` draws others, `--first` begins
with another number, `--only N` repeats one.
"""

import argparse
import os
import sys
import time
from collections import Counter
from collections.abc import Callable, Container, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from unittest.mock import patch

import numpy as np

from pathae_codec.conversion.convert import convert_slide
from pathae_codec.conversion.settings import ConvertSettings
from pathae_codec.export import ExportSettings, export_slide
from pathae_codec.model.artifact_file import save_artifact
from pathae_codec.model.library import forget_models
from pathae_codec.transcoding.transcode import TranscodeSettings, transcode_slide
from pathae_codec.verification.structure import validate_file
from tests.plain_readers import Arrays, by_plain_reader, differences, ours
from tests.properties.random_slides import RandomSlide, draw_slide, write_source
from tests.tiny_model import tiny_model

EXPORTS = {
    "tiff": ("exported.tif", "deflate"),
    "ome-tiff": ("exported.ome.tif", "deflate"),
    "ome-zarr": ("exported.ome.zarr", "zstd"),
}


WAYS = ("transcode", "requantize", "export")
"""What is done with a converted slide."""


def check_slide(
    slide: RandomSlide, folder: Path, model: Path, ways: Container[str] = WAYS
) -> Iterator[tuple[str, list[str]]]:
    """Convert a slide, write it anew in some `WAYS`; return what was done, and what is wrong."""
    first, second, third = slide.containers
    source, converted = folder / "source.tif", _named(folder, "converted", first)
    pixels = write_source(slide, source)
    ngff = "0.5" if first == "tif" else first
    settings = ConvertSettings(
        model=str(model), tile=slide.tile, threads=1, ngff=ngff, **slide.options
    )
    convert_slide(source, converted, settings)
    expected = ours(converted)
    problems = _compare(converted, expected)
    levels = {name: pixels for name, pixels in expected.items() if name.isdigit()}
    if slide.options["max_error"] == 0 and not np.array_equal(expected["0"], pixels):
        problems.append("level 0: not the pixels of the source")
    yield f"convert to {first}", problems
    moved = converted
    if "transcode" in ways:
        moved = _named(folder, "moved", second)
        transcode_slide(converted, moved, _transcoding(second))
        expected = ours(moved)
        # Associated images are coded anew.
        same = {name: pixels for name, pixels in expected.items() if name.isdigit()}
        yield f"transcode to {second}", _compare(moved, expected) + differences(same, levels)
    if "requantize" in ways and slide.options["max_error"] != 0:
        lowered = _named(folder, "lowered", third)
        transcode_slide(moved, lowered, _transcoding(third, quality=20))
        yield f"requantize to {third}", _compare(lowered, ours(lowered))
    if "export" not in ways:
        return
    name, codec = EXPORTS[slide.export]
    export_slide(moved, folder / name, ExportSettings(codec=codec))
    found = by_plain_reader(folder / name, expected)
    if slide.export == "tiff":
        # Aperio's associated images are JPEG.
        found |= {n: p for n, p in expected.items() if not n.isdigit() and n in found}
    yield f"export to {slide.export}", differences(found, expected)


def run(
    numbers: range | list[int],
    seed: int,
    folder: Path,
    said: Callable[[str], object] = print,
    *,
    every_way: bool = True,
) -> Counter[str]:
    """Check slides by their numbers; return how often each way of writing was taken.

    Args:
        numbers: Of the slides.
        seed: Of all of them.
        folder: Is written to.
        said: Is told of every hundred.
        every_way: Of writing a converted slide anew; otherwise one, in turn.

    Raises:
        AssertionError: One is wrong; the message says how to repeat it.
    """
    model = folder / "tiny.safetensors"
    model.write_bytes(save_artifact(tiny_model()))
    # onnxruntime compiles nothing: half of the time would go into that.
    with patch.dict(os.environ, PATHAE_MODELS=str(folder), PATHAE_BACKEND="onnx"):
        forget_models()
        ways = _run(numbers, seed, folder, model, said, every_way)
    forget_models()
    return ways


def _run(
    numbers: range | list[int],
    seed: int,
    folder: Path,
    model: Path,
    said: Callable[[str], object],
    every_way: bool,
) -> Counter[str]:
    ways = Counter[str]()
    for number in numbers:
        slide = draw_slide(seed, number)
        again = f"python -m tests.properties.slides --seed {seed} --only {number}"
        with TemporaryDirectory(dir=folder) as place:
            way = "convert"
            try:
                chosen = WAYS if every_way else WAYS[number % len(WAYS)]
                for way, problems in check_slide(slide, Path(place), model, chosen):
                    ways[way] += 1
                    assert not problems, "; ".join(problems)
            except Exception as error:
                raise AssertionError(f"{way}: {error}\n{slide}\n{again}") from error
        if number % 100 == 99:
            said(f"{number + 1} slides")
    return ways


def main(arguments: list[str] | None = None) -> int:
    """Run the command; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--count", type=int, default=200, metavar="N", help="(default 200)")
    parser.add_argument("--seed", type=int, default=0, metavar="S", help="(default 0)")
    parser.add_argument("--first", type=int, default=0, metavar="N", help="(default 0)")
    parser.add_argument("--only", type=int, metavar="N", help="the slide of this number alone")
    parser.add_argument("--folder", type=Path, help="where files are written (default: temporary)")
    options = parser.parse_args(arguments)
    numbers = (
        range(options.first, options.first + options.count)
        if options.only is None
        else [options.only]
    )
    started = time.monotonic()
    with TemporaryDirectory(dir=options.folder) as folder:
        try:
            ways = run(numbers, options.seed, Path(folder))
        except AssertionError as error:
            print(error, file=sys.stderr)
            return 1
    for way, number in sorted(ways.items()):
        print(f"{number:6d} {way}")
    print(
        f"{len(numbers)} slides, seed {options.seed}: {ways.total()} files, no difference, ", end=""
    )
    print(f"{time.monotonic() - started:.0f} s")
    return 0


def _compare(path: Path, expected: Arrays) -> list[str]:
    found = by_plain_reader(path, expected)
    return [*validate_file(path).problems, *differences(found, expected)]


def _named(folder: Path, name: str, container: str) -> Path:
    return folder / (f"{name}.tif" if container == "tif" else f"{name}.ome.zarr")


def _transcoding(container: str, quality: int | None = None) -> TranscodeSettings:
    return TranscodeSettings(quality, ngff="0.5" if container == "tif" else container)


if __name__ == "__main__":
    sys.exit(main())
