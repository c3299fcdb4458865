"""What a conversion is: its source and all that was asked for."""

import json
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path

from pathae_codec.backends.choice import backend_name
from pathae_codec.codec.effort import LEAST
from pathae_codec.conversion.settings import ConvertSettings
from pathae_codec.fidelity import Floor
from pathae_codec.model.artifact import ModelArtifact
from pathae_codec.model.realism import STEPS
from pathae_codec.slide.identity import source_content
from pathae_codec.version import SOFTWARE

SOURCE, VERSION, BACKEND, NGFF = (
    "the source",
    "the version of pathae",
    "what runs the network",
    "--ngff",
)
_NOT_ASKED_FOR = {SOURCE, VERSION, BACKEND, NGFF}
"""The source goes into the digest by its content; the version of OME-Zarr is that of the container,
which a transcoded file may have changed."""


def conversion_identity(
    source: str, model: ModelArtifact, quality: int, floor: Floor, settings: ConvertSettings
) -> dict[str, object]:
    """Return what defines the bytes of the destination, by the words that users know it by."""
    region = None if settings.keep_region is None else Path(settings.keep_region)
    taken = model.realism
    return {
        SOURCE: source,
        VERSION: SOFTWARE,
        "--model": [model.decoder_id, model.encoder_id],
        BACKEND: backend_name(settings.backend, model.analysis.layers if model.analysis else ()),
        "--quality": quality,
        "--tile": settings.tile,
        "--min-psnr": floor.min_psnr,
        "--max-error": floor.max_error,
        "--keep-region": sha256(region.read_bytes()).hexdigest() if region else None,
        "--keep": sorted(settings.keep),
        "--keep-metadata": settings.keep_metadata,
        "--embed-model": settings.embed_model,
        NGFF: settings.ngff,
        "--on-bad-tile": settings.on_bad_tile,
        "--series": settings.series,
        "--crop": settings.crop,
        "--mpp": settings.mpp and [float(side) for side in settings.mpp],
        "--magnification": settings.magnification and float(settings.magnification),
        # Runs from before name none of these, and go on: a model with one face has no realism.
        **({"--lossless": True} if settings.lossless else {}),
        **({"--realism": taken.default / STEPS} if taken else {}),
        **({"--effort": settings.effort} if settings.effort > LEAST else {}),
    }


def conversion_digest(identity: Mapping[str, object], source: Path) -> str:
    """Return the digest of a source's content and of what was asked for: `sha256:` and 64 digits.

    Nothing of a machine, a name or a time is in it. All of the source is read.

    Args:
        identity: See `conversion_identity`.
        source: Of the slide.
    """
    wishes = {key: value for key, value in identity.items() if key not in _NOT_ASKED_FOR}
    stated = json.dumps({"source": source_content(source), **wishes}, sort_keys=True)
    return f"sha256:{sha256(stated.encode()).hexdigest()}"
