"""`convert` opens what it wrote before it takes its name: what does not read back is not kept."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from pathae_codec.cli import main
from pathae_codec.ome_zarr.writer import OmeZarrContainer
from pathae_codec.tiff.writer import TiffContainer
from tests.field_faults.small_slide import write_slide
from tests.tiny_model import NAME

TINY = ["--model", NAME, "--tile", "64", "--min-psnr", "none"]


def lose_a_chunk(path: Path) -> None:
    next(file for file in sorted(path.rglob("*")) if file.is_file() and "c/" in str(file)).unlink()


def declare_no_shards(path: Path) -> None:
    """As a writer once did of a level of one tile."""
    for file in path.glob("?/zarr.json"):
        metadata = json.loads(file.read_text())
        (sharding,) = metadata["codecs"]
        metadata["codecs"] = sharding["configuration"]["codecs"]
        file.write_text(json.dumps(metadata))


def state_another_size(path: Path) -> None:
    file = path / "0" / "zarr.json"
    metadata = json.loads(file.read_text())
    metadata["shape"][1] += 1
    file.write_text(json.dumps(metadata))


def cut_off(path: Path) -> None:
    data = path.read_bytes()
    path.write_bytes(data[: len(data) // 2])


@pytest.mark.parametrize(
    ("name", "writer", "damage"),
    [
        ("c.ome.zarr", OmeZarrContainer, lose_a_chunk),
        ("c.ome.zarr", OmeZarrContainer, declare_no_shards),
        ("c.ome.zarr", OmeZarrContainer, state_another_size),
        ("c.tif", TiffContainer, cut_off),
    ],
)
def test_what_does_not_read_back_is_not_published(
    name: str,
    writer: type,
    damage: Callable[[Path], None],
    tmp_path: Path,
    tiny_model_folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    source = write_slide(tmp_path / "s.tif")
    # What closes a TIFF comes after `finish`; an OME-Zarr is whole then.
    last = "__exit__" if writer is TiffContainer else "finish"
    end, made = getattr(writer, last), writer.__init__

    def begin(self: object, path: Path, *arguments: object) -> None:
        made(self, path, *arguments)
        self.damaged = path  # type: ignore[attr-defined]

    def finish(self: object, *arguments: object) -> None:
        end(self, *arguments)
        damage(self.damaged)  # type: ignore[attr-defined]

    monkeypatch.setattr(writer, "__init__", begin)
    monkeypatch.setattr(writer, last, finish)
    assert main(["convert", str(source), str(tmp_path / name), *TINY]) == 2
    assert "does not read back, and was not kept" in capsys.readouterr().err
    assert sorted(path.name for path in tmp_path.iterdir()) == ["models", "s.tif"]
