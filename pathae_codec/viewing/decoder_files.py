"""Decoders as files of their own, named by their identity: what a page fetches beside a slide."""

from dataclasses import replace

from pathae_codec.model.artifact import ModelArtifact
from pathae_codec.model.artifact_file import save_artifact
from pathae_codec.model.library import find_decoder


def decoder_file_name(identity: str) -> str:
    """Return the name of a decoder's file: the digits of its identity."""
    return f"{identity.removeprefix('sha256:')}.safetensors"


def decoder_file(parameters: ModelArtifact) -> bytes:
    """Return an artifact that holds the decoder of codec parameters, and nothing else.

    Args:
        parameters: Of a file that does not embed it.

    Raises:
        ModelNotFoundError: It is not on this machine.
    """
    card = parameters.card
    synthesis = find_decoder(parameters.decoder_id, parameters.name, card.get("sources"))
    kept = {key: card[key] for key in ("license",) if key in card}
    alone = replace(
        parameters, synthesis=synthesis, bottlenecks={}, canary=None, card=kept, jpeg_sets=()
    )
    return save_artifact(alone)
