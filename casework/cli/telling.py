"""An event in words: who did it, its source, and what it changed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from casework.cli.output import DATED, PARAGRAPHED, cell, dated, paragraphs
from casework.cli.settings import settings
from casework.kinds.records import SHOWN_IN_WORDS, WRITTEN
from casework.words import Written, said, word

if TYPE_CHECKING:
    from collections.abc import Mapping

    from casework.log.reading import Event
    from casework.questions.history import Fact


def who_did(event: Event) -> str:
    """Return who did an act and for whom, with the login if it is another word."""
    own = event.login in {None, event.actor}
    who = event.actor if own else f"{event.actor} ({event.login})"
    away = event.deputy_of
    return who if away is None else settings().said("history.for", who=who, away=away)


def source_of(event: Event) -> str:
    """Return the source of a reported act; empty for others."""
    lang = settings().lang
    source = event.reported["source"] if event.reported else ""
    return cell(Written(str(source)).said(lang), lang)


def fact_told(fact: Fact) -> str:
    """Return a fact of an event as a history shows it."""
    lang = settings().lang
    heading, after = word(fact.name, lang), shown(fact.name, fact.after)
    if not fact.changed:
        return f"{heading}: {after}"
    return f"{heading}: {shown(fact.name, fact.before)} → {after}"


def shown(name: str, value: Any) -> str:
    """Return a value as a history shows it, with the paragraphs of a long text."""
    lang = settings().lang
    if name in SHOWN_IN_WORDS and value:
        return word(str(value), lang)
    if name == "struck_by":
        who, colon, why = str(value).partition(": ")
        return cell(who + colon + Written(why).said(lang), lang)
    if name == "links" and value:
        return ", ".join(said(f"link.{relation}", lang, ref=ref) for relation, ref in value)
    if name in DATED:
        return cell(value, lang, name) or "–"
    if name in PARAGRAPHED and isinstance(value, str):
        told = Written(value).said(lang) if name in WRITTEN else value
        return "\n".join(paragraphs(told, lang)) or "–"
    return cell(value, lang) or "–"


def struck_words(struck: Mapping[str, Any]) -> dict[str, Any]:
    """Return the words about a struck case: event, person, day and reason."""
    day = dated(f"{struck['recorded_at'][:19]}Z", settings().lang)
    why = Written(str(struck["reason"])).said(settings().lang)
    return {"seq": str(struck["seq"]), "who": struck["by"], "at": day, "why": why}
