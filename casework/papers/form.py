"""The words around a paper that is numbered, dated and signed.

They are those of Decree 30/2020/NĐ-CP, appendix I: whose paper it is, its number and date, to whom
it goes, and who signs. What the register does not know stands as a place to be filled in.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from casework.system.text import visible
from casework.words import word

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from casework.papers.model import Paper

    Lines = tuple[str, ...]

PLACES = (
    "parent_office",
    "office",
    "motto_state",
    "motto",
    "number_place",
    "date_place",
    "sent_to",
    "recipient",
    "filed",
    "signer",
    "signer_name",
)
"""What stands around a paper whoever issues it, by name."""


def around(paper: Paper) -> Mapping[str, Lines]:
    """Return the lines of each place around a paper, their unsafe characters made visible.

    Besides PLACES there is `presented`: to whom the paper is addressed, without lines where it is
    to nobody.
    """
    said: dict[str, Lines] = {name: (word(name, paper.lang),) for name in PLACES}
    if paper.office:
        said |= {name: tuple(lines) for name, lines in _of(paper.office, paper.lang)}
    return {"presented": (), **{name: tuple(map(visible, said[name])) for name in said}}


def _of(office: Mapping[str, Any], lang: str) -> Iterator[tuple[str, Iterable[str]]]:
    """Yield the places that an office fills, each with its lines."""
    yield "parent_office", filter(None, [office["superior"]])
    yield "office", [office["name"]]
    yield "presented", _presented(office["presented_to"], lang)
    if office["number_series"]:
        yield "number_place", [word("number_of", lang).format(series=office["number_series"])]
    if office["place"]:
        yield "date_place", [word("date_of", lang).format(place=office["place"])]
    if office["copied_to"]:
        yield "recipient", [f"- {one};" for one in office["copied_to"]]
    if office["filing"]:
        yield "filed", [word("filed_at", lang).format(place=office["filing"])]
    if office["signs_for"] or office["signatory_office"]:
        yield "signer", filter(None, [office["signs_for"], office["signatory_office"]])
    if office["signatory"]:
        yield "signer_name", [office["signatory"]]


def _presented(to: Sequence[str], lang: str) -> Iterator[str]:
    """Yield to whom a paper is addressed: one in the same line, several in a line each."""
    said = word("presented", lang)
    if len(to) == 1:
        yield f"{said} {to[0]}"
    elif to:
        yield said
        yield from (f"- {one};" for one in to[:-1])
        yield f"- {to[-1]}."
