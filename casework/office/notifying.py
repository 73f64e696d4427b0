"""Letters of assignment, and replies to proposers, as messages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from casework.acts.notifying import DECISIONS, What
from casework.office.letters import Body, Group, Row, line
from casework.office.mail import foot, message, stands_in
from casework.questions.named import OF_A_CASE
from casework.system.text import WITHHELD, visible
from casework.words import in_language, short_date, word

if TYPE_CHECKING:
    from collections.abc import Iterator
    from email.message import EmailMessage

    from casework.acts.notifying import Notice, Told
    from casework.kinds.records import Case, Organisation, Person
    from casework.office.letters import Writing


ASSIGNED = {
    "owner": ("opening.assignment", "ask.assignment"),
    "officer": ("opening.officer", "ask.officer"),
}
"""The opening and the request of a letter of assignment, by recipient."""


def assignment(notice: Notice, writing: Writing) -> EmailMessage:
    """Return the letter about assignments and decisions for a recipient."""
    name = _named(notice.whom, writing.lang)
    opening, asked = ASSIGNED[notice.field]
    body = Body(
        greeting=writing.words("greeting", name=name),
        opening=(*writing.opening(opening, name, {}), *stands_in(notice.to, writing)),
        groups=tuple(_groups(notice, writing)),
        asked=(writing.words(asked),) if _given(notice) else (),
        signed=writing.signed(),
        foot=foot(writing),
    )
    return message(notice.to, writing.words("subject.assignment", name=name), body, writing)


def reply(case: Case, notice: Notice, writing: Writing) -> EmailMessage:
    """Return the letter that tells a proposer how a recommendation was resolved."""
    lang, name = writing.lang, _named(notice.whom, writing.lang)
    told = [f"{word('outcome', lang)}: {word(str(case.outcome), lang)}"]
    told += [
        f"{word(one, lang)}: {_shown(one, getattr(case, one), writing)}"
        for one in ("answer", "document", "resolved_on")
        if getattr(case, one) is not None
    ]
    row = Row(visible(case.ref), writing.title(case.title, case.title_vi), tuple(told))
    body = Body(
        greeting=writing.words("greeting", name=name),
        opening=writing.opening(
            "opening.reply",
            name,
            {one: _said_of(case, one, writing) for one in OF_A_CASE},
            proposed=short_date(case.proposed_on, lang),
        ),
        groups=(Group(word("resolved", lang), (row,)),),
        asked=(writing.words("ask.reply"),),
        signed=writing.signed(),
        foot=foot(writing),
    )
    subject = writing.words("subject.reply", ref=visible(case.ref), name=name)
    return message(notice.to, subject, body, writing)


def _said_of(case: Case, name: str, writing: Writing) -> str | None:
    """Return what a case says in a template, None for nothing."""
    if name == "title":
        return writing.title(case.title, case.title_vi)
    value = getattr(case, name)
    return (
        None if value is None else _shown("owner" if name == "proposer" else name, value, writing)
    )


def _named(whom: Organisation | Person, lang: str) -> str:
    return line(in_language(whom.name, whom.name_vi, lang))


def _given(notice: Notice) -> bool:
    return any(one.what in {What.GIVEN, What.COORDINATES} for one in notice.told)


def _groups(notice: Notice, writing: Writing) -> Iterator[Group]:
    for what in What:
        rows = [
            Row(
                visible(one.case.ref),
                writing.title(one.case.title, one.case.title_vi),
                tuple(_said(one, writing)),
            )
            for one in notice.told
            if one.what is what
        ]
        if rows:
            yield Group(word(what, writing.lang), tuple(rows))


def _said(told: Told, writing: Writing) -> Iterator[str]:
    """Yield what a letter says about a case: owner and due date, or what has changed."""
    case, before, lang = told.case, told.before, writing.lang
    if told.what is not What.DECIDED or before is None:
        for name in ("owner", "officer", "due"):
            if (value := getattr(case, name)) is not None and told.what is not What.TAKEN:
                yield f"{word(name, lang)}: {_shown(name, value, writing)}"
        return
    for name in DECISIONS:
        was, now = getattr(before, name), getattr(case, name)
        if was != now:
            pair = (_shown(name, one, writing) for one in (was, now))
            yield f"{word(name, lang)}: {' → '.join(pair)}"


def _shown(name: str, value: Any, writing: Writing) -> str:
    if value is None:
        return "–"
    if hasattr(value, "isoformat"):
        return short_date(value, writing.lang)
    if value == WITHHELD:
        return word("withheld", writing.lang)
    if name in writing.names:
        return writing.called(name, value)
    # States and outcomes are words of lists; other texts are what people wrote.
    return word(str(value), writing.lang) if type(value) is not str else line(value)
