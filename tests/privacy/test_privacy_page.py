"""PRIVACY.md says what the code does: the fields that are kept, and the tests that hold it."""

import ast
import re
from dataclasses import fields
from pathlib import Path

from pathae_codec.privacy.associated import KEEPABLE
from pathae_codec.privacy.deidentification import deidentified
from pathae_codec.record.lossy_history import LossyStep
from pathae_codec.slide.interface import SlideProperties
from tests.planted_slide import PLANTED, planted_icc

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "PRIVACY.md").read_text("utf-8")


def first_column(section: str) -> str:
    text = PAGE.partition(f"## {section}\n")[2].partition("\n## ")[0]
    return "\n".join(line.split("|")[1] for line in text.splitlines() if line.startswith("|"))


def test_the_page_lists_what_is_kept() -> None:
    everything = SlideProperties(
        format="aperio", mpp=(0.5, 0.5), magnification=20.0, icc_profile=planted_icc(),
        compression="JPEG", history=(LossyStep("JPEG"),), metadata={"a": "b"}, research_only=True,
        orientation=6, series=1, crop=(0, 0, 9, 9), supplied=("mpp",),
    )  # fmt: skip
    kept = deidentified(everything)
    names = {field.name for field in fields(kept) if getattr(kept, field.name)}
    assert names == set(re.findall(r"`(\w+)`", first_column("What is kept")))
    dropped = first_column("What is dropped")
    assert all(name in dropped for name in KEEPABLE)
    assert f"| {len(PLANTED)} texts planted" in PAGE


def test_its_tests_exist() -> None:
    named = re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", PAGE)
    assert len(named) > 10
    for file, test in named:
        names = {
            node.name
            for node in ast.parse((ROOT / file).read_text("utf-8")).body
            if isinstance(node, ast.FunctionDef)
        }
        assert test in names, f"{file}::{test}"
