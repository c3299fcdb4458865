"""What the file says of how it was made, cut short: nothing of it is on trust."""

from collections.abc import Mapping
from typing import Any


def read_stated(record: Mapping[str, Any]) -> Mapping[str, str]:
    """Return what a slide record says of software, model and lossy steps; empty for none."""
    if not record:
        return {}
    model = _mapping(record.get("model"))
    return {
        "software": f"{record.get('software')!s:.80}",
        "model": f"{model.get('name')!s:.80}, quality {record.get('quality')!r:.9}",
        "decoder": f"{model.get('decoder')!s:.80}",
        "lossy_steps": _history(record.get("lossy_history")),
        "use": f"{record.get('intended_use')!s:.80}",
    }


def _history(steps: object) -> str:
    known = steps if isinstance(steps, list) else []
    return ", then ".join(f"{_mapping(step).get('method')!s:.40}" for step in known[:20])


def _mapping(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}
