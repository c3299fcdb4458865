"""The how-to pages: every block of code runs, in the order of the page."""

import os
import re
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from benchmarks.synthetic_slide import write_synthetic_slide
from tests.tiny_model import draw_tissue

PAGES = Path(__file__).parents[2] / "plugins" / "howto"
BLOCK = re.compile(r"^```(sh|python)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Lay out what the pages say is at hand."""
    write_synthetic_slide(tmp_path / "slide.svs", width=900, height=700, levels=2)
    (tmp_path / "slides").mkdir()
    for name in ("a", "b"):
        shutil.copy(tmp_path / "slide.svs", tmp_path / "slides" / f"{name}.svs")
    (tmp_path / "tiles").mkdir()
    for seed in range(2):
        Image.fromarray(draw_tissue(256, 256, seed)).save(tmp_path / "tiles" / f"{seed}.png")
    assert np.asarray(Image.open(tmp_path / "tiles" / "0.png")).shape == (256, 256, 3)
    return tmp_path


def run(kind: str, code: str, folder: Path) -> None:
    shell = ["bash", "-euo", "pipefail", "-c", code]
    script = folder / "block.py"
    script.write_text(code)
    environment = dict(os.environ)
    environment["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    done = subprocess.run(
        shell if kind == "sh" else [sys.executable, str(script)],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, f"{code}\n{done.stdout}{done.stderr}"


@pytest.mark.parametrize(
    "page", sorted(p.name for p in PAGES.glob("*.md") if p.name != "README.md")
)
def test_every_block_runs(page: str, folder: Path) -> None:
    text = (PAGES / page).read_text("utf-8")
    needs = re.match(r"<!-- needs: (\w+) -->", text)
    if needs and find_spec(needs[1]) is None:
        pytest.skip(f"{needs[1]} is not installed")
    blocks = BLOCK.findall(text)
    assert blocks
    for kind, code in blocks:
        run(kind, code, folder)


def test_the_list_has_every_page() -> None:
    listed = re.findall(r"\((\w+\.md)\)", (PAGES / "README.md").read_text("utf-8"))
    assert sorted(listed) == sorted(p.name for p in PAGES.glob("*.md") if p.name != "README.md")
