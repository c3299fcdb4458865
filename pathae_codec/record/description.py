"""What a container says of the slide beside its tiles, the same for every container."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from pathae_codec.arrays import Pixels
from pathae_codec.geometry import Level
from pathae_codec.record.ledger_draft import KnownTiles, LedgerDraft
from pathae_codec.record.root import slide_root
from pathae_codec.record.slide_record import SlideRecord


@dataclass(frozen=True)
class SlideDescription:
    """A slide as a container stores it, without the tiles.

    Attributes:
        levels: The pyramid, finest first.
        icc_profile: As the source stores it.
        associated: Label, macro and thumbnail as far as they are kept, uint8 (H, W, 3).
        parameters: Codec parameters as bytes (see `model.artifact`).
        record: Without the ICC profile; its root is settled when the tiles are written.
        parameters_digest: `sha256:` and 64 digits, as the codec parameters state it.
        known: What is known of the tiles before they are written; None where that is nothing.
    """

    levels: tuple[Level, ...]
    icc_profile: bytes | None
    associated: Mapping[str, Pixels]
    parameters: bytes
    record: SlideRecord
    parameters_digest: str | None
    known: KnownTiles | None = None

    def keeps_all_of(self, name: str) -> bool:
        """Say whether an associated image is stored losslessly; a label always is: it is text."""
        lossless = self.record.tiles is not None and self.record.tiles.is_lossless
        return name == "label" or (lossless and name != "thumbnail")

    def draft(self) -> LedgerDraft:
        """Return the ledger's draft, which a writer fills."""
        return LedgerDraft(self.levels, self.record.tile)

    def settle(self, draft: LedgerDraft) -> tuple[SlideRecord, bytes]:
        """Return the record with its root, and the ledger, once all tiles are noted."""
        ledger = draft.finish(self.known)
        sizes = tuple((level.width, level.height) for level in self.levels)
        root = slide_root(
            self.record, sizes, self.icc_profile, self.parameters_digest, ledger.hash_bytes
        )
        return replace(self.record, root=root), ledger.pack()
