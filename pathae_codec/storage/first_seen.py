"""Whether a name still stands for the bytes that it stood for when it was first read."""

import threading
from collections import OrderedDict

from pathae_codec.errors import ContainerError

HELD = 1 << 16
"""Names that are remembered; those that were read least recently are forgotten."""


class FirstSeen:
    """What identifies the content of each name, from its first reading on. Safe in threads."""

    def __init__(self) -> None:
        self._seen: OrderedDict[str, object] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, name: str) -> object:
        """Return what identified a name; None if it is not remembered."""
        return self._seen.get(name)

    def check(self, name: str, identity: object, shown: str) -> None:
        """Remember what identifies a name, or hold it against what did.

        Args:
            name: Of the bytes.
            identity: None where nothing does.
            shown: The name, for the message.

        Raises:
            ContainerError: It was another.
        """
        if identity is None:
            return
        with self._lock:
            first = self._seen.setdefault(name, identity)
            self._seen.move_to_end(name)
            if len(self._seen) > HELD:
                self._seen.popitem(last=False)
        if first != identity:
            raise replaced(shown)


def replaced(shown: str) -> ContainerError:
    """Return the error of what was replaced while it was read."""
    return ContainerError(f"file {shown}: was replaced since it was opened; open it again")
