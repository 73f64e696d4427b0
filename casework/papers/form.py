"""The form of a numbered, dated and signed paper, independent of the file format.

It follows Decree 30/2020/NĐ-CP, appendix I: the issuing office, number and date, addressees,
signature, and long tables in annexes. What the register does not know is left as a blank to be
filled in.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from casework.papers.formatting import columns_of, ended, needed, opening, sentence
from casework.papers.layout import EM, layout, measure
from casework.system.text import visible
from casework.words import word

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from casework.papers.layout import Layout
    from casework.papers.model import Paper, Section

    Lines = tuple[str, ...]

UPRIGHT, TURNED = 453.5, 700.0
"""The text width of a portrait and a landscape A4 page, in points.

The margins are 30 mm on the left and 20 mm on the other sides.
"""

BODY, HEAD = 14.0, 14.0
"""Type sizes of the text and of the title."""

MOST = 8
"""The most rows of a table in the text; a longer one becomes an annex."""

BLANK = "……"
END = "./."
"""The end mark of the text."""

BELOW = 0.4
"""The length of the line under a title, as a part of the title's: between a third and a half."""

ANNEX_RULE = 120.0
"""The length of the line under the head of an annex, in points."""

NUMERALS = ((10, "X"), (9, "IX"), (5, "V"), (4, "IV"), (1, "I"))


class Part(NamedTuple):
    """A section in its place. `said` replaces its table, which is in `annex` if anywhere.

    `laid` is the layout of the table, None without a table. `charts` says whether its charts are
    here.
    """

    section: Section
    title: str
    said: str
    laid: Layout | None
    annex: str = ""
    charts: bool = True


class Form(NamedTuple):
    """A paper in its form: paragraphs, sections in the text, and annexes."""

    paragraphs: Lines
    notices: Lines
    parts: tuple[Part, ...]
    end: str
    annexes: tuple[Part, ...]


def around(paper: Paper) -> Mapping[str, Lines]:
    """Return the lines for each place around a paper, with unsafe characters made visible.

    `to` has the addressees, and no lines if there are none.
    """
    lang, office = paper.lang, paper.office
    said: dict[str, Iterable[str]] = {
        "superior": [word("parent_office", lang)],
        "office": [word("office", lang)],
        "state": [word("motto_state", lang)],
        "motto": [word("motto", lang)],
        "kind": [word("paper_kind", lang)],
        "subject": [sentence(paper.subject)],
        "number": [word("number_of", lang).format(**_number(paper))],
        "date": [word("date_of", lang).format(**_date(paper))],
        "to": [],
        "sent_to": [word("sent_to", lang)],
        "recipients": [word("recipient", lang), word("filed", lang)],
        "signer": [word("signer", lang)],
        "signatory": [word("signer_name", lang)],
    }
    if office:
        said |= dict(_of(office, lang))
    return {name: tuple(map(visible, lines)) for name, lines in said.items()}


def issued(paper: Paper) -> Lines:
    """Return the lines above an issued paper without a form: office, number, day, addressees.

    A draft has none.
    """
    said = around(paper)
    over = (*said["superior"], *said["office"], *numbered(paper), *said["to"])
    return () if paper.number is None else over


def numbered(paper: Paper) -> Lines:
    """Return the number and the day of an issued paper as lines; a draft has none."""
    said = around(paper)
    return () if paper.number is None else (*said["number"], *said["date"])


def _of(office: Mapping[str, Any], lang: str) -> Iterator[tuple[str, Iterable[str]]]:
    """Yield the places filled from the office, with their lines."""
    yield "superior", [one.upper() for one in [office["superior"]] if one]
    yield "office", [office["name"].upper()]
    yield "to", _presented(office["presented_to"], lang)
    copies = [f"- {one};" for one in office["copied_to"]] or [word("recipient", lang)]
    filed = word("filed", lang)
    if office["filing"]:
        filed = word("filed_at", lang).format(place=office["filing"])
    yield "recipients", [*copies, filed]
    signs = [one.upper() for one in (office["signs_for"], office["signatory_office"]) if one]
    if signs:
        yield "signer", signs
    if office["signatory"]:
        yield "signatory", [office["signatory"]]


def _presented(to: Sequence[str], lang: str) -> Iterator[str]:
    """Yield the addressees: one on the same line, several on separate lines."""
    said = word("presented", lang)
    if len(to) == 1:
        yield f"{said} {to[0]}"
    elif to:
        yield said
        yield from (f"- {one};" for one in to[:-1])
        yield f"- {to[-1]}."


def _number(paper: Paper) -> dict[str, str]:
    """Return the parts of a paper's number; a draft has none yet."""
    number = BLANK if paper.number is None else f"{paper.number:02}"
    series = paper.office.get("number_series") or word("series_place", paper.lang)
    return {"number": number, "series": series}


def _date(paper: Paper) -> dict[str, str]:
    """Return the parts of the place and the day of a paper; a draft has no day yet.

    Days below ten and, in Vietnamese, January and February have two digits, so that nobody can add
    one.
    """
    place = paper.office.get("place") or BLANK
    day = paper.issued_on
    if day is None:
        return {"place": place, "day": BLANK, "month": BLANK, "year": f"20{BLANK}"}
    month = word("months", paper.lang).split()[day.month - 1]
    return {"place": place, "day": f"{day.day:02}", "month": month, "year": str(day.year)}


def rule(lines: Iterable[str], size: float, room: float, part: float = BELOW) -> float:
    """Return the length of the line under some text, in points: a `part` of the longest line."""
    longest = max((measure(line) * size / EM for line in lines), default=0.0)
    return min(longest, room) * part


def arranged(paper: Paper, upright: float = UPRIGHT, turned: float = TURNED) -> Form:
    """Return a paper in its form: long or wide tables are in annexes.

    `upright` and `turned` are the text widths of portrait and landscape pages.
    """
    facts = opening(paper)
    first = f"{facts}. {paper.lead}" if facts else paper.lead
    pages = (upright, turned)
    parts = [_part(number, one, paper, pages) for number, one in enumerate(paper.shown, start=1)]
    long = [one for one in parts if one.laid and (one.laid.turned or len(one.section.rows) > MOST)]
    names = dict(zip(map(id, long), _annexes(len(long), paper.lang), strict=True))
    return Form(
        paragraphs=tuple(ended(visible(one)) for one in (first, *paper.remarks) if one),
        notices=tuple(map(visible, paper.notices)),
        parts=tuple(
            _annexed(one, names[id(one)], paper.lang) if id(one) in names else one for one in parts
        ),
        end=visible(word("paper_end", paper.lang).format(subject=paper.subject)) + END,
        annexes=tuple(
            one._replace(title=visible(one.section.title), annex=names[id(one)], charts=False)
            for one in long
        ),
    )


def _part(number: int, section: Section, paper: Paper, pages: tuple[float, float]) -> Part:
    said = section.repeats or (section.empty if not section.rows else "")
    title = f"{number}. {visible(section.title)}"
    if said:
        return Part(section, title, ended(said), None)
    columns = columns_of(section, paper.lang)
    return Part(section, title, "", layout(columns, needed(section, paper), *pages))


def _annexed(part: Part, name: str, lang: str) -> Part:
    """Return the text of a section whose table is in an annex."""
    return part._replace(said=word("in_annex", lang).format(annex=name), laid=None, annex=name)


def _annexes(count: int, lang: str) -> list[str]:
    """Return the names of `count` annexes; a single one has no number."""
    name = word("annex", lang)
    return [name] if count == 1 else [f"{name} {_roman(one + 1)}" for one in range(count)]


def _roman(number: int) -> str:
    for value, numeral in NUMERALS:
        if number >= value:
            return numeral + _roman(number - value)
    return ""


def source(lang: str) -> tuple[str, str]:
    """Return name and title of the only annex of a paper, which ties it to the log."""
    return word("annex", lang), word("source_of_figures", lang)


def attached(paper: Paper) -> str:
    """Return the line of an annex about its paper."""
    told = word("attached_to", paper.lang).format(
        kind=word("paper_kind", paper.lang).capitalize(),
        **_number(paper),
        date=word("day_of", paper.lang).format(**_date(paper)),
        office=paper.office.get("name") or word("office", paper.lang),
    )
    return visible(told)
