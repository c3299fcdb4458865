"""Conversions through the command line that lose nothing, and what is then read."""

from pathlib import Path
from typing import Any

import numpy as np

import pathae_codec
from pathae_codec.arrays import Pixels
from pathae_codec.cli import main
from pathae_codec.container import open_container
from tests.tiny_model import NAME

TILE = 64


def convert(source: Path, destination: Path, *options: str, expected: int = 0) -> None:
    """Run `pathae convert` losslessly with the tiny model, which `PATHAE_MODELS` must name."""
    arguments = ["--model", NAME, "--tile", str(TILE), "--max-error", "0", "--workers", "1"]
    assert main(["convert", str(source), str(destination), *arguments, *options]) == expected


def shown(path: Path, level: int = 0) -> Pixels:
    """Return all pixels of a level, uint8 (H, W, 3)."""
    slide = pathae_codec.open(path)
    size = slide.level_dimensions[level]
    return np.asarray(slide.read_region((0, 0), level, size))[..., :3]


def record(path: Path) -> dict[str, Any]:
    """Return the slide record as JSON has it."""
    return open_container(path).record.sound().as_json()
