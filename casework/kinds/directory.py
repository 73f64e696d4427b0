"""Who takes part: organisations, people, and the conferences at which they meet."""

from __future__ import annotations

from typing import TYPE_CHECKING

from casework.kinds.field import row
from casework.kinds.record import Record, declared

if TYPE_CHECKING:
    from datetime import date

    from casework.kinds.choices import Role
    from casework.kinds.forms import (
        Certainty,
        Code,
        ConferenceFormat,
        Login,
        Mailbox,
        NewCode,
        Offices,
        OrganisationKind,
        Term,
        Title,
    )

COLLECTIVE = "collective"
"""The kind of organisation that may coordinate a case but never own one."""


@declared
class Organisation(Record):
    """A body that may propose, own or coordinate; a collective may not own."""

    kind = "organisation"
    label = ("organisation", "cơ quan")
    several = ("organisations", "cơ quan")
    about = "Bodies that propose, own and coordinate"
    common = True

    code: NewCode = row("code", "mã", naming=True)
    name: Title = row("name", "tên", naming=True)
    name_vi: Title | None = row("name (vi)", "tên (vi)", default=None, naming=True)
    org_kind: OrganisationKind | None = row("kind", "loại", default=None)
    aliases: tuple[Title, ...] = row("aliases", "tên khác", default=(), naming=True)
    parent: Code | None = row("parent", "cấp trên", default=None, refers="organisation")
    valid_from: date | None = row("from", "từ", default=None)
    valid_to: date | None = row("to", "đến", default=None)
    successor: Code | None = row("successor", "kế thừa", default=None, refers="organisation")
    source: str | None = row("source", "nguồn", default=None)
    email: Mailbox | None = row("mail", "thư điện tử", default=None)

    def exists(self, first: date | None, last: date | None) -> bool:
        """Tell whether it exists on any day from the first to the last; None is open-ended."""
        begun = self.valid_from is None or last is None or self.valid_from <= last
        return begun and (self.valid_to is None or first is None or self.valid_to >= first)


@declared
class Person(Record):
    """A named person; `role` is None for one who is only named, not a user of the register."""

    kind = "person"
    label = ("person", "người")
    several = ("people", "người")
    about = "People: users of the register by role, and those who are only named"
    common = True

    code: NewCode = row("code", "mã", naming=True)
    name: Title = row("name", "tên", default="", private=True, naming=True)
    name_vi: Title | None = row("name (vi)", "tên (vi)", default=None, private=True, naming=True)
    org: Code | None = row("organisation", "cơ quan", default=None, refers="organisation")
    role: Role | None = row("role", "vai trò", default=None)
    login: Login | None = row("login", "tài khoản", default=None, private=True, unique=True)
    offices: Offices = row("offices", "chức vụ", default=(), private=True)
    ended_on: date | None = row("left on", "thôi từ", default=None)
    email: Mailbox | None = row("mail", "thư điện tử", default=None, private=True)


@declared
class Conference(Record):
    """An event at which recommendations are made, keyed by series and number."""

    kind = "conference"
    label = ("conference", "hội nghị")
    several = ("conferences", "hội nghị")
    about = "Conferences, by series and number"
    common = True

    code: NewCode = row("code", "mã", naming=True)
    series: Term | None = row("series", "chuỗi", default=None)
    number: int | None = row("number", "lần thứ", default=None)
    name: Title | None = row("name", "tên", default=None, naming=True)
    name_vi: Title | None = row("name (vi)", "tên (vi)", default=None, naming=True)
    aliases: tuple[Title, ...] = row("aliases", "tên khác", default=(), naming=True)
    date: date | None = row("date", "ngày", default=None)
    year: int | None = row("year", "năm", default=None)
    certainty: Certainty = row("certainty", "độ chắc chắn", default="unknown")
    format: ConferenceFormat | None = row("format", "hình thức", default=None)
    place: Title | None = row("place", "địa điểm", default=None)
    theme: Title | None = row("theme", "chủ đề", default=None)
    previous: Code | None = row("previous", "kỳ trước", default=None, refers="conference")
    source: str | None = row("source", "nguồn", default=None)
