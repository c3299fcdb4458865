"""`pathae completion`: what a shell needs to complete commands, options and file names."""

import argparse
from collections.abc import Iterator
from pathlib import Path

from pathae_codec.commands.wording import say

_PLACES = {"FILE", "SRC", "DST"}
"""Arguments that are paths or URLs, and thus no `Path`."""
_EXAMPLES = """\
examples:
  pathae completion bash > ~/.local/share/bash-completion/completions/pathae
  pathae completion zsh > ~/.zfunc/_pathae     # with ~/.zfunc in fpath
"""


def add_parser(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command to the command line, whose parser the options must name as `whole`."""
    parser = commands.add_parser(
        "completion",
        help="print a script that completes pathae in a shell",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("shell", choices=("bash", "zsh", "tcsh"), help="the shell")
    parser.set_defaults(command=_complete)


def _complete(options: argparse.Namespace) -> None:
    import shtab

    for action in _actions(options.whole):
        if action.type is Path or action.metavar in _PLACES:
            action.complete = shtab.FILE  # type: ignore[attr-defined]
    say(shtab.complete(options.whole, shell=options.shell))


def _actions(parser: argparse.ArgumentParser) -> Iterator[argparse.Action]:
    """Return the actions of a parser and of all below it."""
    for action in parser._actions:
        yield action
        if isinstance(action, argparse._SubParsersAction):
            for inner in action.choices.values():
                yield from _actions(inner)
