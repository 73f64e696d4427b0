"""The QR codes of a paper as pictures, and the text under them."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING

from casework.words import word

if TYPE_CHECKING:
    from collections.abc import Iterator

    import segno

    from casework.papers.model import Paper

ACROSS = 40.0
"""The width of the largest code, in millimetres, including the quiet zone."""

QUIET = 2
"""The modules of the quiet zone inside the picture: half of what ISO/IEC 18004 requires.

The other half lies between the pictures.
"""

MODULE = ACROSS / (17 + 4 * 17 + 2 * QUIET)
"""The width of a module in millimetres: 2.65 pixels at 150 dpi.

A code of version 17 has 85 modules.
"""

APART = 4.0
"""The distance between pictures, in millimetres."""

DOTS = 6
"""The width of a module in a Word picture, in dots."""


def drawn(paper: Paper) -> Iterator[tuple[segno.QRCode, float, str]]:
    """Yield the codes of a paper, each with its width in millimetres and a description."""
    if paper.proof is None:
        return
    import segno

    codes = paper.proof.codes
    for place, text in enumerate(codes, start=1):
        made = segno.make_qr(text, error="M", mode="alphanumeric", boost_error=False)
        wide = made.symbol_size(border=QUIET)[0] * MODULE
        told = word("code_picture", paper.lang).format(place=place, count=len(codes))
        yield made, wide, told


def picture(code: segno.QRCode) -> str:
    """Return a code as SVG."""
    made = BytesIO()
    code.save(made, kind="svg", border=QUIET, light="#fff", xmldecl=False, omitsize=True)
    return made.getvalue().decode().strip()


def dots(code: segno.QRCode) -> bytes:
    """Return a code as PNG."""
    made = BytesIO()
    code.save(made, kind="png", border=QUIET, scale=DOTS)
    return made.getvalue()


def said(paper: Paper) -> str:
    """Return the text about what the codes cover; empty without codes."""
    if paper.proof is None:
        return ""
    held, count = paper.proof.held, paper.proof.lines
    name = "code_covers" if held == count else "code_covers_first"
    return word(name, paper.lang).format(held=held, count=count)
