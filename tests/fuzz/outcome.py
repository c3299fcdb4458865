"""What a target did with its inputs."""

import json
import resource
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

from pathae_codec.errors import PathAEError

MOST_SECONDS = 10.0


@dataclass
class Outcome:
    """What a target did with its inputs.

    Attributes:
        target: Its name.
        engine: What made the inputs.
        inputs: How many there were.
        ends: By the reason of the error, or `result`.
        bugs: Errors that are none of ours: type, and the file of the input.
        slowest: Seconds of computing of the slowest input: others may use the machine too.
        peak: Most bytes of memory of the process, its imports included.
        seconds: Likewise, of all inputs.
    """

    target: str
    engine: str
    inputs: int = 0
    ends: Counter[str] = field(default_factory=Counter)
    bugs: list[str] = field(default_factory=list)
    slowest: float = 0.0
    peak: int = 0
    seconds: float = 0.0

    def take(self, run: Callable[[bytes], None], data: bytes, crashers: Path) -> str:
        """Run one input; give how it ended."""
        self.inputs += 1
        started = time.process_time()
        try:
            run(data)
            end = "result"
        except PathAEError as error:
            end = error.reason
        except Exception as error:
            end = f"bug: {type(error).__name__}"
            self.keep(data, crashers, f"{type(error).__name__}: {error}"[:200])
        spent = time.process_time() - started
        self.seconds += spent
        self.slowest = max(self.slowest, spent)
        if spent > MOST_SECONDS:
            self.keep(data, crashers, f"took {spent:.1f} s")
        self.ends[end] += 1
        self.peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
        return end

    def keep(self, data: bytes, crashers: Path, what: str) -> None:
        """Save an input that showed a bug; the first of each kind, 50 at most."""
        kind = what.split(":")[0]
        if sum(bug.startswith(kind) for bug in self.bugs) >= 50:
            return
        crashers.mkdir(parents=True, exist_ok=True)
        path = crashers / f"{self.target}-{sha256(data).hexdigest()[:16]}"
        path.write_bytes(data)
        self.bugs.append(f"{what} ({path})")

    def save(self, path: Path) -> None:
        """Write it as JSON."""
        path.write_text(json.dumps(vars(self)))


def load_outcome(path: Path) -> Outcome:
    """Read what `Outcome.save` wrote."""
    values = json.loads(path.read_text())
    return Outcome(**(values | {"ends": Counter(values["ends"])}))
