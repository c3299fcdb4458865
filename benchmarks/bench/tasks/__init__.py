"""The tasks, a file each.

A task module has `REVISION` (part of the digest of its cells: raise it when the task measures
something else), `Settings` (what a config may set) and `measure`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import Any, Protocol

from benchmarks.bench.codec_setting import CodecSetting
from benchmarks.bench.material import Material
from pathae_codec.errors import SettingError

NAMES = (
    "feature_similarity",
    "classification",
    "classification_half",
    "multiple_instance",
    "segmentation",
    "nuclei_fidelity",
    "repeated_coding",
    "whole_slides",
)
NEEDS = {
    "feature_similarity": "tiles",
    "classification": "classes",
    "classification_half": "classes",
    "multiple_instance": "classes",
    "segmentation": "nuclei",
    "nuclei_fidelity": "nuclei",
    "repeated_coding": "tiles",
    "whole_slides": "slides",
}
"""Which data a task cannot do without; see `config.Data`."""


class Measure(Protocol):
    """How a task measures one cell."""

    def __call__(
        self,
        codec: CodecSetting,
        seed: int,
        settings: Any,  # noqa: ANN401
        material: Material,
    ) -> dict[str, Any]:
        """Return what the cell holds: plain JSON values.

        `networks` are those that saw the tiles and are the same for all codecs, by name: a digest
        of what they are (see `same_networks`).
        """
        ...


@dataclass(frozen=True)
class Task:
    """A task with its settings of a config."""

    name: str
    revision: int
    settings: Any
    measure: Measure


def load_task(name: str, table: Mapping[str, Any]) -> Task:
    """Return a task by name, its settings from a table of a config.

    Raises:
        SettingError: There is no such task, or it has no such setting.
    """
    if name not in NAMES:
        raise SettingError(f"bench task: expected one of {list(NAMES)}, got {name!r}")
    module = import_module(f"{__name__}.{name}")
    values = {k: tuple(v) if isinstance(v, list) else v for k, v in table.items()}
    unknown = sorted(set(values) - set(module.Settings.__dataclass_fields__))
    if unknown:
        known = sorted(module.Settings.__dataclass_fields__)
        raise SettingError(f"bench task {name}: expected settings of {known}, got {unknown}")
    return Task(name, module.REVISION, module.Settings(**values), module.measure)
