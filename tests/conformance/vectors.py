"""The conformance vectors on disk."""

import json
from functools import cache
from pathlib import Path
from typing import Any

from pathae_codec.model.artifact import ModelArtifact
from pathae_codec.model.artifact_file import load_artifact

SPEC = Path(__file__).parents[2] / "format_spec"
VECTORS = SPEC / "v1" / "vectors"


def folders(kind: str) -> list[Path]:
    return sorted(path for path in (VECTORS / kind).iterdir() if path.is_dir())


def read_case(folder: Path) -> dict[str, Any]:
    case: dict[str, Any] = json.loads((folder / "case.json").read_text("utf-8"))
    return case


@cache
def stored_model(name: str) -> ModelArtifact:
    return load_artifact((VECTORS / name).read_bytes())
