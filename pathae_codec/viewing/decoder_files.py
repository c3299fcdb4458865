"""Decoders as files of their own, named by their identity: what a page fetches beside a slide."""

from dataclasses import replace

from pathae_codec.model.artifact_file import save_artifact
from pathae_codec.model.library import find_decoder_file, load_model_file


def decoder_file_name(identity: str) -> str:
    """Return the name of a decoder's file: the digits of its identity."""
    return f"{identity.removeprefix('sha256:')}.safetensors"


def decoder_file(identity: str, name: str) -> bytes:
    """Return an artifact that holds a decoder and nothing else of its model.

    Args:
        identity: Of the decoder.
        name: Of its model, for messages.

    Raises:
        ModelNotFoundError: It is not on this machine.
    """
    model = load_model_file(find_decoder_file(identity, name, None))
    kept = {key: model.card[key] for key in ("license",) if key in model.card}
    return save_artifact(replace(model, analysis=None, bottlenecks={}, canary=None, card=kept))
