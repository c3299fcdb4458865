"""What a container says of the slide beside its tiles, the same for every container."""

from collections.abc import Mapping
from dataclasses import dataclass

from pathae_codec.arrays import Pixels
from pathae_codec.geometry import Level
from pathae_codec.record.slide_record import SlideRecord


@dataclass(frozen=True)
class SlideDescription:
    """A slide as a container stores it, without the tiles.

    Attributes:
        levels: The pyramid, finest first.
        icc_profile: As the source stores it.
        associated: Label, macro and thumbnail as far as they are kept, uint8 (H, W, 3).
        parameters: Codec parameters as bytes (see `model.artifact`).
        record: Without the ICC profile.
    """

    levels: tuple[Level, ...]
    icc_profile: bytes | None
    associated: Mapping[str, Pixels]
    parameters: bytes
    record: SlideRecord

    def keeps_all_of(self, name: str) -> bool:
        """Say whether an associated image is stored losslessly; a label always is: it is text."""
        lossless = self.record.tiles is not None and self.record.tiles.is_lossless
        return name == "label" or (lossless and name != "thumbnail")
