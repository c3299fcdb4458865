"""A command line that says which command or option was meant."""

import argparse
import re
from collections.abc import Sequence
from difflib import get_close_matches
from typing import Any, NoReturn

_INVALID = re.compile(r"argument [^:]*: invalid choice: '([^']*)'")


class SuggestingParser(argparse.ArgumentParser):
    """Refuse what it does not know by the name of what is nearest; its subparsers do likewise."""

    def parse_known_args(  # type: ignore[override]
        self,
        args: Sequence[str] | None = None,
        namespace: Any = None,  # noqa: ANN401
    ) -> tuple[Any, list[str]]:
        """Parse; refuse unknown options here, where those that are known are this command's own."""
        found, rest = super().parse_known_args(args, namespace)
        if rest:
            self.error(f"unrecognized arguments: {' '.join(rest)}")
        return found, rest

    def error(self, message: str) -> NoReturn:
        """Print usage and message, with what was likely meant; exit with 2."""
        super().error(f"{message}{self._suggestion(message)}")

    def _suggestion(self, message: str) -> str:
        choices = [str(choice) for action in self._actions for choice in action.choices or ()]
        options = [name for action in self._actions for name in action.option_strings]
        near: list[str] = []
        if invalid := _INVALID.match(message):
            near = get_close_matches(invalid[1], choices, 1)
        elif message.startswith("unrecognized arguments"):
            words = [word.partition("=")[0] for word in message.split()[2:] if word[0] == "-"]
            near = [name for word in words for name in get_close_matches(word, options, 1)]
        return f"; did you mean {' '.join(near)}?" if near else ""
