"""Connections that log each statement with its time and number of rows, on either engine."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from casework.store.connections import Core, Lite
from casework.store.served import Served
from casework.system import tracing

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Generator, Sequence
    from logging import Logger

    import psycopg
    from sqlalchemy import Connection as CoreConnection
    from sqlalchemy import Engine

    from casework.store.connections import Statement


class ToldLite(Lite):
    """A connection that logs each statement when its rows have been fetched."""

    def __init__(self, driver: sqlite3.Connection, logger: Logger) -> None:
        super().__init__(driver)
        self._logger = logger

    def rows(self, statement: Statement, **values: Any) -> list[Any]:
        if statement.forms:
            # These are fetched, and told, page by page.
            return super().rows(statement, **values)
        with tracing.statement(self._logger, statement.text, _all(statement, values)) as counted:
            found = super().rows(statement, **values)
            counted.append(len(found))
        return found

    def pages(self, statement: Statement, **values: Any) -> Generator[Sequence[Any]]:
        with tracing.statement(self._logger, statement.text, _all(statement, values)) as counted:
            counted.append(0)
            for page in super().pages(statement, **values):
                counted.append(len(page))
                yield page

    def told(self, text: str, values: Sequence[Any] = ()) -> list[Any]:
        with tracing.statement(self._logger, text, values) as counted:
            found = super().told(text, values)
            counted.append(len(found))
        return found

    def change(self, text: str, values: Sequence[Any] = ()) -> int:
        with tracing.statement(self._logger, text, values) as counted:
            rows = super().change(text, values)
            counted.append(rows)
        return rows

    def many(self, text: str, rows: Sequence[Sequence[Any]]) -> None:
        with tracing.statement(self._logger, text, list(rows)) as counted:
            super().many(text, rows)
            counted.append(len(rows))


def _all(statement: Statement, values: dict[str, Any]) -> dict[str, Any]:
    return {**statement.fixed, **values}


class ToldServed(Served):
    """A connection to a server that logs each statement; for a long answer when it is fetched."""

    def __init__(self, driver: psycopg.Connection[Any], logger: Logger) -> None:
        super().__init__(driver)
        self._logger = logger

    def _ask(self, text: str, values: Any) -> psycopg.Cursor[Any]:
        with tracing.statement(self._logger, text, values) as counted:
            found = super()._ask(text, values)
            counted.append(found.rowcount)
        return found

    def _paged(self, text: str, values: Any) -> Generator[Sequence[Any]]:
        with tracing.statement(self._logger, text, values) as counted:
            counted.append(0)
            for page in super()._paged(text, values):
                counted.append(len(page))
                yield page

    def many(self, text: str, rows: Sequence[Sequence[Any]]) -> None:
        with tracing.statement(self._logger, text, list(rows)) as counted:
            super().many(text, rows)
            counted.append(len(rows))


class ToldCore(Core):
    """A SQLAlchemy connection that logs a long answer when its rows have been fetched."""

    def __init__(
        self, core: CoreConnection, named: Callable[[Statement], Any], logger: Logger
    ) -> None:
        super().__init__(core, named)
        self._logger = logger

    def pages(self, statement: Statement, **values: Any) -> Generator[Sequence[Any]]:
        began, rows = time.perf_counter(), 0
        try:
            for page in super().pages(statement, **values):
                rows += len(page)
                yield page
        finally:
            for text, given in self.core.info.pop(STREAMED, ()):
                tracing.tell(self._logger, text, given, began, rows)


STREAMED = "casework.streamed"
"""The attribute of a SQLAlchemy connection for the statement whose rows are still to be fetched."""


def listen(engine: Engine, logger: Logger) -> None:
    """Log the statements of a SQLAlchemy engine, except those with long answers."""
    from sqlalchemy import event

    sent: list[float] = []

    def before(*_: Any) -> None:
        sent[:] = [time.perf_counter()]

    def after(core: Any, cursor: Any, text: str, values: Any, context: Any, _: bool) -> None:
        if "yield_per" in context.execution_options:
            core.info[STREAMED] = [(text, values)]
        else:
            tracing.tell(logger, text, values, sent[0], cursor.rowcount)

    def failed(error: Any) -> None:
        if error.statement is not None and sent:
            values = error.parameters
            tracing.tell(logger, error.statement, values, sent[0], None, failed=True)

    event.listen(engine, "before_cursor_execute", before)
    event.listen(engine, "after_cursor_execute", after)
    event.listen(engine, "handle_error", failed)
