"""A path on the command line, of what a URL cannot name."""

from argparse import ArgumentTypeError
from pathlib import Path


def local_path(stated: str) -> Path:
    """Return the path that an argument states.

    Raises:
        ArgumentTypeError: It is a URL, which a path would lose a slash of.
    """
    if "://" in stated:
        raise ArgumentTypeError(
            f"expected a path on this machine, got the URL {stated!r:.80}; info, transcode, "
            "export, kerchunk and pathae_codec.open read PathAE files by URL"
        )
    return Path(stated)
