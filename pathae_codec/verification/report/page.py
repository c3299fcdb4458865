"""The page: its parts in order, with nothing in it that a browser has to fetch."""

from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined

from pathae_codec.verification.figures import count_exact, describe_coding
from pathae_codec.verification.outcome import Verification
from pathae_codec.verification.report import distributions
from pathae_codec.verification.report.colours import LEAST, MOST, gradient
from pathae_codec.verification.report.pictures import GAIN, difference, png_url
from pathae_codec.verification.report.provenance import read_stated
from pathae_codec.verification.report.quality_map import draw_maps
from pathae_codec.verification.report.sizes import count_sizes
from pathae_codec.verification.report.soundness import check_rows, metadata_rows, seam_rows
from pathae_codec.verification.report.summary import cards, explanation, notices, verdict
from pathae_codec.verification.report.wording import decibels, number, share, size, tiles
from pathae_codec.verification.worst import PART_SIDE


def draw_report(found: Verification) -> str:
    """Return a verification as one HTML file: no script, no reference out, no name of a file."""
    return (
        _environment()
        .get_template("page.html")
        .render(
            found=found,
            verdict=verdict(found),
            explanation=explanation(found),
            cards=cards(found),
            notices=notices(found),
            charts=distributions.draw_charts(found),
            plot=distributions,
            exact=count_exact(found.levels),
            maps=draw_maps(found),
            scale=(LEAST, MOST),
            gradient=gradient(),
            difference=difference,
            gain=GAIN,
            part_side=PART_SIDE,
            sizes=count_sizes(found),
            seams=seam_rows(found),
            checks=check_rows(found),
            metadata=metadata_rows(found),
            stated=read_stated(found.record),
        )
    )


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("pathae_codec.verification.report"),
        # Whatever a file says is text.
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "coding": describe_coding,
        "decibels": decibels,
        "number": number,
        "png_url": png_url,
        "share": share,
        "size": size,
        "tiles": tiles,
        "written": format,
    }
    return environment
