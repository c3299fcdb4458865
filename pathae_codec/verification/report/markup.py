"""Small pieces of HTML. Whatever comes from a file goes through `text`."""

import html
from base64 import b64encode
from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from pathae_codec.verification.report.png import encode_png

Pixels = NDArray[np.uint8]


def text(value: object) -> str:
    """Return anything as text of HTML, also inside attributes."""
    return html.escape(str(value), quote=True)


def section(name: str, title: str, lead: str, *parts: str) -> str:
    """Return a section of the page, or nothing if it has no parts.

    Args:
        name: Its anchor.
        title: Plain text.
        lead: HTML: a sentence that says what one sees.
        parts: HTML; empty ones are left out.
    """
    body = "\n".join(filter(None, parts))
    if not body:
        return ""
    opening = f'<p class="lead">{lead}</p>' if lead else ""
    return f'<section id="{name}"><h2>{text(title)}</h2>{opening}\n{body}</section>'


def table(heads: Sequence[str], rows: Iterable[Sequence[str]], numbers: int = 0) -> str:
    """Return a table that scrolls by itself where the page is narrow.

    Args:
        heads: Plain text.
        rows: HTML, a cell each.
        numbers: From this column on cells are figures; 0 for none.
    """

    def kind(column: int) -> str:
        return ' class="figure"' if numbers and column >= numbers else ""

    head = "".join(f"<th{kind(n)} scope=col>{text(name)}</th>" for n, name in enumerate(heads))
    body = "".join(
        f"<tr>{''.join(f'<td{kind(n)}>{cell}</td>' for n, cell in enumerate(row))}</tr>"
        for row in rows
    )
    return (
        f'<div class="scroll"><table><thead><tr>{head}</tr></thead>'
        f"<tbody>{body}</tbody></table></div>"
    )


def picture(pixels: Pixels, alt: str, style: str = "", kind: str = "") -> str:
    """Return an image that lies in the page itself: uint8 (H, W, 3) or (H, W, 4)."""
    height, width = pixels.shape[:2]
    data = b64encode(encode_png(pixels)).decode()
    styled = f' style="{style}"' if style else ""
    classed = f' class="{kind}"' if kind else ""
    return (
        f'<img{classed}{styled} width="{width}" height="{height}" alt="{text(alt)}" '
        f'src="data:image/png;base64,{data}">'
    )


def mark(good: bool) -> str:
    """Return a tick or a cross, with a word for those who cannot see it."""
    word, sign, kind = ("agrees", "✓", "good") if good else ("differs", "✗", "bad")
    return f'<span class="{kind}" role="img" aria-label="{word}">{sign}</span>'


def listing(lines: Sequence[str], kind: str, shown: int = 12) -> str:
    """Return lines of plain text as a list; the later ones fold away."""
    if not lines:
        return ""
    items = [f"<li>{text(line)}</li>" for line in lines]
    first = f'<ul class="{kind}">{"".join(items[:shown])}</ul>'
    if len(items) <= shown:
        return first
    rest = f'<ul class="{kind}">{"".join(items[shown:])}</ul>'
    return f"{first}<details><summary>{len(items) - shown} more</summary>{rest}</details>"
