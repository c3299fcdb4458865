"""The table of all vectors: what each is for, and for which rule it must be refused."""

import json
from collections.abc import Iterable

from format_spec.v1.vectors.vector import Vector

HEAD = """# Vectors

Made by `python -m format_spec.v1.vectors.make_vectors`. Of an invalid vector: the reason with which
a reader must refuse it, and the rules that it breaks; of a container also who refuses it. How the
files are laid out: [spec.md](../spec.md), 7.3.

"""


def index_text(vectors: Iterable[Vector]) -> str:
    """Return the table."""
    rows = {vector.folder: json.loads(vector.files["case.json"]) for vector in vectors}
    lines = ["| vector | tests | reason | rules |", "|---|---|---|---|"]
    for folder, case in sorted(rows.items()):
        reason = f"`{case['error']}`" if "error" in case else ""
        if "when" in case:
            reason += f", {case['when']}"
        rules = " ".join(f"`{rule}`" for rule in case["rules"])
        tests = case["tests"].replace("|", "\\|")
        lines.append(f"| {folder} | {tests} | {reason} | {rules} |")
    return HEAD + "\n".join(lines) + "\n"
