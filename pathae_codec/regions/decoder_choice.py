"""Decoding a file's latents with another decoder than the one that it names."""

from dataclasses import replace

from pathae_codec.codec.tile_codec import TileCodec
from pathae_codec.errors import ModelMismatchError, ModelNotFoundError
from pathae_codec.model.artifact import ModelArtifact
from pathae_codec.model.artifact_file import load_artifact, save_artifact
from pathae_codec.model.library import find_model
from pathae_codec.model.realism import Realism


def with_decoder(parameters: bytes, decoder: str) -> bytes:
    """Return codec parameters that decode the same latents with another decoder, embedded.

    The file's canary holds for its own decoder only; the new parameters get one of the new one.

    Args:
        parameters: Of the file.
        decoder: Name, identity or path of a model that was made for the same encoder.

    Raises:
        ModelNotFoundError: It is not there, or has no decoder.
        ModelMismatchError: It was made for another encoder.
    """
    stored, other = load_artifact(parameters), find_model(decoder)
    if other.synthesis is None:
        raise ModelNotFoundError(f"model {decoder}: expected a decoder, found none in it")
    if other.encoder_id != stored.encoder_id:
        raise ModelMismatchError(
            f"decoder {decoder}: expected one for the encoder {stored.encoder_id}, got one for "
            f"{other.encoder_id}: its latents mean something else"
        )
    changed = replace(
        stored,
        synthesis=other.synthesis,
        decoder_id=other.decoder_id,
        realism=_realism(stored, other),
        canary=None,
    )
    if stored.canary is not None:
        changed = replace(changed, canary=TileCodec(changed).canary_of(stored.canary.tile))
    return save_artifact(changed)


def _realism(stored: ModelArtifact, other: ModelArtifact) -> Realism | None:
    """Return the realism of the other decoder, at the default of the file where it states one."""
    if stored.realism and other.realism:
        return replace(other.realism, default=stored.realism.default)
    return other.realism
