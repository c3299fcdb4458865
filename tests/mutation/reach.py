"""Which lines of the reader each vector reaches: a mutant is tried with no other vectors.

    python -m tests.mutation.reach FILE

It writes JSON: by vector, the lines of each file.
"""

import json
import sys
from pathlib import Path
from types import FrameType
from typing import Any

from tests.conformance.run_vectors import all_vectors, complaint
from tests.conformance.vectors import VECTORS
from tests.mutation.mutants import reader_files


class Reached:
    """Notes the lines that run, of the files that are mutated."""

    def __init__(self) -> None:
        self._files = {str(path) for path in reader_files()}
        self.lines: dict[str, set[int]] = {}

    def __call__(self, frame: FrameType, event: str, _: object) -> Any:  # noqa: ANN401
        """Be the tracer of every call."""
        name = frame.f_code.co_filename
        if name not in self._files:
            return None
        own = self.lines.setdefault(name, set())
        own.add(frame.f_lineno)

        def line(frame: FrameType, event: str, _: object) -> Any:  # noqa: ANN401
            if event == "line":
                own.add(frame.f_lineno)
            return line

        return line


def main(target: Path) -> int:
    """Run every vector once; a vector that the sound reader does not take ends it."""
    import threading

    found = {}
    for folder in all_vectors():
        clear_caches()
        reached = Reached()
        threading.settrace(reached)
        sys.settrace(reached)
        try:
            wrong = complaint(folder)
        finally:
            sys.settrace(None)
            threading.settrace(None)  # type: ignore[arg-type]
        if wrong:
            print(f"{folder.name}: {wrong}", file=sys.stderr)
            return 1
        name = folder.relative_to(VECTORS).as_posix()
        found[name] = {file: sorted(lines) for file, lines in reached.lines.items()}
    target.write_text(json.dumps(found), "utf-8")
    return 0


def clear_caches() -> None:
    """Forget what was loaded: a mutant of what loads it is seen then, and every line is reached."""
    from pathae_codec.codec import decode_queue
    from tests.conformance.vectors import stored_model

    decode_queue.codec_for.cache_clear()
    decode_queue._queue.close()
    decode_queue._reset_after_fork()
    stored_model.cache_clear()


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
