"""The root of a container, by what it holds, against the one that its record states."""

from pathae_codec.container.interface import ContainerReader
from pathae_codec.errors import ChecksumError
from pathae_codec.record.ledger import Ledger
from pathae_codec.record.root import slide_root


def container_root(
    container: ContainerReader, ledger: Ledger, parameters_digest: str | None
) -> str:
    """Return the root that follows from what a container holds.

    Args:
        container: Of the slide.
        ledger: Its own.
        parameters_digest: As its codec parameters state it.
    """
    sizes = tuple((level.width, level.height) for level in container.levels)
    return slide_root(
        container.record, sizes, container.icc_profile, parameters_digest, ledger.hash_bytes
    )


def check_root(container: ContainerReader, ledger: Ledger, parameters_digest: str | None) -> None:
    """Refuse a container whose tiles are not those that its record was written for.

    Raises:
        ChecksumError: They are not.
    """
    stated, found = container.record.root, container_root(container, ledger, parameters_digest)
    if stated != found:
        raise ChecksumError(
            f"slide record root: expected {stated}, got {found}; tiles, scale, colour profile or "
            "codec parameters are those of another file"
        )
