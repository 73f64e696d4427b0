"""The office's clock: its time zone, what day it is there, and points in time."""

import re
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from casework.errors import UnavailableError, UsageError

DEFAULT_ZONE = "Asia/Ho_Chi_Minh"

_ISO_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_STAMP = re.compile(r"\d{4}-?\d{2}-?\d{2}[ Tt]\d", re.ASCII)


BESIDE_THE_DATABASE = frozenset({"localtime", "posixrules", "Factory"})
"""Names of zones outside the IANA database, which mean something different on each machine."""


def now() -> datetime:
    """Return the machine's clock as UTC; it becomes ``recorded_at`` and nothing else.

    Raises UnavailableError if the clock shows a year outside the calendar.
    """
    try:
        return datetime.now(UTC)
    except (OverflowError, OSError, ValueError):
        raise UnavailableError("clock.time") from None


def today(zone: str) -> date:
    """Return today's date in the office's time zone, whatever the machine's zone is."""
    try:
        return now().astimezone(ZoneInfo(zone)).date()
    except OverflowError:
        raise UnavailableError("clock.day") from None


def parse_zone(text: str) -> str:
    """Return the name of a time zone of the IANA database, or raise UsageError."""
    try:
        if text not in BESIDE_THE_DATABASE and not text.startswith(("posix/", "right/")):
            return ZoneInfo(text).key
    except (ZoneInfoNotFoundError, ValueError, OSError):
        pass
    raise UsageError("clock.zone", text=text)


def is_instant(text: str) -> bool:
    """Return whether a text is a point in time: a date followed by a time of day."""
    return _STAMP.match(text.strip()) is not None


def parse_instant(text: str, zone: str = DEFAULT_ZONE) -> datetime:
    """Read a point in time as UTC: an ISO 8601 time stamp, or a date (its last moment).

    A time stamp without an offset is in the office's zone. Raises UsageError for malformed text,
    and for a time that occurred twice or not at all when clocks were changed.
    """
    word = text.strip()
    try:
        if _ISO_DAY.fullmatch(word):
            return last_moment(date.fromisoformat(word), zone)
        moment = datetime.fromisoformat(word)
        if moment.tzinfo is None:
            return _local(moment, zone, word)
        return moment.astimezone(UTC)
    except (ValueError, OverflowError):
        raise UsageError("clock.timestamp", word=word) from None


def first_moment(day: date, zone: str) -> datetime:
    """Return the moment at which a day begins at the office, as UTC."""
    return datetime.combine(day, time.min, ZoneInfo(zone)).astimezone(UTC)


def last_moment(day: date, zone: str) -> datetime:
    """Return the last moment of a day at the office, as UTC."""
    return datetime.combine(day, time.max, ZoneInfo(zone)).astimezone(UTC)


def _local(moment: datetime, zone: str, word: str) -> datetime:
    """Return a local time of the office as UTC; raises UsageError if it is not one moment."""
    first, second = (moment.replace(tzinfo=ZoneInfo(zone), fold=fold) for fold in (0, 1))
    if first.utcoffset() != second.utcoffset():
        raise UsageError(
            "clock.twice", word=word, zone=zone, isoformat=first.astimezone(UTC).isoformat()
        )
    return first.astimezone(UTC)


def moment_of(recorded_at: str) -> datetime | None:
    """Return the moment of a time stamp in the log; None if it is invalid.

    Verification refuses an invalid stamp; other readers continue without the day. A stamp in the
    first or last possible year counts as invalid, because it has no day in some zones.
    """
    try:
        moment = datetime.fromisoformat(recorded_at)
    except ValueError:
        return None
    if moment.tzinfo is None or not date.min.year < moment.year < date.max.year:
        return None
    return moment.astimezone(UTC)


def stamp(moment: datetime) -> str:
    """Return a UTC time stamp in the log's form: ``2021-12-13T01:30:00.000000Z``."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
