"""The QR codes of a paper that proves itself, as pictures, and what is said under them."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING

from casework.words import word

if TYPE_CHECKING:
    from collections.abc import Iterator

    import segno

    from casework.papers.model import Paper

ACROSS = 40.0
"""How wide the largest code is, in millimetres, with the quiet zone around it."""

QUIET = 2
"""How many modules of that zone belong to the picture: half of what ISO/IEC 18004 asks for. The
other half is between the pictures."""

MODULE = ACROSS / (17 + 4 * 17 + 2 * QUIET)
"""How wide a module is, in millimetres: 2.65 pixels at 150 dpi. A code of version 17 has 85."""

APART = 4.0
"""How far pictures stand from one another, in millimetres."""

DOTS = 6
"""How many dots of a picture in a document of Word a module is wide."""


def drawn(paper: Paper) -> Iterator[tuple[segno.QRCode, float, str]]:
    """Yield the codes of a paper, each with its width in millimetres and what it is in words."""
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
    """Return what the codes cover; nothing where there are none."""
    if paper.proof is None:
        return ""
    held, count = paper.proof.held, paper.proof.lines
    name = "code_covers" if held == count else "code_covers_first"
    return word(name, paper.lang).format(held=held, count=count)
