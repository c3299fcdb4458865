"""How long a server is waited for, and how often it is asked again."""

import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from pathae_codec.errors import SlideReadError

Result = TypeVar("Result")


@dataclass(frozen=True)
class Patience:
    """Seconds and tries.

    Attributes:
        request: Without a byte, until a request counts as failed.
        whole: For one read, all tries and pauses together.
        tries: Requests at most for one read.
        pause: Before the second try; each further one is twice as long.
    """

    request: float = 30.0
    whole: float = 180.0
    tries: int = 5
    pause: float = 0.5


PATIENCE = Patience()


class PassingError(Exception):
    """What may be over at the next try.

    Attributes:
        final: To be raised when there is no next try.
        wait: Seconds that the server asked to wait; None where it did not.
    """

    def __init__(self, final: SlideReadError, wait: float | None = None) -> None:
        super().__init__(str(final))
        self.final = final
        self.wait = wait


def persist(ask: Callable[[float], Result], patience: Patience) -> Result:
    """Ask until there is an answer, with growing pauses.

    Args:
        ask: Gets the seconds that are left; raises `PassingError` where another try is worth it.
        patience: The limits.

    Raises:
        SlideReadError: The last `PassingError.final`, with how often was asked.
    """
    deadline = time.monotonic() + patience.whole
    tried = 0
    while True:
        tried += 1
        try:
            return ask(max(deadline - time.monotonic(), 0.001))
        except PassingError as passing:
            # Many readers whose requests failed together shall not come back together.
            pause = patience.pause * 2 ** (tried - 1) * random.uniform(1, 1.25)
            wait = max(pause, passing.wait or 0)
            left = deadline - time.monotonic()
            if tried == patience.tries or wait >= left:
                raise _given_up(passing, tried, wait, left) from passing.final.__cause__
        time.sleep(wait)


def _given_up(passing: PassingError, tried: int, wait: float, left: float) -> SlideReadError:
    asked = f", asks to wait {wait:.0f} s" if passing.wait and wait >= left else ""
    times = "once" if tried == 1 else f"{tried} times"
    return type(passing.final)(f"{passing.final} (asked {times}{asked}); try again later")
