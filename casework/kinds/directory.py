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

ANOTHER_NAME = ("Another name; repeatable.", "Tên khác; có thể nêu nhiều lần.")
KNOWN_FROM = (
    "Where this is known from: document and place in it.",
    "Nguồn: tài liệu và vị trí trong tài liệu.",
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
    name: Title = row("name", "tên", naming=True, wanted=True, option=("Its name.", "Tên."))
    name_vi: Title | None = row(
        "name (vi)",
        "tên (vi)",
        default=None,
        naming=True,
        option=("Its name in Vietnamese.", "Tên tiếng Việt."),
    )
    org_kind: OrganisationKind | None = row(
        "kind", "loại", default=None, called="kind", option=("What it is.", "Loại cơ quan.")
    )
    aliases: tuple[Title, ...] = row(
        "aliases", "tên khác", default=(), naming=True, each="alias", option=ANOTHER_NAME
    )
    parent: Code | None = row(
        "parent",
        "cấp trên",
        default=None,
        refers="organisation",
        option=("The organisation it belongs to.", "Cơ quan cấp trên."),
    )
    valid_from: date | None = row(
        "from", "từ", default=None, once=True, option=("Its first day.", "Ngày đầu tiên.")
    )
    valid_to: date | None = row("to", "đến", default=None)
    successor: Code | None = row("successor", "kế thừa", default=None, refers="organisation")
    source: str | None = row("source", "nguồn", default=None, once=True, option=KNOWN_FROM)
    email: Mailbox | None = row(
        "mail",
        "thư điện tử",
        default=None,
        option=("Its mailbox, for reminders.", "Hộp thư nhận nhắc việc."),
    )

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
    name: Title = row(
        "name",
        "tên",
        default="",
        private=True,
        naming=True,
        wanted=True,
        option=("The person's name.", "Tên người."),
    )
    name_vi: Title | None = row(
        "name (vi)",
        "tên (vi)",
        default=None,
        private=True,
        naming=True,
        option=("The person's name in Vietnamese.", "Tên tiếng Việt của người."),
    )
    org: Code | None = row(
        "organisation",
        "cơ quan",
        default=None,
        refers="organisation",
        wanted=True,
        option=("The person's organisation.", "Cơ quan của người này."),
    )
    role: Role | None = row(
        "role",
        "vai trò",
        default=None,
        option=("What the person may do in the register.", "Vai trò của người này trong sổ."),
    )
    login: Login | None = row(
        "login",
        "tài khoản",
        default=None,
        private=True,
        unique=True,
        option=(
            "The person's login to the operating system.",
            "Tài khoản hệ điều hành của người này.",
        ),
    )
    offices: Offices = row("offices", "chức vụ", default=(), private=True)
    ended_on: date | None = row("left on", "thôi từ", default=None)
    email: Mailbox | None = row(
        "mail",
        "thư điện tử",
        default=None,
        private=True,
        option=("Where reminders reach the person.", "Địa chỉ thư nhận nhắc việc."),
    )


@declared
class Conference(Record):
    """An event at which recommendations are made, keyed by series and number."""

    kind = "conference"
    label = ("conference", "hội nghị")
    several = ("conferences", "hội nghị")
    about = "Conferences, by series and number"
    common = True

    code: NewCode = row("code", "mã", naming=True)
    series: Term | None = row(
        "series",
        "chuỗi",
        default=None,
        option=(
            "The series; by default the code without its number.",
            "Chuỗi hội nghị; mặc định là mã bỏ phần số.",
        ),
    )
    number: int | None = row(
        "number",
        "lần thứ",
        default=None,
        option=("Its number in the series.", "Lần thứ mấy trong chuỗi."),
    )
    name: Title | None = row("name", "tên", default=None, naming=True, option=("Its name.", "Tên."))
    name_vi: Title | None = row(
        "name (vi)",
        "tên (vi)",
        default=None,
        naming=True,
        option=("Its name in Vietnamese.", "Tên tiếng Việt."),
    )
    aliases: tuple[Title, ...] = row(
        "aliases", "tên khác", default=(), naming=True, each="alias", option=ANOTHER_NAME
    )
    date: date | None = row(
        "date",
        "ngày",
        default=None,
        option=("Its date, or only its year.", "Ngày họp, hoặc chỉ năm."),
    )
    year: int | None = row("year", "năm", default=None)
    certainty: Certainty = row(
        "certainty",
        "độ chắc chắn",
        default="unknown",
        option=("How certain the date is.", "Độ chắc chắn của ngày."),
    )
    format: ConferenceFormat | None = row(
        "format", "hình thức", default=None, option=("How it is held.", "Hình thức họp.")
    )
    place: Title | None = row(
        "place", "địa điểm", default=None, option=("Where it is held.", "Địa điểm.")
    )
    theme: Title | None = row(
        "theme", "chủ đề", default=None, option=("Its theme.", "Chủ đề hội nghị.")
    )
    previous: Code | None = row(
        "previous",
        "kỳ trước",
        default=None,
        refers="conference",
        option=("The conference before it.", "Hội nghị trước đó."),
    )
    source: str | None = row("source", "nguồn", default=None, option=KNOWN_FROM)
