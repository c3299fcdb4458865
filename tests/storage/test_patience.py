"""How often is asked again, after which pauses, and when it is enough."""

from itertools import pairwise

import pytest

from pathae_codec.errors import ServerBusyError
from pathae_codec.storage import patience
from pathae_codec.storage.http_answer import Head
from pathae_codec.storage.patience import PassingError, Patience, persist


class Clock:
    """Time that passes only while one sleeps or asks."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.slept: list[float] = []

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(patience, "time", clock)
    return clock


def busy(wait: float | None = None) -> PassingError:
    return PassingError(ServerBusyError("x: the server is busy"), wait)


def test_pauses_grow_and_the_tries_end(clock: Clock) -> None:
    asked = []

    def ask(left: float) -> None:
        asked.append(left)
        raise busy()

    with pytest.raises(ServerBusyError, match=r"^x: the server is busy \(asked 5 times\)"):
        persist(ask, Patience(tries=5, pause=0.5))
    assert len(asked) == 5
    assert all(1.5 < after / before < 2.6 for before, after in pairwise(clock.slept))
    assert 0.5 <= clock.slept[0] <= 0.7
    assert asked == sorted(asked, reverse=True), "each gets what is left of the whole"


def test_what_a_server_asks_is_waited(clock: Clock) -> None:
    answers = iter([busy(7), busy(3)])

    def ask(left: float) -> str:
        del left
        if passing := next(answers, None):
            raise passing
        return "bytes"

    assert persist(ask, Patience()) == "bytes"
    assert clock.slept == [7, 3]


def test_what_takes_too_long_is_not_waited(clock: Clock) -> None:
    def ask(left: float) -> None:
        del left
        raise busy(3600)

    with pytest.raises(ServerBusyError, match=r"asked once, asks to wait 3600 s"):
        persist(ask, Patience(whole=180))
    assert clock.slept == []


def test_the_whole_has_a_limit(clock: Clock) -> None:
    """A server that lets each request wait as long as it may."""

    def ask(left: float) -> None:
        clock.now += min(30, left)
        raise busy()

    with pytest.raises(ServerBusyError):
        persist(ask, Patience(request=30, whole=100, tries=1000))
    assert clock.now <= 1000 + 100 + 1


@pytest.mark.parametrize(
    ("stated", "expected"),
    [("7", 7), (" 120 ", 120), ("9" * 30, 86400), ("soon", None), ("", None), ("-1", None),
     ("Thu, 01 Jan 1970 00:00:00 GMT", 0), ("Fri, 01 Jan 2100 00:00:00 GMT", 86400)],
)  # fmt: skip
def test_seconds_and_dates_of_retry_after(stated: str, expected: float | None) -> None:
    assert Head(503, {"retry-after": stated}).wait() == expected
