"""How every command ends: the one place that turns failures into a line and an exit code.

| what ended it | what is printed | exit code |
|---|---|---|
| an error of this package, of the system, or of what is not installed | one line | 2 |
| Ctrl-C, SIGTERM, SIGHUP | one line: what is kept, how to go on | 128 + the signal |
| the reader of a pipe went away | nothing | 141 |
| an error that nobody foresaw | one line; `--traceback` prints where | 1 |
"""

import argparse
import logging
import os
import signal
import sys
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from types import FrameType

from pathae_codec.commands.wording import say_error
from pathae_codec.errors import PathAEError

EXIT_UNFORESEEN = 1
EXIT_ERROR = 2
EXIT_CLOSED_PIPE = 128 + 13
_EXTRAS = {
    "torch": "torch",
    "diffusers": "torch",
    "timm": "training",
    "openvino": "openvino",
    "fsspec": "remote",
    "wsidicom": "dicom",
    "pydicom": "dicom",
}
"""Modules that a command can miss, and the extra of pathae that brings each."""
Command = Callable[[argparse.Namespace], int | None]


class Stopped(KeyboardInterrupt):
    """A signal asked the process to end; what runs cleans up as after Ctrl-C."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number


def run(command: Command, options: argparse.Namespace) -> int:
    """Run a command; return its exit code. Nothing but exit codes comes out."""
    try:
        with _signals(), _log_lines():
            code = command(options) or 0
            sys.stdout.flush()
            return code
    except BrokenPipeError:
        _forget_output()
        return EXIT_CLOSED_PIPE
    except KeyboardInterrupt as stop:
        number = stop.number if isinstance(stop, Stopped) else signal.SIGINT
        _say(f"pathae: {_named(number)}; {_left(options)}")
        return 128 + number
    except Exception as error:
        if getattr(options, "traceback", False):
            traceback.print_exc()
        text, code = _described(error)
        _say(f"pathae: error: {text}")
        return code


@contextmanager
def unread_output() -> Iterator[None]:
    """Let `--help` end as every command does where nobody reads what it prints."""
    try:
        yield
    except SystemExit:
        try:
            sys.stdout.flush()
        except BrokenPipeError:
            _forget_output()
            sys.exit(EXIT_CLOSED_PIPE)
        raise


def _described(error: Exception) -> tuple[str, int]:
    """Return one line about an error, and the exit code."""
    match error:
        case PathAEError():
            return str(error), EXIT_ERROR
        case ModuleNotFoundError(name=str(name)) if name.partition(".")[0] in _EXTRAS:
            module = name.partition(".")[0]
            extra = _EXTRAS[module]
            return f"{module}: not installed; the extra pathae[{extra}] brings it", EXIT_ERROR
        case OSError(strerror=str(reason)):
            name = error.filename if error.filename is not None else "system"
            return f"{os.fsdecode(name) if isinstance(name, bytes) else name}: {reason}", EXIT_ERROR
        case MemoryError():
            return f"out of memory{f': {error}' if str(error) else ''}", EXIT_ERROR
    text = f"{type(error).__name__}: {error}"
    return f"unforeseen: {text}; --traceback shows where; please report it", EXIT_UNFORESEEN


def _say(text: str) -> None:
    # A terminal that went away, as after SIGHUP, takes no more.
    with suppress(OSError, ValueError):
        say_error(text)


def _named(number: int) -> str:
    return "interrupted" if number == signal.SIGINT else f"stopped by {signal.Signals(number).name}"


def _left(options: argparse.Namespace) -> str:
    """Say what is left of the work: a text, or what a function of the options says."""
    left: str | Callable[[argparse.Namespace], str]
    left = getattr(options, "left", "nothing was left behind")
    return left if isinstance(left, str) else left(options)


def _forget_output() -> None:
    """Keep Python from flushing at its end what nobody reads."""
    with suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


@contextmanager
def _signals() -> Iterator[None]:
    """Let SIGTERM and SIGHUP stop a command as Ctrl-C does; what is ignored (nohup) stays so."""

    def stop(number: int, frame: FrameType | None) -> None:
        del frame
        raise Stopped(number)

    taken = []
    for name in ("SIGTERM", "SIGHUP"):
        number = getattr(signal, name, None)
        # Outside of the main thread no handler can be set: `ValueError`.
        with suppress(ValueError):
            if number is not None and signal.getsignal(number) is signal.SIG_DFL:
                signal.signal(number, stop)
                taken.append(number)
    try:
        yield
    finally:
        for number in taken:
            signal.signal(number, signal.SIG_DFL)


class _LineHandler(logging.Handler):
    def emit(self, record: logging.LogRecord) -> None:
        """Print a record as a line of the command line."""
        level = "" if record.levelno < logging.WARNING else f"{record.levelname.lower()}: "
        _say(f"pathae: {level}{record.getMessage()}")


@contextmanager
def _log_lines() -> Iterator[None]:
    """Print what the package logs, from INFO on, while a command runs."""
    log, handler = logging.getLogger("pathae_codec"), _LineHandler()
    level = log.level
    log.addHandler(handler)
    log.setLevel(logging.INFO)
    try:
        yield
    finally:
        log.removeHandler(handler)
        log.setLevel(level)
