"""A site of plain files: page, kernel, decoder, slides; any host that knows ranges serves it."""

import json
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from pathae_codec.errors import DestinationExistsError, DestinationWriteError
from pathae_codec.viewing.decoder_files import decoder_file, decoder_file_name
from pathae_codec.viewing.listing import describe, file_url
from pathae_codec.viewing.page_files import page_files
from pathae_codec.viewing.shown import Shown, check_names
from pathae_codec.viewing.site import REGIONS

_SLIDES = "slides"


@dataclass(frozen=True)
class SiteFiles:
    """What was written, in bytes: page, decoders, slides."""

    page: int
    decoders: int
    slides: int


def export_site(
    shown: Sequence[Shown],
    destination: Path,
    *,
    against: int | None = None,
    regions: Path | None = None,
    link: str | None = None,
) -> SiteFiles:
    """Write a static site.

    Args:
        shown: PathAE files that the page decodes.
        destination: A folder that is not there yet, or is empty.
        against: Which of them the first one is compared with.
        regions: A GeoJSON that is drawn over them.
        link: Address of the folder in which the slides lie already; None copies them.

    Raises:
        SettingError: A slide that the page does not decode, or two of one name.
        DestinationExistsError: The folder holds something.
        DestinationWriteError: It cannot be written.
        ModelNotFoundError: A decoder is not on this machine.
    """
    check_names(shown)
    if destination.exists() and (not destination.is_dir() or any(destination.iterdir())):
        raise DestinationExistsError(
            f"destination {destination}: expected no such folder, or an empty one"
        )
    try:
        return _write(shown, destination, against, regions, link)
    except OSError as error:
        raise DestinationWriteError(f"destination {destination}: {error.strerror}") from None


def _write(
    shown: Sequence[Shown],
    destination: Path,
    against: int | None,
    regions: Path | None,
    link: str | None,
) -> SiteFiles:
    page = sum(_copy(path, destination / name) for name, path in page_files())
    decoders = 0
    for identity, needed in {
        one.decoder.decoder_id: one.decoder for one in shown if one.decoder
    }.items():
        body = decoder_file(needed)
        decoders += _put(destination / "decoders" / decoder_file_name(identity), body)
    slides = 0
    if link is None:
        slides = sum(_copy(one.path, destination / _SLIDES / one.path.name) for one in shown)
    if regions:
        _copy(regions, destination / REGIONS)
    folder = _SLIDES if link is None else link.rstrip("/")
    urls = [file_url(folder, one.path.name) for one in shown]
    listing = describe(shown, urls, None, against, REGIONS if regions else None)
    _put(destination / "slides.json", json.dumps(listing, indent=1).encode())
    # GitHub Pages would leave out what it takes for its own.
    _put(destination / ".nojekyll", b"")
    return SiteFiles(page, decoders, slides)


def _copy(source: Path, target: Path) -> int:
    target.parent.mkdir(parents=True, exist_ok=True)
    if source.is_dir():
        shutil.copytree(source, target)
        return sum(path.stat().st_size for path in target.rglob("*") if path.is_file())
    shutil.copyfile(source, target)
    return target.stat().st_size


def _put(target: Path, body: bytes) -> int:
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(body)
    return len(body)
