"""The root: what binds the tiles of a slide to each other and to what they are shown by.

Spec: v1, section 10.2.
"""

from hashlib import sha256
from struct import Struct

from pathae_codec.record.slide_record import SlideRecord

_MAGIC = b"PAEroot1"
_COUNTS, _SIZE, _SCALE = Struct("<II"), Struct("<II"), Struct("<ddd")


def slide_root(
    record: SlideRecord,
    sizes: tuple[tuple[int, int], ...],
    icc_profile: bytes | None,
    parameters_digest: str | None,
    hashes: bytes,
) -> str:
    """Return the root of a slide: `sha256:` and 64 digits.

    Args:
        record: Of the slide; of it the side of a tile, the scale and the decoder count.
        sizes: Width and height of each level, finest first.
        icc_profile: As the container holds it.
        parameters_digest: `sha256:` and 64 digits, as the codec parameters state it.
        hashes: Of all tiles, level by level, row by row.
    """
    digest = sha256(_MAGIC)
    digest.update(_COUNTS.pack(record.tile, len(sizes)))
    for size in sizes:
        digest.update(_SIZE.pack(*size))
    digest.update(_SCALE.pack(*(record.mpp or (0, 0)), record.magnification or 0))
    digest.update(_digits(record.model.decoder))
    digest.update(_digits(parameters_digest))
    digest.update(bytes(32) if icc_profile is None else sha256(icc_profile).digest())
    digest.update(hashes)
    return f"sha256:{digest.hexdigest()}"


def _digits(identity: str | None) -> bytes:
    return bytes.fromhex(identity.removeprefix("sha256:")) if identity else bytes(32)
