"""Neutral profiles: the same colours, and nothing else."""

import io
from struct import pack

import numpy as np
import pytest
import tifffile
from hypothesis import example, given, settings
from hypothesis import strategies as st
from PIL import Image, ImageCms

from pathae_codec.privacy.icc_profile import neutral_profile, profile_disclosures, read_tags
from tests.planted_slide import PLANTED, planted_icc
from tests.shared_data import require_slide

SRGB = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


def lab(profile: bytes, intent: int) -> np.ndarray:
    colours = np.random.default_rng(0).integers(0, 256, (32, 32, 3), np.uint8)
    source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
    transform = ImageCms.buildTransform(
        source, ImageCms.createProfile("LAB"), "RGB", "LAB", ImageCms.Intent(intent)
    )
    shown = ImageCms.applyTransform(Image.fromarray(colours), transform)
    assert shown is not None
    return np.asarray(shown)


def assert_same_colours(profile: bytes) -> bytes:
    neutral = neutral_profile(profile)
    assert neutral is not None
    for intent in range(4):
        np.testing.assert_array_equal(lab(profile, intent), lab(neutral, intent))
    assert neutral_profile(neutral) == neutral
    assert list(profile_disclosures(neutral)) == []
    return neutral


def test_colours_stay_and_names_go() -> None:
    neutral = assert_same_colours(planted_icc())
    opened = ImageCms.ImageCmsProfile(io.BytesIO(neutral)).profile
    assert opened.profile_description == opened.copyright == "not stated"
    assert str(opened.creation_date) == "2000-01-01 00:00:00"
    # Preferred CMM, maker and model, creator, ID and reserved bytes.
    for start, end in ((4, 8), (48, 56), (80, 128)):
        assert not any(neutral[start:end])
    for text in PLANTED.values():
        assert text.encode() not in neutral
        assert text.encode("utf-16-be") not in neutral


def test_profile_of_version_4_keeps_the_name_of_a_standard() -> None:
    neutral = assert_same_colours(SRGB)
    opened = ImageCms.ImageCmsProfile(io.BytesIO(neutral)).profile
    assert opened.version >= 4
    assert opened.profile_description == "sRGB built-in"
    assert opened.copyright == "not stated"


def test_real_profile_of_a_scanner() -> None:
    with tifffile.TiffFile(require_slide("TCGA-CR-7395.svs")) as tiff:
        profile = bytes(tiff.pages.first.tags[34675].value)
    neutral = assert_same_colours(profile)
    before, after = read_tags(profile), read_tags(neutral)
    assert before is not None
    assert after is not None
    texts = {b"cprt", b"desc"}
    assert {tag: before[tag] for tag in set(after) - texts} == {
        tag: after[tag] for tag in set(after) - texts
    }
    assert b"sRGB IEC61966-2.1" in after[b"desc"]
    assert set(before) - set(after) == {b"dmnd", b"dmdd", b"vued"}


def test_disclosures_tell_where() -> None:
    found = dict(profile_disclosures(planted_icc()))
    assert found["creation date"] == "1999-03-04 05:06:07"
    assert found["maker"] == "ZANK"
    assert found["model"] == "SS77"
    assert found["creator"] == "ZNKA"
    assert found["profile ID"] == bytes(range(1, 17)).hex()
    assert found["tag desc"] == PLANTED["icc description"]
    assert found["tag dmdd"] == PLANTED["icc device"]
    assert found["tag ssid"] == PLANTED["icc private"]


def test_bytes_behind_a_curve_are_told() -> None:
    neutral = neutral_profile(planted_icc())
    assert neutral is not None
    assert list(profile_disclosures(neutral + b"Zanka")) == [
        ("bytes", "more than its colours take")
    ]


def with_element(name: bytes, element: bytes) -> bytes:
    """Return sRGB's profile with one element more, at the end."""
    tags = dict(read_tags(SRGB) or {})
    tags[name] = element
    table, body = pack(">I", len(tags)), b""
    for tag, data in tags.items():
        table += pack(">4sII", tag, 132 + 12 * len(tags) + len(body), len(data))
        body += data + bytes(-len(data) % 4)
    return pack(">I", 128 + len(table) + len(body)) + SRGB[4:128] + table + body


@pytest.mark.parametrize(
    "element",
    [
        pack(">4s4x4B9i2H", b"mft2", 3, 3, 2, 0, *[65536, 0, 0, 0] * 2, 65536, 2, 2) + bytes(72),
        pack(">4s4x4B9i", b"mft1", 3, 3, 2, 0, *[65536, 0, 0, 0] * 2, 65536) + bytes(1560),
        pack(">4s4xHHi", b"para", 0, 0, 65536),
        pack(">4s4xI2H", b"curv", 2, 0, 65535),
    ],
)
def test_bytes_behind_numbers_are_cut_off(element: bytes) -> None:
    tag = b"A2B0" if element[:3] == b"mft" else b"kTRC"
    neutral = neutral_profile(with_element(tag, element + b"Zanka"))
    assert neutral is not None
    assert (read_tags(neutral) or {})[tag] == element
    assert neutral == neutral_profile(with_element(tag, element))


def test_text_in_a_tag_of_numbers_goes() -> None:
    neutral = neutral_profile(with_element(b"lumi", b"text" + bytes(4) + b"Zanka\0"))
    assert neutral == neutral_profile(SRGB)


def test_overlapping_elements_are_refused() -> None:
    count = 200
    table = b"".join(pack(">4sII", b"%04d" % n, 132 + n, 2000) for n in range(count))
    assert neutral_profile(SRGB[:128] + pack(">I", count) + table + bytes(8000)) is None


@pytest.mark.parametrize("data", [b"", b"acsp" * 30, bytes(200), SRGB[:140], bytes(range(256))])
def test_what_is_no_profile_is_left_behind(data: bytes) -> None:
    assert neutral_profile(data) is None
    assert [where for where, _ in profile_disclosures(data)] == ["all of it"]


@settings(max_examples=150, deadline=None)
@example(128, b"\xff\xff\xff\xff")
@given(st.integers(0, len(SRGB) - 1), st.binary(min_size=1, max_size=12))
def test_damaged_profiles_raise_nothing(place: int, change: bytes) -> None:
    """Covers R-9-hostile for ICC profiles."""
    for profile in (SRGB, planted_icc()):
        damaged = (profile[:place] + change + profile[place + len(change) :])[: len(profile)]
        neutral = neutral_profile(damaged)
        list(profile_disclosures(damaged))
        if neutral is not None:
            assert neutral_profile(neutral) == neutral
            assert list(profile_disclosures(neutral)) == []
