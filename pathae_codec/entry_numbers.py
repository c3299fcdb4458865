"""Numbers of callers as Python's own, where they enter.

numpy's integers wrap at their width, without sign or not, and none of its numbers goes into JSON:
what enters a public interface is turned into `int` or `float` there, and counted with from then on.
"""

from collections.abc import Iterable
from operator import index
from typing import SupportsFloat, SupportsIndex

from pathae_codec.errors import SettingError

WholeNumber = SupportsIndex | float


def whole(value: WholeNumber, what: str) -> int:
    """Return a whole number of any type as `int`.

    Args:
        value: An integer of any library, or a float without a fraction.
        what: It is, for the message.

    Raises:
        SettingError: It is none.
    """
    try:
        return index(value)  # type: ignore[arg-type]
    except TypeError:
        pass
    try:
        number = int(value)
        if number == value:
            return number
    except (TypeError, ValueError, OverflowError):
        pass
    raise SettingError(f"{what}: expected a whole number, got {value!r:.40}")


def real(value: SupportsFloat, what: str) -> float:
    """Return a number of any type as `float`.

    Raises:
        SettingError: It is none.
    """
    try:
        return float(value)
    except (TypeError, ValueError, OverflowError):
        raise SettingError(f"{what}: expected a number, got {value!r:.40}") from None


def pair(values: Iterable[WholeNumber], what: str) -> tuple[int, int]:
    """Return two whole numbers of any type as two `int`.

    Raises:
        SettingError: They are not two whole numbers.
    """
    try:
        first, second = values
    except (TypeError, ValueError):
        raise SettingError(f"{what}: expected two numbers, got {values!r:.60}") from None
    return whole(first, what), whole(second, what)
