"""What a PathAE file needs to be decoded, and whether this machine has it; no tile is decoded."""

from dataclasses import dataclass
from typing import Any

from pathae_codec.backends.choice import backend_name
from pathae_codec.errors import ModelError
from pathae_codec.model.artifact import ModelArtifact, Transform
from pathae_codec.model.library import find_decoder_file, load_model_file
from pathae_codec.record.slide_record import SlideRecord
from pathae_codec.record.tally import NOT_COUNTED


@dataclass(frozen=True)
class DecodingNeeds:
    """What decoding a file takes.

    Attributes:
        decoder: Identity of the decoder network; None where no tile needs one.
        found: Where the network is: `file` for one that is embedded, else the path of an artifact;
            None where it is lacking or none is needed.
        backend: What would run it; None where nothing installed can, or nothing has to.
        lacking: A line for each thing that this machine lacks, with what to do.
    """

    decoder: str | None
    found: str | None
    backend: str | None
    lacking: tuple[str, ...]

    def as_json(self) -> dict[str, Any]:
        """Return the fields as JSON."""
        return {
            "decoder": self.decoder,
            "found": self.found,
            "backend": self.backend,
            "lacking": list(self.lacking),
        }


def decoding_needs(record: SlideRecord, model: ModelArtifact) -> DecodingNeeds:
    """Look at a file's slide record and codec parameters, and at what is installed here.

    A decoder that is found is checked against its identity, not run: `pathae validate` does that.
    """
    # Files without a tally of their tiles may have any.
    if (record.tiles or NOT_COUNTED).modes.get("latent") == 0:
        return DecodingNeeds(None, None, None, ())
    found, transform, lacking = "file", model.synthesis, []
    if transform is None:
        try:
            artifact = find_decoder_file(model.decoder_id, model.name, model.card.get("sources"))
        except ModelError as error:
            return DecodingNeeds(model.decoder_id, None, None, (str(error),))
        found, transform = str(artifact), load_model_file(artifact).synthesis
    backend = None
    try:
        backend = _backend_of(transform)
    except ModelError as error:
        lacking.append(str(error))
    return DecodingNeeds(model.decoder_id, found, backend, tuple(lacking))


def _backend_of(transform: Transform | None) -> str:
    return backend_name("auto", transform.layers if transform else ())
