"""A conversion at an effort: the file states it, and it is part of what was asked for."""

from pathlib import Path

import pytest

from benchmarks.synthetic_slide import write_synthetic_slide
from pathae_codec.container import open_container
from pathae_codec.conversion.convert import convert_slide
from pathae_codec.conversion.settings import ConvertSettings
from pathae_codec.errors import DestinationExistsError, SettingError
from pathae_codec.record.lossy_history import describe_step
from pathae_codec.record.slide_record import SlideRecord
from pathae_codec.record.stated_history import parse_history


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("slides") / "drawn.svs"
    write_synthetic_slide(path, width=256, height=128)
    return path


def converted(drawn: Path, path: Path, **settings: object) -> tuple[bytes, SlideRecord]:
    wanted = ConvertSettings(tile=128, threads=1, **settings)  # type: ignore[arg-type]
    convert_slide(drawn, path, wanted)
    return path.read_bytes(), open_container(path).record


def test_default_is_one_pass_and_says_nothing(drawn: Path, tmp_path: Path) -> None:
    plain, record = converted(drawn, tmp_path / "plain.tif")
    stated, _ = converted(drawn, tmp_path / "stated.tif", effort=1)
    assert plain == stated
    assert "effort" not in (record.lossy_history[-1].parameters or {})


def test_file_states_its_effort_and_is_the_same_again(drawn: Path, tmp_path: Path) -> None:
    pytest.importorskip("torch", reason="torch is not installed")
    first, record = converted(drawn, tmp_path / "first.tif", effort=2)
    again, _ = converted(drawn, tmp_path / "again.tif", effort=2)
    assert first == again
    step = record.lossy_history[-1]
    assert (step.parameters or {})["effort"] == 2
    words = describe_step(step)
    assert ", effort 2, " in words
    (read,) = parse_history(words)
    assert (read.parameters or {})["effort"] == 2


def test_another_effort_is_another_conversion(drawn: Path, tmp_path: Path) -> None:
    pytest.importorskip("torch", reason="torch is not installed")
    path = tmp_path / "slide.tif"
    converted(drawn, path)
    with pytest.raises(DestinationExistsError, match="--effort differs"):
        converted(drawn, path, effort=2, resume=True)


def test_a_named_rung_takes_no_effort(drawn: Path, tmp_path: Path) -> None:
    pytest.importorskip("torch", reason="torch is not installed")
    with pytest.raises(SettingError, match="effort: expected 1 with profile paper"):
        converted(drawn, tmp_path / "slide.tif", effort=2, profile="paper")
