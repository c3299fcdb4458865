"""What the file says of how it was made, cut short: nothing of it is on trust."""

from collections.abc import Mapping

from pathae_codec.record.slide_record import SlideRecord


def read_stated(record: SlideRecord | None) -> Mapping[str, str]:
    """Return what a slide record says of software, model and lossy steps; empty for none."""
    if not record:
        return {}
    return {
        "software": record.software[:80],
        "model": f"{record.model.name:.80}, quality {record.quality}",
        "decoder": record.model.decoder[:80],
        "lossy_steps": ", then ".join(step.method[:40] for step in record.lossy_history[:20]),
        "use": record.intended_use[:80],
    }
