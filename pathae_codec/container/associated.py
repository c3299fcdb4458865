"""The associated images of a container that goes into another one, or into another format."""

import logging

from pathae_codec.arrays import Pixels
from pathae_codec.container.interface import ContainerReader
from pathae_codec.errors import FormatError

_log = logging.getLogger(__name__)


def read_associated(container: ContainerReader, *, drop_damaged: bool) -> dict[str, Pixels]:
    """Return all associated images by name, uint8 (H, W, 3).

    Args:
        container: Open.
        drop_damaged: Leave out what is damaged, with a warning.

    Raises:
        FormatError: One is damaged.
    """
    images = {}
    try:
        names = list(container.associated)
    except FormatError as error:
        _leave_out("associated images", error, drop_damaged)
        return {}
    for name in names:
        try:
            images[name] = container.associated_image(name)
        except FormatError as error:
            _leave_out(name, error, drop_damaged)
    return images


def _leave_out(name: str, error: FormatError, drop_damaged: bool) -> None:
    if not drop_damaged:
        raise type(error)(
            f"{name}: damaged: {error}; --drop-damaged-images goes on without"
        ) from error
    _log.warning("%s: damaged, and left out: %s", name, error)
