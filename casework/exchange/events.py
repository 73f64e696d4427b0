"""Read days off, and working days that make up for them, from iCalendar (RFC 5545).

Published calendars contain days off, make-up days and observances; the words of an event tell which
it is.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any

from casework.acts.holidays import Entry
from casework.errors import UsageError
from casework.exchange.days import Left, Read, days_in
from casework.system.text import SHOWN, TITLE_LIMIT, fold
from casework.words import Quoted, Text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from casework.exchange.days import Choice

SPAN_LIMIT = 31
"""The most days of one event; a longer one is not a holiday."""

DAYS_LIMIT = 20_000
"""The most days in a file, after expanding recurrence rules."""

ONCE = ("DTSTART", "DTEND", "DURATION", "SUMMARY", "STATUS", "RRULE")
"""The properties that an event may have only once."""

OTHER_RULES = ("RDATE", "EXRULE", "RECURRENCE-ID")

# In folded text: no case, no diacritics.
_WORKED = re.compile(
    r"\blam (viec )?bu\b|\bbu ngay lam\b|\bmake[ -]?up (work|day)|\bworking (day|saturday|sunday)"
    r"|\bworkday\b|\bwork(day|ing) (for|in lieu|instead)|补班|補班|调休上班"
    r"|рабочая (суббота|воскресенье)"
)
_NOT_WORKED = re.compile(r"^nghi\b|\bnon-?[ ]?working\b|\bno working\b|\bnot a working\b|нерабоч")
_SHORTER = re.compile(r"сокращ|\bshort(er|ened) (working )?day|\bhalf[ -](working )?day")
_OBSERVANCE = re.compile(r"observance|ngay ky niem")


@dataclass(frozen=True, slots=True)
class _Event:
    """An event: its name, its other words, its days, and its recurrence rule."""

    name: str
    says: str
    observance: bool
    first: date
    length: int
    rule: Any
    without: frozenset[date]

    def days(self, first: date) -> list[date]:
        """Return its days if it begins on a day."""
        return [first + timedelta(number) for number in range(self.length)]


def days_of(text: str, name: str | Text, choice: Choice) -> Read:
    """Return the days of calendars; raises UsageError if anything in them cannot be read."""
    left: list[Left] = []
    found: dict[date, list[Entry]] = {}
    total = 0
    for event in _events(text, name, choice):
        days = days_in(choice, _days(event, name, choice))
        total += len(days)
        if total > DAYS_LIMIT:
            raise UsageError("calendar.too-many", name=name, days_limit=DAYS_LIMIT)
        why = _left(event, choice)
        if why is not None:
            left += [Left(day, event.name, why) for day in days]
            continue
        kind = choice.said(event.name) or _kind(event)
        for day in days:
            found.setdefault(day, []).append(Entry(day=day, name=event.name, kind=kind))
    entries = [_one(day, found[day], name) for day in sorted(found)]
    if not entries and not left:
        raise UsageError("calendar.none-such", name=name)
    return Read(entries, sorted(left, key=lambda one: one.day), events=True)


def _one(day: date, entries: list[Entry], name: str | Text) -> Entry:
    """Return the combined day of several events: all their names, if they agree on the kind."""
    kinds = {one.kind for one in entries}
    names = "; ".join(dict.fromkeys(one.name for one in entries))
    if len(kinds) > 1:
        raise UsageError("calendar.both", name=name, day=day, names=names)
    return Entry(day=day, name=names, kind=kinds.pop())


def _left(event: _Event, choice: Choice) -> str | None:
    """Return why an event is neither a day off nor a make-up day."""
    if choice.said(event.name) is not None:
        return None
    if _SHORTER.search(fold(event.name)):
        return "shorter_day"
    return "observance" if event.observance and not choice.observances else None


def _kind(event: _Event) -> str:
    says = event.says
    return "working" if _WORKED.search(says) and not _NOT_WORKED.search(says) else "off"


def _days(event: _Event, name: str | Text, choice: Choice) -> Iterator[date]:
    if event.rule is None:
        yield from event.days(event.first)
        return
    if choice.years is None:
        raise _fault(name, event.name, "calendar.yearly", "calendar.name-years")
    # One that begins in the year before may last into the first of them.
    years = range(choice.years.start - 1, choice.years.stop)
    for first in _each_year(event, name, years):
        if first not in event.without:
            yield from event.days(first)


def _each_year(event: _Event, name: str | Text, years: range) -> Iterator[date]:
    """Yield the first day of a yearly event in some years; raises UsageError for other rules."""
    rule = {key.upper(): value for key, value in event.rule.items()}
    same = {"BYMONTH": [event.first.month], "BYMONTHDAY": [event.first.day]}
    strange = [
        part
        for part, value in rule.items()
        if part not in {"FREQ", "INTERVAL", "COUNT", "UNTIL", "WKST"} and value != same.get(part)
    ]
    if rule.get("FREQ") != ["YEARLY"] or strange:
        raise _fault(name, event.name, "calendar.recurs-otherwise", "calendar.list-or-leave")
    step, count = int(rule.get("INTERVAL", [1])[0]), rule.get("COUNT", [None])[0]
    last = _as_day(rule["UNTIL"][0]) if "UNTIL" in rule else date.max
    begun = 0
    for year in range(event.first.year, years.stop, max(step, 1)):
        try:
            day = event.first.replace(year=year)
        except ValueError:
            # 29 February is there in leap years only, and counts in them only.
            continue
        begun += 1
        if day > last or (count is not None and begun > count):
            return
        if year in years:
            yield day


# --- what an event says ----------------------------------------------------------------------


def _events(text: str, name: str | Text, choice: Choice) -> Iterator[_Event]:
    """Yield the wanted events; the others are not parsed."""
    from icalendar import Calendar

    try:
        calendars = Calendar.from_ical(text, multiple=True)
    except (ValueError, IndexError, KeyError, TypeError, AttributeError) as error:
        raise _broken(name, Quoted("calendar.unreadable", str(error)[:200])) from None
    # The library takes a calendar that was cut off for a whole one.
    lines = [line.strip().upper() for line in re.split(r"\r\n|\r|\n", text)]
    for part in ("VCALENDAR", "VEVENT"):
        if lines.count(f"BEGIN:{part}") != lines.count(f"END:{part}"):
            raise _broken(name, Text("calendar.no-end", part=part))
    for calendar in calendars:
        if calendar.name != "VCALENDAR" or getattr(calendar, "errors", None):
            raise _broken(name, Text("calendar.other-part", part=calendar.name))
        for event in calendar.walk("VEVENT"):
            said = " ".join(str(event.get("SUMMARY", "")).split())
            cancelled = str(event.get("STATUS", "")).upper() == "CANCELLED"
            if choice.wants(said) and not cancelled:
                yield _event(event, name, said)


def _broken(name: str | Text, what: Text) -> UsageError:
    return UsageError("calendar.broken", name=name, fault=what)


def _event(event: Any, name: str | Text, said: str) -> _Event:
    for one in ONCE:
        if isinstance(event.get(one), list):
            raise _fault(name, said, "calendar.twice", part=one)
    for field, why in event.errors:
        if field in {*ONCE, "EXDATE"}:
            raise _fault(
                name, said, "list.colon", first=field, then=Quoted("system.ValueError", why)
            )
    if not said:
        raise _fault(name, said, "calendar.without", part="SUMMARY")
    for one in OTHER_RULES:
        if one in event:
            raise _fault(name, said, "calendar.recurs-by", "calendar.list-days", part=one)
    if "DTSTART" not in event:
        raise _fault(name, said, "calendar.without", part="DTSTART")
    first = _day(event["DTSTART"], name, said)
    beside = fold(f"{said} {_categories(event)}")
    told = fold(str(event.get("DESCRIPTION", "")))
    return _Event(
        name=said[:TITLE_LIMIT],
        says=beside,
        observance=told.startswith("observance")
        or _OBSERVANCE.search(fold(_categories(event))) is not None,
        first=first,
        length=_length(event, first, name, said),
        rule=event.get("RRULE"),
        without=frozenset(_without(event, name, said)),
    )


def _categories(event: Any) -> str:
    value = event.get("CATEGORIES", [])
    listed = value if isinstance(value, list) else [value]
    return " ".join(str(one) for part in listed for one in getattr(part, "cats", [part]))


def _length(event: Any, first: date, name: str | Text, said: str) -> int:
    """Return the number of days of an event, from its end (not included) or its duration."""
    if "DTEND" in event and "DURATION" in event:
        raise _fault(name, said, "calendar.end-and-duration")
    lasts = timedelta(1)
    if "DTEND" in event:
        # Many write the day itself as the end of one day.
        lasts = _day(event["DTEND"], name, said) - first or lasts
    elif "DURATION" in event:
        lasts = event["DURATION"].dt
    if not isinstance(lasts, timedelta) or lasts % timedelta(1):
        raise _fault(name, said, "calendar.part-of-day", lasts=str(lasts))
    if not 1 <= lasts.days <= SPAN_LIMIT or date.max - first < lasts:
        raise _fault(
            name, said, "calendar.lasts", "calendar.list-or-leave",
            days=lasts.days, most=SPAN_LIMIT,
        )  # fmt: skip
    return lasts.days


def _without(event: Any, name: str | Text, said: str) -> Iterator[date]:
    listed: Any = event.get("EXDATE", [])
    for part in listed if isinstance(listed, list) else [listed]:
        for one in part.dts:
            yield _day(one, name, said)


def _day(value: Any, name: str | Text, said: str) -> date:
    """Return a whole day: a date, or midnight in the calendar's zone."""
    moment = getattr(value, "dt", None)
    if isinstance(moment, datetime):
        elsewhere = moment.tzinfo is not None and moment.tzname() == "UTC"
        if moment.time() != time() or elsewhere:
            raise _fault(name, said, "calendar.moment", value=str(moment))
        return moment.date()
    if not isinstance(moment, date):
        raise _fault(name, said, "calendar.not-a-day", value=str(value))
    return moment


def _as_day(moment: Any) -> date:
    return moment.date() if isinstance(moment, datetime) else moment


def _fault(
    name: str | Text,
    said: str,
    what: str,
    way_out: str = "calendar.correct-or-leave",
    **values: Any,
) -> UsageError:
    """Return the error for an event, from the ids of the fault and the hint."""
    return UsageError(
        "calendar.event",
        name=name,
        event=said[:SHOWN],
        what=Text(what, **values),
        way_out=Text(way_out),
    )
