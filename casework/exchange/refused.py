"""Write the refused rows of a file with the same columns and the reasons."""

from __future__ import annotations

import json
from typing import IO, TYPE_CHECKING, Any

from casework.exchange.columns import WRONG
from casework.exchange.reading import opened_table
from casework.exchange.sheets import write_csv
from casework.exchange.tables import Table
from casework.system.text import guarded

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from casework.exchange.columns import Layout
    from casework.exchange.sources import Source
    from casework.words import Text


def is_table(source: Source, layout: Layout) -> bool:
    """Return whether a file is a table and not lines of JSON."""
    with opened_table(source, layout) as found:
        return isinstance(found, Table)


def refused_rows(
    source: Source, layout: Layout, faults: Mapping[int, Text], lang: str
) -> Iterator[list[str]]:
    """Yield the headings of a table, then each refused row with its errors."""
    with opened_table(source, layout) as found:
        if not isinstance(found, Table):
            return
        width = len(found.heads)
        yield [*found.heads, WRONG[lang == "vi"]]
        for number, cells in found.rows:
            if (what := faults.get(number)) is not None:
                row = [*cells, *[""] * (width - len(cells))]
                yield [*row[:width], guarded(what.said(lang)), *row[width:]]


def write_refused(
    source: Source, layout: Layout, faults: Mapping[int, Text], file: IO[str], lang: str
) -> None:
    """Write the refused rows in the form of their file: CSV with its separator, or JSON lines."""
    with opened_table(source, layout) as found:
        if isinstance(found, Table):
            mark = found.mark
        else:
            for number, line in found:
                if (what := faults.get(number)) is not None:
                    file.write(f"{_marked(line, what.said(lang))}\n")
            return
    write_csv(refused_rows(source, layout, faults, lang), file, mark, bom=True)


def _marked(line: str, what: str) -> str:
    """Return a line of JSON with its errors added; any other value is put into an object."""
    try:
        value: Any = json.loads(line)
    except (ValueError, RecursionError):
        value = line.strip()
    members = value if isinstance(value, dict) else {"line": value}
    return json.dumps({**members, WRONG[0]: what}, ensure_ascii=False)
