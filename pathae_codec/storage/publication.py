"""A finished container takes its name: at every instant it, or what was there, is complete.

1. Its files, then the folders that hold their names, reach the disk; then the mark `finished`.
2. It takes its name. Where nothing was, a name that appeared meanwhile is left alone. A file takes
   the place of a file in one step. So does a folder of a folder where the system can exchange two
   names (Linux, on most file systems). Elsewhere the old one steps aside, then the new one steps
   in: for a moment nothing has the name, and the old one lies whole in the folder `.NAME.partial`.
   A run that is stopped there lets it step back; after a kill the next run does.
3. The names of the parent folder reach the disk; then the old one is removed.
"""

import os
from contextlib import suppress

from pathae_codec.errors import DestinationExistsError
from pathae_codec.storage.durable import sync_folder, sync_tree, write_durably
from pathae_codec.storage.partial import Partial
from pathae_codec.storage.renaming import exchange, rename_new
from pathae_codec.storage.replaceable import Kind, check_replaceable


def publish(partial: Partial, kind: Kind, *, overwrite: bool) -> None:
    """Let the finished container take its name at the destination.

    Args:
        partial: Holds it.
        kind: Of what it is; see `check_replaceable`.
        overwrite: Replace what has the name.

    Raises:
        DestinationExistsError: Something has the name, and is not to be replaced.
        OSError: The system refuses; what was there is there.
    """
    sync_tree(partial.container)
    write_durably(partial.finished, b"")
    if overwrite and os.path.lexists(partial.path):
        # It may be another one than at the beginning.
        check_replaceable(partial.path, kind)
        _replace(partial)
    else:
        try:
            rename_new(partial.container, partial.path)
        except FileExistsError:
            raise DestinationExistsError(
                f"destination {partial.path}: something took its name meanwhile, which was not "
                "touched; use --overwrite to replace it"
            ) from None
    sync_folder(partial.path.parent)


def _replace(partial: Partial) -> None:
    if not partial.path.is_dir():
        partial.container.replace(partial.path)
        return
    if exchange(partial.container, partial.path):
        with suppress(OSError):  # It is only to be removed.
            partial.container.rename(partial.replaced)
        return
    try:
        partial.path.rename(partial.replaced)
        sync_folder(partial.folder)
        partial.container.rename(partial.path)
    except BaseException:
        partial.undo()
        raise
