"""Organisations, people and conferences."""

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

CODES = ("ký hiệu", "mã số")
NAMES = ("name (en)", "english name", "tên (tiếng Anh)", "tên tiếng Anh", "tên đầy đủ")
NAMES_VI = ("vietnamese name", "tên (tiếng Việt)", "tên tiếng Việt")
ALIASES = ("alias", "abbreviation", "viết tắt", "tên viết tắt", "tên gọi khác")
SOURCES = ("legal basis", "căn cứ", "nguồn thông tin", "văn bản")
MAILS = ("email", "e-mail", "mail address", "địa chỉ thư", "hộp thư")
"""Alternative column headings that several kinds share."""

NAME_OF_FILES = "its name; needed for a new one, unless there is a name_vi"
NAME_VI_OF_FILES = "its name in Vietnamese; alone it is its name"
ALIASES_OF_FILES = "other names, parted by semicolons or commas; they are added to those it has"

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

    code: NewCode = row(
        "code",
        "mã",
        file="the code it is known by; needed for a new one",
        headings=("mã đơn vị", "mã cơ quan", *CODES),
        naming=True,
    )
    name: Title = row(
        "name",
        "tên",
        naming=True,
        wanted=True,
        option=("Its name.", "Tên."),
        file=NAME_OF_FILES,
        headings=(*NAMES, "tên cơ quan", "tên đơn vị", "cơ quan", "đơn vị", "organisation"),
    )
    name_vi: Title | None = row(
        "name (vi)",
        "tên (vi)",
        default=None,
        naming=True,
        option=("Its name in Vietnamese.", "Tên tiếng Việt."),
        file=NAME_VI_OF_FILES,
        headings=NAMES_VI,
    )
    org_kind: OrganisationKind | None = row(
        "kind",
        "loại",
        default=None,
        called="kind",
        option=("What it is.", "Loại cơ quan."),
        file="what it is, such as ministry, locality or party-body",
        headings=("type", "loại cơ quan", "loại hình"),
    )
    aliases: tuple[Title, ...] = row(
        "aliases",
        "tên khác",
        default=(),
        naming=True,
        each="alias",
        option=ANOTHER_NAME,
        file=ALIASES_OF_FILES,
        headings=ALIASES,
    )
    parent: Code | None = row(
        "parent",
        "cấp trên",
        default=None,
        refers="organisation",
        option=("The organisation it belongs to.", "Cơ quan cấp trên."),
        file="the organisation it belongs to; its row may come later",
        headings=("belongs to", "cơ quan cấp trên", "trực thuộc", "cơ quan chủ quản"),
    )
    valid_from: date | None = row(
        "from",
        "từ",
        default=None,
        once=True,
        option=("Its first day.", "Ngày đầu tiên."),
        file="its first day; no edit changes it",
        headings=("valid from", "từ ngày", "ngày thành lập", "hiệu lực từ"),
    )
    valid_to: date | None = row(
        "to",
        "đến",
        default=None,
        file="its last day: it is ended after it",
        headings=("valid to", "ended on", "đến ngày", "hết hiệu lực", "chấm dứt"),
    )
    successor: Code | None = row(
        "successor",
        "kế thừa",
        default=None,
        refers="organisation",
        file="the organisation that takes over from one that is ended",
        headings=("succeeded by", "cơ quan kế thừa", "đơn vị kế thừa"),
    )
    source: str | None = row(
        "source",
        "nguồn",
        default=None,
        once=True,
        option=KNOWN_FROM,
        file="where this is known from; also why it is ended",
        headings=SOURCES,
    )
    email: Mailbox | None = row(
        "mail",
        "thư điện tử",
        default=None,
        option=("Its mailbox, for reminders.", "Hộp thư nhận nhắc việc."),
        file="its mailbox, for reminders",
        headings=MAILS,
    )

    def exists(self, first: date | None, last: date | None) -> bool:
        """Return whether it exists on any day of a span; None means open-ended."""
        begun = self.valid_from is None or last is None or self.valid_from <= last
        return begun and (self.valid_to is None or first is None or self.valid_to >= first)


@declared
class Person(Record):
    """A person; `role` is None if they are only named and do not use the register.

    From `away_from` to `away_to`, inclusive, the person is away, and the `deputy` stands in.
    """

    kind = "person"
    label = ("person", "người")
    several = ("people", "người")
    about = "People: users of the register by role, and those who are only named"
    common = True

    code: NewCode = row(
        "code",
        "mã",
        file="the code the person is known by; needed",
        headings=("mã cán bộ", "mã người", *CODES),
        naming=True,
    )
    name: Title = row(
        "name",
        "tên",
        default="",
        private=True,
        naming=True,
        wanted=True,
        option=("The person's name.", "Tên người."),
        file="the person's name; needed for a new one, unless there is a name_vi",
        headings=("full name", "họ tên", "họ và tên"),
    )
    name_vi: Title | None = row(
        "name (vi)",
        "tên (vi)",
        default=None,
        private=True,
        naming=True,
        option=("The person's name in Vietnamese.", "Tên tiếng Việt của người."),
        file="the same in Vietnamese; alone it is the person's name",
        headings=NAMES_VI,
    )
    org: Code | None = row(
        "organisation",
        "cơ quan",
        default=None,
        refers="organisation",
        wanted=True,
        option=("The person's organisation.", "Cơ quan của người này."),
        file="the person's organisation, by code or name; needed for a new one",
        headings=("org", "đơn vị", "cơ quan, đơn vị", "nơi công tác"),
    )
    role: Role | None = row(
        "role",
        "vai trò",
        default=None,
        option=("What the person may do in the register.", "Vai trò của người này trong sổ."),
        file="secretariat, desk, inspector or admin; one without it is only named",
        headings=("quyền",),
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
        file="the person's login to the operating system",
        headings=("user name", "tên đăng nhập"),
    )
    offices: Offices = row("offices", "chức vụ", default=(), private=True)
    ended_on: date | None = row(
        "left on",
        "thôi từ",
        default=None,
        file="since when the person acts no more",
        headings=("ended on", "thôi việc từ", "nghỉ từ"),
    )
    email: Mailbox | None = row(
        "mail",
        "thư điện tử",
        default=None,
        private=True,
        option=("Where reminders reach the person.", "Địa chỉ thư nhận nhắc việc."),
        file="where reminders reach the person",
        headings=MAILS,
    )
    away_from: date | None = row("away from", "vắng mặt từ", default=None)
    away_to: date | None = row("away until", "vắng mặt đến hết", default=None)
    deputy: Code | None = row("deputy", "người làm thay", default=None, refers="person")

    def is_away(self, day: date) -> bool:
        """Return whether the person is away on a day; both ends of an absence are included."""
        begins, ends = self.away_from, self.away_to
        return begins is not None and ends is not None and begins <= day <= ends


@declared
class Conference(Record):
    """An event at which recommendations are made, keyed by series and number."""

    kind = "conference"
    label = ("conference", "hội nghị")
    several = ("conferences", "hội nghị")
    about = "Conferences, by series and number"
    common = True

    code: NewCode = row(
        "code",
        "mã",
        file="the code it is known by, such as NFAC-23; needed",
        headings=("mã hội nghị", *CODES),
        naming=True,
    )
    series: Term | None = row(
        "series",
        "chuỗi",
        default=None,
        option=(
            "The series; by default the code without its number.",
            "Chuỗi hội nghị; mặc định là mã bỏ phần số.",
        ),
        file="the series; by default the code without its number",
        headings=("chuỗi hội nghị",),
    )
    number: int | None = row(
        "number",
        "lần thứ",
        default=None,
        option=("Its number in the series.", "Lần thứ mấy trong chuỗi."),
        file="its number in the series",
        headings=("no.", "số", "lần"),
    )
    name: Title | None = row(
        "name",
        "tên",
        default=None,
        naming=True,
        option=("Its name.", "Tên."),
        file="its name",
        headings=(*NAMES, "tên hội nghị"),
    )
    name_vi: Title | None = row(
        "name (vi)",
        "tên (vi)",
        default=None,
        naming=True,
        option=("Its name in Vietnamese.", "Tên tiếng Việt."),
        file=NAME_VI_OF_FILES,
        headings=NAMES_VI,
    )
    aliases: tuple[Title, ...] = row(
        "aliases",
        "tên khác",
        default=(),
        naming=True,
        each="alias",
        option=ANOTHER_NAME,
        file=ALIASES_OF_FILES,
        headings=ALIASES,
    )
    date: date | None = row(
        "date",
        "ngày",
        default=None,
        option=("Its date, or only its year.", "Ngày họp, hoặc chỉ năm."),
        file="its date, or only its year",
        headings=("ngày họp", "ngày tổ chức", "thời gian"),
    )
    year: int | None = row("year", "năm", default=None, file="its year, where no date is known")
    certainty: Certainty = row(
        "certainty",
        "độ chắc chắn",
        default="unknown",
        option=("How certain the date is.", "Độ chắc chắn của ngày."),
        file="how certain the date is: printed, inferred, outside, year-only or unknown",
    )
    format: ConferenceFormat | None = row(
        "format",
        "hình thức",
        default=None,
        option=("How it is held.", "Hình thức họp."),
        file="how it is held: in-person, online or hybrid",
        headings=("hình thức họp",),
    )
    place: Title | None = row(
        "place",
        "địa điểm",
        default=None,
        option=("Where it is held.", "Địa điểm."),
        file="where it is held",
        headings=("nơi họp", "nơi tổ chức"),
    )
    theme: Title | None = row(
        "theme",
        "chủ đề",
        default=None,
        option=("Its theme.", "Chủ đề hội nghị."),
        file="its theme",
    )
    previous: Code | None = row(
        "previous",
        "kỳ trước",
        default=None,
        refers="conference",
        option=("The conference before it.", "Hội nghị trước đó."),
        file="the conference before it; its row may come later",
        headings=("hội nghị trước", "hội nghị kỳ trước"),
    )
    source: str | None = row(
        "source",
        "nguồn",
        default=None,
        option=KNOWN_FROM,
        file="where this is known from",
        headings=SOURCES,
    )
