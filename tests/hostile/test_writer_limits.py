"""What readers do not take is not written: said before the work, and held when the file is made."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from pathae_codec.container import writable
from pathae_codec.container.writable import check_description, check_stated
from pathae_codec.conversion.convert import convert_slide
from pathae_codec.errors import SettingError
from pathae_codec.record.description import SlideDescription
from pathae_codec.slide.interface import SlideProperties
from pathae_codec.slide.tifffile_reader import TifffileReader
from tests.field_faults.small_slide import settings, write_model, write_slide

MIB = 1 << 20


@pytest.mark.parametrize(
    ("metadata", "profile"),
    [
        ({"ome": "x" * 70 * MIB}, None),
        ({}, bytes(150 * MIB)),
        ({"a": "x" * 40 * MIB}, bytes(20 * MIB)),
    ],
    ids=["OME-XML of 70 MiB", "profile of 150 MiB", "both"],
)  # fmt: skip
def test_too_much_to_say_is_told_before_any_work(
    metadata: dict[str, str], profile: bytes | None, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    source, model = write_slide(tmp_path / "s.tif"), write_model(tmp_path)
    stated = TifffileReader.properties

    def more(reader: TifffileReader) -> SlideProperties:
        found = stated.fget(reader)  # type: ignore[attr-defined]
        return replace(found, metadata=metadata, icc_profile=profile)

    monkeypatch.setattr(TifffileReader, "properties", property(more))

    def never(*_: object) -> None:
        raise AssertionError("a tile was encoded")

    for out in (tmp_path / "out.tif", tmp_path / "out.ome.zarr"):
        with pytest.raises(SettingError, match=r"expected .* at most.*leave out --keep-metadata"):
            convert_slide(source, out, settings(model, keep_metadata=True), never)
        assert not out.exists()


def test_what_fits_is_written() -> None:
    check_stated({"ome": "x" * 40 * MIB}, bytes(10 * MIB))


@pytest.fixture
def described(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> SlideDescription:
    """Return what a small conversion hands to its container."""
    seen: list[SlideDescription] = []
    check = writable.check_description

    def watched(description: SlideDescription, kind: str, ngff: str) -> None:
        seen.append(description)
        check(description, kind, ngff)

    monkeypatch.setattr("pathae_codec.container.check_description", watched)
    convert_slide(
        write_slide(tmp_path / "s.tif"), tmp_path / "s.ome.zarr", settings(write_model(tmp_path))
    )
    return seen[0]


@pytest.mark.parametrize("kind", ["tiff", "zarr"])
@pytest.mark.parametrize("part", ["record", "profile", "parameters", "image"])
def test_each_part_has_the_readers_limit(part: str, kind: str, described: SlideDescription) -> None:
    check_description(described, kind, "0.5")
    record = described.record
    changed = {
        "record": replace(
            described,
            record=replace(record, source=replace(record.source, metadata={"a": "x" * 64 * MIB})),
        ),
        "profile": replace(described, icc_profile=bytes(64 * MIB + 1)),
        "parameters": replace(described, parameters=bytes(64 * MIB + 1)),
        "image": replace(described, associated={"label": np.zeros((8193, 8193, 3), np.uint8)}),
    }[part]
    with pytest.raises(SettingError, match="as readers take it"):
        check_description(changed, kind, "0.5")


def test_a_long_image_is_for_a_tiff_alone(described: SlideDescription) -> None:
    long = replace(described, associated={"label": np.zeros((4097, 8, 3), np.uint8)})
    check_description(long, "tiff", "0.5")
    with pytest.raises(SettingError, match=r"label, its longer side: expected 4096 .*take a TIFF"):
        check_description(long, "zarr", "0.4")
