"""Log what the program does through `logging`, if somebody listens.

The logger ``casework`` reports which store is used, how its transactions end and how long they
take; ``casework.sql`` reports each statement with its time and number of rows. ``--verbose`` and
``CASEWORK_TRACE=sql`` print them on standard error; a program that uses casework as a library
listens as to any other logger.

Values are never logged, only their types and lengths; literals in a statement are left out. Nothing
here imports `logging`: if nobody else has imported it, nobody listens.
"""

from __future__ import annotations

import os
import re
import sys
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from casework.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from logging import Logger

VARIABLE = "CASEWORK_TRACE"
"""The variable that asks for more than ``--verbose``; its only value is `SQL`."""

SQL = "sql"

_PARTS = r"""("(?:[^"]|"")*")                # a name in quotes, which stays
    | (--[^\n]* | /\*.*?(?:\*/|\Z))    # a comment, in which a quote is no quote
    | \b[eE]'(?:[^'\\]|''|\\.)*(?:'|\Z)  # a literal in which a backslash hides a quote
    | '(?:[^']|'')*(?:'|\Z)
    | (\$(?:[^\W\d]\w*)?\$).*?(?:\3|\Z)  # a literal between dollars"""
"""The parts of a statement's text to replace; compiled when the first statement is logged."""


def asked() -> bool:
    """Return whether CASEWORK_TRACE asks for statements; raises UsageError for other values."""
    value = os.environ.get(VARIABLE, "")
    if value not in {"", SQL}:
        raise UsageError("tracing.not-a-trace", value=repr(value))
    return value == SQL


def say(message: str, *values: object) -> None:
    """Log one message, in the form of `logging`."""
    if (logger := _heard("casework", 20)) is not None:
        logger.info(message, *values)


def statements() -> Logger | None:
    """Return the logger of statements; None if nobody listens to it."""
    return _heard("casework.sql", 10)


def _heard(name: str, level: int) -> Logger | None:
    logging = sys.modules.get("logging")
    if logging is None:
        return None
    logger: Logger = logging.getLogger(name)
    return logger if logger.isEnabledFor(level) else None


@contextmanager
def transaction(store: str, what: str) -> Iterator[None]:
    """Log the store of a transaction, how it ended, and after how many milliseconds."""
    if _heard("casework", 20) is None:
        yield
        return
    say("%s in %s", what, store)
    began = time.perf_counter()
    try:
        yield
    except BaseException as error:
        say("%s undone after %.1f ms: %s", what, _since(began), type(error).__name__)
        raise
    say("%s ended after %.1f ms", what, _since(began))


@contextmanager
def statement(logger: Logger, text: str, values: Any) -> Iterator[list[int]]:
    """Log a statement when it is done or has failed; the block appends its number of rows."""
    began, rows, failed = time.perf_counter(), list[int](), False
    try:
        yield rows
    except Exception:
        failed = True
        raise
    finally:
        tell(logger, text, values, began, None if failed or not rows else sum(rows), failed=failed)


def tell(
    logger: Logger, text: str, values: Any, began: float, rows: int | None, *, failed: bool = False
) -> None:
    """Log a statement that was sent at `began`, by `time.perf_counter`."""
    result = ", failed" if failed else ""
    if rows is not None and rows >= 0:
        result = f", {rows} row{'s' * (rows != 1)}"
    logger.debug("%.2f ms%s: %s%s", _since(began), result, shape(text), _given(values))


def shape(text: str) -> str:
    """Return a statement on one line, without comments and literals."""
    parts = re.compile(_PARTS, re.VERBOSE | re.DOTALL)
    kept = parts.sub(lambda part: part[1] or ("" if part[2] else "'…'"), text)
    return " ".join(kept.split())


def _given(values: Any) -> str:
    if not values:
        return ""
    if isinstance(values, list) and isinstance(values[0], tuple | dict | list):
        # One statement for many rows of values: they are of one form.
        return f"{_given(values[0])} × {len(values)}"
    named: Mapping[str, Any] | None = values if hasattr(values, "keys") else None
    told = _named(named) if named is not None else map(kind, values)
    return f"  [{', '.join(told)}]"


def _named(values: Mapping[str, Any]) -> Iterable[str]:
    return (f"{name}: {kind(value)}" for name, value in values.items())


def kind(value: Any) -> str:
    """Return the type of a value, and its length if it has one; never the value."""
    name = type(value).__name__
    return f"{name}({len(value)})" if hasattr(value, "__len__") else name


def _since(began: float) -> float:
    return (time.perf_counter() - began) * 1000


@contextmanager
def printed(*, verbose: bool, sql: bool) -> Iterator[None]:
    """Print messages logged in the block on standard error."""
    import logging

    handler, began = logging.StreamHandler(), time.perf_counter()
    handler.setFormatter(logging.Formatter("[%(name)s +%(since).0f ms] %(message)s"))

    def timed(record: logging.LogRecord) -> bool:
        record.since = _since(began)
        return True

    handler.addFilter(timed)
    loggers = [("casework", logging.INFO)] * verbose + [("casework.sql", logging.DEBUG)] * sql
    before = [(logging.getLogger(name), level) for name, level in loggers]
    levels = [logger.level for logger, _ in before]
    for logger, level in before:
        logger.setLevel(level)
    top = logging.getLogger("casework")
    top.addHandler(handler)
    try:
        yield
    finally:
        top.removeHandler(handler)
        for (logger, _), level in zip(before, levels, strict=True):
            logger.setLevel(level)
