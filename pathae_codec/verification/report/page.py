"""The page: its parts in order, with nothing in it that a browser has to fetch."""

from pathae_codec.verification.outcome import Verification
from pathae_codec.verification.report.distributions import draw_distributions
from pathae_codec.verification.report.markup import text
from pathae_codec.verification.report.provenance import draw_provenance
from pathae_codec.verification.report.quality_map import draw_maps
from pathae_codec.verification.report.sizes import draw_sizes
from pathae_codec.verification.report.soundness import (
    draw_metadata,
    draw_seams,
    draw_soundness,
)
from pathae_codec.verification.report.style import STYLE
from pathae_codec.verification.report.summary import draw_summary, verdict
from pathae_codec.verification.report.worst_tiles import draw_worst

POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'"
"""Content security policy: a browser that knows it fetches nothing and runs nothing."""
_PARTS = (
    draw_summary,
    draw_distributions,
    draw_maps,
    draw_worst,
    draw_sizes,
    draw_seams,
    draw_soundness,
    draw_metadata,
    draw_provenance,
)


def draw_report(found: Verification) -> str:
    """Return a verification as one HTML file: no script, no reference out, no name of a file."""
    parts = "\n".join(filter(None, (part(found) for part in _PARTS)))
    made = f"{found.provenance.date} · source {found.provenance.source_digest[:12]}"
    return f"""<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{text(POLICY)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<link rel="icon" href="data:,">
<title>PathAE verification: {text(verdict(found))}</title>
<style>{STYLE}</style></head>
<body><main>
<div class="brand"><span><b>PathAE</b> verification</span>
<span>{text(made)}</span></div>
{parts}
<footer>For research only; not for primary diagnosis.</footer>
</main></body></html>
"""
