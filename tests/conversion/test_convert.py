"""End to end: slides to both containers, and what is left when something goes wrong."""

import errno
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import tifffile
import tiffslide
import zarr

import pathae_codec
from benchmarks import synthetic_slide
from benchmarks.synthetic_slide import write_synthetic_slide
from pathae_codec.arrays import Pixels
from pathae_codec.bitstream.constant import encode_constant
from pathae_codec.conversion.convert import convert_slide
from pathae_codec.conversion.settings import ConvertSettings
from pathae_codec.errors import DestinationExistsError, DestinationWriteError, SettingError
from pathae_codec.fidelity import psnr
from pathae_codec.slide import open_slide
from pathae_codec.transcoding.transcode import transcode_slide
from tests.tiny_model import draw_tissue


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("slides") / "drawn.svs"
    write_synthetic_slide(path, width=1400, height=1100, levels=2)
    return path


def read_zarr(path: Path, level: int) -> Pixels:
    return np.moveaxis(np.asarray(zarr.open_group(path, mode="r")[str(level)]), 0, -1)


def zarr_payloads(path: Path, level: int, tile: int) -> dict[tuple[int, int], bytes]:
    """Return the stored chunks of a level of OME-Zarr 0.5 by reading its shards."""
    array = zarr.open_group(path, mode="r")[str(level)]
    high, wide = (side // tile for side in array.shards[1:])
    found = {}
    for shard in (path / str(level) / "c" / "0").glob("*/*"):
        data, entries = shard.read_bytes(), high * wide
        index = np.frombuffer(data[-16 * entries - 4 : -4], "<u8").reshape(entries, 2)
        row, column = int(shard.parent.name) * high, int(shard.name) * wide
        for entry, (offset, length) in enumerate(index.tolist()):
            if offset != 2**64 - 1:
                place = row + entry // wide, column + entry % wide
                found[place] = data[offset : offset + length]
    return found


def tiff_payloads(path: Path, level: int) -> list[bytes]:
    with tifffile.TiffFile(path) as tiff:
        page = tiff.series[0].levels[level].pages[0]
        handle = tiff.filehandle
        payloads = []
        for offset, size in zip(page.dataoffsets, page.databytecounts, strict=True):
            handle.seek(offset)
            payloads.append(handle.read(size))
        return payloads


def test_both_containers_hold_the_same_payloads_and_pixels(drawn: Path, tmp_path: Path) -> None:
    ome_zarr, tiff = tmp_path / "a.ome.zarr", tmp_path / "a.tif"
    for path in (ome_zarr, tiff):
        convert_slide(drawn, path, ConvertSettings(tile=256))
    blank = encode_constant(np.full((256, 256, 3), 255, np.uint8))
    for level in (0, 1):
        stored = zarr_payloads(ome_zarr, level, 256)
        columns = -(-read_zarr(ome_zarr, level).shape[1] // 256)
        for number, payload in enumerate(tiff_payloads(tiff, level)):
            assert stored.get(divmod(number, columns), blank) == payload
        pixels = tifffile.imread(tiff, series=0, level=level)
        assert (read_zarr(ome_zarr, level) == pixels).all()
        with open_slide(drawn) as slide:
            shape = slide.levels[level]
            original = slide.read_region(level, 0, 0, shape.width, shape.height)
        assert pixels.shape == original.shape
        assert psnr(original, pixels) > 25


def test_ngff_04_gives_the_same_pixels(drawn: Path, tmp_path: Path) -> None:
    new, old = tmp_path / "new.ome.zarr", tmp_path / "old.ome.zarr"
    convert_slide(drawn, new, ConvertSettings(tile=256))
    convert_slide(drawn, old, ConvertSettings(tile=256, ngff="0.4"))
    group = zarr.open_group(old, mode="r")
    assert group.metadata.zarr_format == 2
    assert group.attrs["multiscales"][0]["version"] == "0.4"  # type: ignore[index,call-overload]
    for level in (0, 1):
        assert (read_zarr(new, level) == read_zarr(old, level)).all()


def test_metadata_carries_over(drawn: Path, tmp_path: Path) -> None:
    ome_zarr, tiff = tmp_path / "a.ome.zarr", tmp_path / "a.tif"
    for path in (ome_zarr, tiff):
        convert_slide(drawn, path, ConvertSettings(tile=256))
    slide = tiffslide.TiffSlide(tiff)
    assert slide.properties["tiffslide.mpp-x"] == pytest.approx(0.5)
    assert slide.properties["tiffslide.objective-power"] == 20
    assert slide.level_dimensions == ((1400, 1100), (350, 275))
    assert set(slide.associated_images) == {"thumbnail"}
    (multiscale,) = zarr.open_group(ome_zarr, mode="r").attrs["ome"]["multiscales"]  # type: ignore[index,call-overload]
    assert [axis.get("unit") for axis in multiscale["axes"]] == [None, "micrometer", "micrometer"]
    scale = multiscale["datasets"][0]["coordinateTransformations"][0]["scale"]
    assert scale == pytest.approx([1, 0.5, 0.5])


def test_label_and_macro_only_on_request(drawn: Path, tmp_path: Path) -> None:
    tiff, ome_zarr = tmp_path / "kept.tif", tmp_path / "kept.ome.zarr"
    settings = ConvertSettings(tile=256, keep=frozenset({"label", "macro"}))
    for path in (tiff, ome_zarr):
        convert_slide(drawn, path, settings)
    names = {"thumbnail", "label", "macro"}
    assert set(tiffslide.TiffSlide(tiff).associated_images) == names
    assert set(zarr.open_group(ome_zarr, mode="r")["associated"].array_keys()) == names  # type: ignore[union-attr]
    with open_slide(drawn) as slide:
        label = slide.associated_images()["label"]
    kept = np.asarray(tiffslide.TiffSlide(tiff).associated_images["label"].convert("RGB"))
    assert (kept == label).all()


@pytest.mark.parametrize("name", ["kept.ome.zarr", "kept.tif"])
def test_label_loses_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """Covers R-zarr-label; on a photograph, which a lossy coding would be taken for."""
    photograph = draw_tissue(90, 120)
    monkeypatch.setattr(synthetic_slide, "_draw_label", lambda _seed: photograph)
    source, other = tmp_path / "source.svs", tmp_path / "other.tif"
    write_synthetic_slide(source, width=300, height=200, levels=1)
    convert_slide(source, tmp_path / name, ConvertSettings(tile=128, keep=frozenset({"label"})))
    transcode_slide(tmp_path / name, other)
    with open_slide(source) as slide:
        label = slide.associated_images()["label"]
    for path in (tmp_path / name, other):
        with pathae_codec.open(path) as stored:
            kept = np.asarray(stored.associated_images["label"].convert("RGB"))
        np.testing.assert_array_equal(kept, label)


def test_plain_tiff_with_another_source_reader(tmp_path: Path, drawn: Path) -> None:
    with open_slide(drawn) as slide:
        pixels = slide.read_region(0, 300, 200, 600, 500)
    plain, out = tmp_path / "plain.tif", tmp_path / "out.tif"
    tifffile.imwrite(
        plain, pixels, tile=(128, 128), resolution=(20000, 20000), resolutionunit="CENTIMETER"
    )
    summary = convert_slide(plain, out, ConvertSettings(tile=256))
    assert psnr(pixels, tifffile.imread(out, series=0)) > 25
    assert tiffslide.TiffSlide(out).properties["tiffslide.mpp-x"] == pytest.approx(0.5)
    assert any("magnification" in notice for notice in summary.notices)


def test_pathae_tiff_is_a_source_too(drawn: Path, tmp_path: Path) -> None:
    first, second = tmp_path / "first.tif", tmp_path / "second.ome.zarr"
    convert_slide(drawn, first, ConvertSettings(tile=256))
    convert_slide(first, second, ConvertSettings(tile=256))
    assert read_zarr(second, 1).shape == (275, 350, 3)
    record = zarr.open_group(second, mode="r").attrs["pathae"]
    assert record["mpp"] == pytest.approx([0.5, 0.5])  # type: ignore[index,call-overload]


def test_existing_destination_is_kept(drawn: Path, tmp_path: Path) -> None:
    path = tmp_path / "a.tif"
    path.write_bytes(b"mine")
    with pytest.raises(DestinationExistsError, match="--overwrite"):
        convert_slide(drawn, path, ConvertSettings(tile=256))
    assert path.read_bytes() == b"mine"
    convert_slide(drawn, path, ConvertSettings(tile=256, overwrite=True))
    assert tifffile.imread(path, series=0).shape == (1100, 1400, 3)


@pytest.mark.parametrize("name", ["a.tif", "a.ome.zarr"])
def test_full_disk_leaves_nothing(
    name: str, drawn: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from pathae_codec.ome_zarr import writer as ome_zarr

    def refuse(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(tifffile.FileHandle, "write", refuse)
    monkeypatch.setattr(ome_zarr.OmeZarrContainer, "_write_chunk", refuse)
    with pytest.raises(DestinationWriteError, match="the disk is full"):
        convert_slide(drawn, tmp_path / name, ConvertSettings(tile=256))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["a.tif", "a.ome.zarr"])
def test_interrupted_conversion_keeps_what_is_done_beside_no_destination(
    name: str, drawn: Path, tmp_path: Path
) -> None:
    seen: list[int] = []

    def stop(done: int, total: int) -> None:
        if done > 10:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        convert_slide(drawn, tmp_path / name, ConvertSettings(tile=256), stop)
    assert [path.name for path in tmp_path.iterdir()] == [f".{name}.partial"]
    convert_slide(
        drawn, tmp_path / name, ConvertSettings(tile=256), lambda done, _: seen.append(done)
    )
    # It goes on: what was done is not done again.
    assert seen[0] > 10
    assert [path.name for path in tmp_path.iterdir()] == [name]


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        (ConvertSettings(tile=250), "multiple of 16"),
        (ConvertSettings(quality=101), "quality: expected 0 to 100"),
        (ConvertSettings(keep=frozenset({"barcode"})), "keep: expected some of"),
        (ConvertSettings(ngff="0.3"), "ngff: expected one of"),
    ],
)
def test_wrong_settings_are_refused(
    settings: ConvertSettings, message: str, drawn: Path, tmp_path: Path
) -> None:
    with pytest.raises(SettingError, match=message):
        convert_slide(drawn, tmp_path / "a.ome.zarr", settings)
    assert list(tmp_path.iterdir()) == []


def test_destination_is_not_the_source(drawn: Path) -> None:
    copy = drawn.with_suffix(".tif")
    copy.write_bytes(drawn.read_bytes())
    with pytest.raises(SettingError, match="another path"):
        convert_slide(copy, copy, ConvertSettings(overwrite=True))


def test_memory_goes_with_the_tiles_in_flight(tmp_path: Path) -> None:
    """A slide nine times as large may not take 1.5 times the memory."""

    def peak(side: int) -> int:
        source = tmp_path / f"{side}.tif"
        tile = draw_tissue(256, 256)
        tiles = (tile for _ in range((side // 256) ** 2))
        tifffile.imwrite(source, tiles, shape=(side, side, 3), dtype="uint8", tile=(256, 256))
        script = (
            "import sys; from pathlib import Path; from pathae_codec.conversion.convert import *; "
            "convert_slide(Path(sys.argv[1]), Path(sys.argv[2]), ConvertSettings(quality=0)); "
            "import resource; print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)"
        )
        command = [sys.executable, "-c", script, source, source.with_suffix(".ome.zarr")]
        return int(subprocess.run(command, check=True, capture_output=True, text=True).stdout)

    assert peak(6144) < 1.5 * peak(2048)


def test_file_size_limit_is_reported(drawn: Path, tmp_path: Path) -> None:
    """A real refusal of the system to write, not a simulated one."""
    limit = 20_000

    script = (
        "import resource, sys; from pathae_codec.cli import main; "
        f"resource.setrlimit(resource.RLIMIT_FSIZE, ({limit}, {limit})); sys.exit(main())"
    )
    command = [sys.executable, "-B", "-c", script, "convert", drawn, tmp_path / "a.tif"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 2
    assert done.stderr.splitlines()[-1].endswith("the file is too large for the file system")
    assert list(tmp_path.iterdir()) == []
