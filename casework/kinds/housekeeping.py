"""The kinds besides cases: the register, its office and papers, days off, letters, requests."""

from __future__ import annotations

from typing import TYPE_CHECKING

from casework.kinds.field import row
from casework.kinds.record import Record, declared

if TYPE_CHECKING:
    from datetime import date

    from casework.kinds.forms import (
        Code,
        Day,
        DayKind,
        DayStatus,
        Decided,
        Hash,
        Key,
        NewCode,
        Origins,
        Reminded,
        Term,
        Title,
        Verbatim,
        Whose,
        YesNo,
    )


@declared
class Register(Record):
    """The register itself: one row, the first event of its log.

    `four_eyes` is the day since which decisions need a second person, None if they do not.
    `next_working_day` is the day since which a counted deadline that ends on a day off moves to the
    next working day (Civil Code 2015, article 148, clause 5), None if it does not move.
    `signing_key` is the public key that signs the log's checkpoints, None before the first one.
    `reply_days` is the number of working days within which a request for more time must be
    answered, None for the program's default. `origins` has the earlier logs that this one
    continues, the oldest first: why its name changed (loss, trial), the former name, size and root
    of what was signed under it, size and root of what was there, how much of the signed log was
    found, and who consented. `witnesses` has the public keys of those who countersign, in the order
    they became known. `rules` is the SHA-256 of the rules that acts are judged by, None until a
    program has recorded it.
    """

    kind = "register"
    key_field = "name"
    label = ("register", "sổ")
    about = "The register itself: its random origin, the office's time zone, a notice to show"
    common = True

    name: Key = row("name", "tên")
    origin: Term = row("origin", "mã nhật ký")
    zone: Term = row("time zone", "múi giờ")
    notice: str | None = row("notice", "lưu ý", default=None)
    four_eyes: date | None = row("four eyes since", "cần hai người từ ngày", default=None)
    next_working_day: date | None = row(
        "counted deadlines end on a working day since",
        "thời hạn kết thúc vào ngày làm việc từ ngày",
        default=None,
    )
    signing_key: Term | None = row("signing key", "khóa ký", default=None)
    origins: Origins = row("goes on from", "tiếp nối từ", default=())
    witnesses: tuple[Title, ...] = row("witnesses", "bên chứng kiến", default=())
    reply_days: int | None = row(
        "working days to answer a request for time",
        "số ngày làm việc để trả lời đề nghị gia hạn",
        default=None,
    )
    rules: Hash | None = row("rules", "bộ quy tắc", default=None)


@declared
class Holiday(Record):
    """A weekday that is off, or a day of the weekend that is worked to make up for one.

    `day` is an ISO date. `projected` days have not been decided officially. A removed day is kept
    as withdrawn, so that earlier counts can still be explained.
    """

    kind = "holiday"
    key_field = "day"
    label = ("holiday", "ngày nghỉ")
    about = "Holidays, and days worked to make up for them"
    common = True

    day: Day = row("day", "ngày")
    day_kind: DayKind = row("kind of day", "loại ngày")
    name: Title = row("name", "tên")
    name_vi: Title | None = row("name (vi)", "tên (vi)", default=None)
    status: DayStatus = row("status", "tình trạng")
    source: Title | None = row("source", "nguồn", default=None)
    withdrawn_on: date | None = row("withdrawn on", "bỏ ngày", default=None)


@declared
class Cause(Record):
    """A cause of lateness: one of a list that the office keeps.

    It is `objective` (khách quan) if the owner of the case could not have avoided it, otherwise
    subjective (chủ quan). A retired cause cannot be given any more; cases that have it keep it.
    """

    kind = "cause"
    label = ("cause of lateness", "nguyên nhân chậm")
    several = ("causes of lateness", "nguyên nhân chậm")
    about = "Causes for which cases come late"
    common = True

    code: NewCode = row("code", "mã", naming=True)
    name: Title = row(
        "name", "tên", naming=True, wanted=True, option=("Its name.", "Tên nguyên nhân.")
    )
    name_vi: Title | None = row(
        "name (vi)",
        "tên (vi)",
        default=None,
        naming=True,
        option=("Its name in Vietnamese.", "Tên nguyên nhân bằng tiếng Việt."),
    )
    objective: YesNo = row(
        "objective",
        "khách quan",
        wanted=True,
        option=(
            "Whether it is objective: yes, or no where it could have been avoided.",
            "Nguyên nhân khách quan (yes) hay chủ quan (no).",
        ),
    )
    whose: Whose | None = row(
        "whose",
        "thuộc về",
        default=None,
        option=("Who is responsible for it.", "Nguyên nhân thuộc về bên nào."),
    )
    retired_on: date | None = row("retired on", "thôi dùng từ", default=None)


@declared
class Office(Record):
    """The office that issues papers: what the head and the foot of a paper say about it.

    The fields follow Decree 30/2020/NĐ-CP, appendix I. There is one office, with the code
    ``office``. `number_series` is the sign after the number of a paper, such as BC-BNG. `signs_for`
    says in whose place it is signed (TM., KT., TL., TUQ., Q.). `presented_to` has the addressees
    (Kính gửi), `copied_to` the other recipients (Nơi nhận), and `filing` the place where the paper
    is kept.
    """

    kind = "office"
    label = ("issuing office", "cơ quan ban hành")
    several = ("issuing offices", "cơ quan ban hành")
    about = "The office that issues the papers of this register"
    common = True

    code: NewCode = row("code", "mã", naming=True)
    name: Title = row("name", "tên", wanted=True, option=("Its full name.", "Tên đầy đủ."))
    superior: Title | None = row(
        "superior",
        "cơ quan chủ quản",
        default=None,
        option=("The full name of its superior.", "Tên đầy đủ của cơ quan chủ quản trực tiếp."),
    )
    place: Title | None = row(
        "place",
        "địa điểm",
        default=None,
        option=("The place named before the date of a paper.", "Địa danh ghi trước ngày tháng."),
    )
    number_series: Title | None = row(
        "series of numbers",
        "ký hiệu văn bản",
        default=None,
        each="series",
        option=(
            "The sign behind the number of a paper, such as BC-BNG.",
            "Ký hiệu sau số văn bản, ví dụ BC-BNG.",
        ),
    )
    signs_for: Title | None = row(
        "signs for",
        "ký thay",
        default=None,
        option=(
            'In whose place it is signed, such as "TL. BỘ TRƯỞNG".',
            "Quyền hạn người ký, ví dụ “TL. BỘ TRƯỞNG”.",
        ),
    )
    signatory_office: Title | None = row(
        "office of the signatory",
        "chức vụ người ký",
        default=None,
        option=("The position of the person who signs.", "Chức vụ của người ký."),
    )
    signatory: Title | None = row(
        "signatory",
        "người ký",
        default=None,
        private=True,
        option=("The name of the person who signs.", "Họ và tên người ký."),
    )
    presented_to: tuple[Title, ...] = row(
        "presented to",
        "kính gửi",
        default=(),
        option=(
            "Whom papers are addressed to; repeatable.",
            "Nơi kính gửi; có thể nêu nhiều lần.",
        ),
    )
    copied_to: tuple[Title, ...] = row(
        "copied to",
        "nơi nhận",
        default=(),
        each="recipient",
        option=("Who else gets papers; repeatable.", "Nơi nhận; có thể nêu nhiều lần."),
    )
    filing: Title | None = row(
        "filing",
        "nơi lưu",
        default=None,
        each="filed",
        option=("Where papers are filed, such as VT, HTQT.", "Nơi lưu, ví dụ VT, HTQT."),
    )


@declared
class Paper(Record):
    """A paper that the office issued: a report under a number.

    The numbers of a year, in the office's time zone, run without a gap; a withdrawn paper keeps its
    number. `options` has the options of the report as JSON; with them, `as_of` and `known_at` the
    report can be made again. `log_size` and `log_root` are those of the log it was made from, and
    `digest` is the SHA-256 of its file. `claims_digest` is the SHA-256 of what its codes say, None
    where it has no codes. `presented_to` and `copied_to` are its recipients.
    """

    kind = "paper"
    label = ("issued paper", "văn bản đã ban hành")
    about = "Papers that the office issued, each under its number"
    common = True

    code: NewCode = row("code", "mã")
    paper_number: int = row("number", "số")
    number_series: Title = row("series of numbers", "ký hiệu văn bản")
    report: Code = row("report", "báo cáo")
    options: Verbatim = row("asked", "nội dung yêu cầu")
    language: Code = row("language", "ngôn ngữ")
    issued_on: date = row("issued on", "ngày ban hành")
    as_of: date = row("as of", "tính đến ngày")
    known_at: Term = row("as known at", "theo dữ liệu lúc")
    log_size: int = row("events in the log", "số sự kiện của nhật ký")
    log_root: Hash = row("root of the log", "gốc của nhật ký")
    presented_to: tuple[Title, ...] = row("presented to", "kính gửi", default=())
    copied_to: tuple[Title, ...] = row("copied to", "nơi nhận", default=())
    digest: Hash = row("digest of the file", "mã băm của tệp")
    claims_digest: Hash | None = row(
        "digest of the signed claims", "mã băm của nội dung đã ký", default=None
    )
    recalled_on: date | None = row("withdrawn on", "thu hồi ngày", default=None)

    @property
    def full_number(self) -> str:
        """The number as it is printed on the paper, such as 05/BC-BNG."""
        return f"{self.paper_number:02d}/{self.number_series}"


@declared
class View(Record):
    """A list of cases saved under a name, for everybody who reads the register.

    `listing` has the options of ``casework list``. A view that was dropped is retired, and may be
    saved again.
    """

    kind = "view"
    label = ("view", "danh sách đã lưu")
    several = ("views", "danh sách đã lưu")
    about = "Lists of cases that are kept under a name"
    common = True

    code: NewCode = row("code", "mã", naming=True)
    listing: Verbatim = row(
        "filters, columns and order",
        "điều kiện lọc, cột và thứ tự",
        default="",
        private=True,
    )
    retired_on: date | None = row("retired on", "thôi dùng từ", default=None)


@declared
class Template(Record):
    """A text that answers, notes, reasons and letters begin with, for whoever reads the register.

    Names in braces in its `wording` stand for what a case says. One that was dropped is retired; it
    may be saved again.
    """

    kind = "template"
    label = ("template", "mẫu lời văn")
    several = ("templates", "mẫu lời văn")
    about = "Texts that answers, notes, reasons and letters begin with"
    common = True

    code: NewCode = row("code", "mã", naming=True)
    wording: str = row("wording", "lời văn", default="", private=True)
    retired_on: date | None = row("retired on", "thôi dùng từ", default=None)


@declared
class Digest(Record):
    """A letter about cases: those of an owner or an officer, or those without an owner.

    `officer` is the recipient of a letter about assignments, if it was not an organisation.
    `recipients` has codes of people and organisations; `cases` has, for each case, its reference,
    the level of the reminder, and its due date then (empty if it had none).
    """

    kind = "digest"
    label = ("digest", "lần nhắc việc")
    about = "Letters that reminded of cases"

    code: Key = row("code", "mã")
    owner: Code | None = row("owner", "chủ trì", default=None, refers="organisation")
    officer: Code | None = row("officer", "cán bộ", default=None, refers="person")
    sent_on: date = row("sent on", "ngày gửi")
    recipients: tuple[Code, ...] = row("recipients", "người nhận", default=())
    cases: Reminded = row("cases", "số vụ việc", default=())


@declared
class Intake(Record):
    """An imported file, known by its SHA-256, so that importing it again creates nothing."""

    kind = "intake"
    key_field = "digest"
    label = ("intake", "lần nhập")
    about = "Files that were imported, by SHA-256"

    digest: Hash = row("digest of the file", "mã băm của tệp")
    name: Verbatim = row("name", "tên", default="", private=True)
    rows: int = row("rows", "số dòng", default=0)
    created: int = row("created", "số vụ việc đã tạo", default=0)


@declared
class Request(Record):
    """An act that waits for a second person, and how it was decided.

    `what` is the act as canonical JSON: its changes, effective date, reason, document and what it
    erases. `seen` is the version of the record that the requester saw; `asked_for` is the person
    for whom they were the deputy, if any; `decided` is confirmed or refused.
    """

    kind = "request"
    label = ("request", "đề nghị")
    about = "Acts that wait, or waited, for a second person"

    code: Key = row("code", "mã")
    verb: Code = row("act", "hành vi")
    subject_kind: Code = row("kind", "loại")
    subject: Key = row("of", "về")
    seen: int = row("version seen", "phiên bản đã xem")
    what: Verbatim | None = row(
        "what was asked for", "nội dung đề nghị", default=None, private=True
    )
    asked_by: Code = row("asked by", "người đề nghị", refers="person")
    asked_on: date = row("asked on", "ngày đề nghị")
    asked_for: Code | None = row(
        "asked in the name of", "đề nghị thay cho", default=None, refers="person"
    )
    decided: Decided | None = row("decided", "quyết định", default=None)
    decided_by: Code | None = row("decided by", "người quyết định", default=None, refers="person")
    decided_on: date | None = row("decided on", "ngày quyết định", default=None)

    @property
    def eyes(self) -> set[str]:
        """The codes of the requester and of the person in whose name they acted."""
        return {self.asked_by, self.asked_for or self.asked_by}
