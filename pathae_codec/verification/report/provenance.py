"""The foot of the page: what was compared, with what."""

from collections.abc import Iterator

from pathae_codec.verification.outcome import Verification
from pathae_codec.verification.report.markup import section, text
from pathae_codec.verification.report.wording import number, tiles


def draw_provenance(found: Verification) -> str:
    """Draw digests, software, model and what was compared."""
    items = "".join(f"<dt>{text(name)}</dt><dd>{value}</dd>" for name, value in _lines(found))
    note = (
        "This page names neither file nor patient. The digests say which files were meant: "
        "<code>sha256sum</code> prints that of a file."
    )
    return section("provenance", "What was compared with what", note, f"<dl>{items}</dl>")


def _lines(found: Verification) -> Iterator[tuple[str, str]]:
    origin = found.provenance
    yield "Source, SHA-256", f"<code>{text(origin.source_digest)}</code>"
    yield "This file, SHA-256", f"<code>{text(origin.file_digest)}</code>"
    compared = f"all {tiles(found.tiles)}"
    if found.sample is not None:
        compared = (
            f"{number(found.compared)} of {tiles(found.tiles)}, drawn with seed "
            f"{found.sample.seed}; one at least of each level"
        )
    yield "Compared", text(compared)
    yield "Decoded with", text(f"{origin.backend}; {origin.software}")
    if origin.realism is not None:
        yield "Realism", text(f"{origin.realism:g} of 0 to 1, as the file states")
    yield "Date, time taken", text(f"{origin.date} (UTC), {found.seconds:.1f} s")
    record = found.record
    if record:
        yield "Written by", text(record.software[:80])
        yield "Model", text(f"{record.model.name:.80}, quality {record.quality}")
        yield "Decoder", f"<code>{text(record.model.decoder[:80])}</code>"
        yield (
            "Lossy steps",
            text(", then ".join(step.method[:40] for step in record.lossy_history[:20])),
        )
        yield "Use", text(record.intended_use[:80])
