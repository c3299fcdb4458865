"""The bar that shows how far a command is."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

from pathae_codec.commands.wording import plain


class Progress(Protocol):
    """What a command's work calls as it goes on."""

    def __call__(self, done: int, total: int, said: str = "", /) -> None:
        """Show steps done, steps in all, and what there is to say beside the bar."""
        ...


@contextmanager
def progress_bar(name: str, unit: str = "tile") -> Iterator[Progress]:
    """Show a bar on standard error while the work goes on."""
    from tqdm import tqdm

    # None: tqdm stays quiet where standard error is no terminal.
    with tqdm(unit=unit, disable=None, desc=plain(name)) as bar:

        def progress(done: int, total: int, said: str = "") -> None:
            bar.total = total
            if said:
                bar.set_postfix_str(plain(said))
            bar.update(done - bar.n)

        yield progress
