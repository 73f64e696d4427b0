"""Found a register: its first events."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

from casework.acts.actors import REGISTRAR
from casework.kinds.choices import Role
from casework.kinds.records import Person, Register
from casework.ledger.ledger import Desk, start_log
from casework.system.platforms import login as os_login

if TYPE_CHECKING:
    from datetime import date

    from casework.store.connections import Connection


def found(
    connection: Connection,
    *,
    zone: str,
    today: date,
    notice: str | None = None,
    next_working_day: bool = False,
) -> None:
    """Start an empty register: its log, its random origin, and its first person.

    With `next_working_day` a counted deadline that ends on a day off ends on the next working day.
    """
    login = os_login()
    start_log(connection)
    registrar = Person(code=REGISTRAR, name="Registrar", role=Role.SECRETARIAT)
    desk = Desk(connection, registrar, login, today)
    origin = f"{uuid.uuid4()}.casework"
    desk.record(
        desk.act(
            "found",
            (Register.kind, "register"),
            {
                "origin": origin,
                "zone": zone,
                "notice": notice,
                "next_working_day": today if next_working_day else None,
            },
        ),
        desk.act(
            "add",
            (Person.kind, REGISTRAR),
            {
                "name": "Registrar",
                "name_vi": "Người lập sổ",
                "role": Role.SECRETARIAT,
                "login": login,
            },
        ),
    )
