"""Effort of encoding: how long better symbols of a tile are searched for.

The bitstream does not change with it, nor what reads it.
"""

from importlib.util import find_spec

from pathae_codec.entry_numbers import whole
from pathae_codec.errors import BackendUnavailableError, SettingError

LEAST, MOST = 1, 9
FIRST_STEPS = 5
"""Steps of the search at effort 2; each effort takes twice as many as the one below."""


def checked_effort(effort: int) -> int:
    """Return an effort that this machine can spend.

    Raises:
        SettingError: No whole number from 1 to 9.
        BackendUnavailableError: Above 1, and torch is not installed.
    """
    effort = whole(effort, "effort")
    if not LEAST <= effort <= MOST:
        raise SettingError(f"effort: expected {LEAST} to {MOST}, got {effort}")
    if effort > LEAST and find_spec("torch") is None:
        raise BackendUnavailableError(
            f"effort {effort}: expected torch, which computes gradients, found none; "
            f"take the extra pathae[torch], or effort {LEAST}"
        )
    return effort


def search_steps(effort: int) -> int:
    """Return the steps of the search, a decoding and its gradient each: 0 at 1, 640 at 9."""
    return FIRST_STEPS << (effort - 2) if effort > LEAST else 0
