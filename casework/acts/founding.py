"""Found a register: its first events."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

from casework.acts.actors import REGISTRAR, login_of
from casework.kinds.choices import Role
from casework.kinds.records import Person, Register
from casework.ledger.ledger import Desk, enter, start_log
from casework.questions import lookup
from casework.rules import law
from casework.store.loading import load
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
                "rules": law.digest(),
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


def enter_rules(connection: Connection) -> bool:
    """Record which rules acts are judged by from now on; return whether they are new.

    The actor is the person linked to the login, or the first person of the register.
    """
    register = load(connection, Register, Register.kind, lock=True)
    if register is None or register.rules == law.digest():
        return False
    login = login_of(connection)
    person = lookup.find_login(connection, login) or load(connection, Person, REGISTRAR)
    assert person is not None  # noqa: S101 - every register begins with one
    desk = Desk(connection, person, login, lookup.office_day(connection))
    enter(connection, desk.act(law.RULES, register, {law.RULES: law.digest()}))
    return True
