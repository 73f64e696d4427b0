"""Copy a whole register into another store, without acts or events."""

from __future__ import annotations

from typing import TYPE_CHECKING

from casework.store import compiled
from casework.store.record_rows import stored
from casework.system.progress import under_way

if TYPE_CHECKING:
    from casework.store.connections import Connection, Core


def transplant(source: Connection, target: Core) -> None:
    """Copy a register into a store that has the schema but no register.

    This is not an act: every row and every byte of the log stay what they were.
    """
    from sqlalchemy import insert

    from casework.store import schema

    done = 0
    with under_way("copying") as tell:
        for table in schema.metadata.sorted_tables:
            found = source.pages(compiled.WHOLE[table.name])
            names = table.c.keys()
            pages = ([dict(zip(names, row, strict=True)) for row in page] for page in found)
            if any(key.column.table is table for key in table.foreign_keys):
                # Rows that refer to each other go in with one statement; then keys are checked.
                if together := [row for page in pages for row in page]:
                    target.core.execute(insert(table).values(together))
                continue
            for page in pages:
                target.insert(table.name, tuple(names), [stored(row.values()) for row in page])
                done += len(page)
                tell(done, None)
