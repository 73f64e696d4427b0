"""The case: a recommendation, and what became of it."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from casework.kinds.choices import NOT_SECRET, State
from casework.kinds.field import FIRST, THEN, row
from casework.kinds.record import Record, declared

if TYPE_CHECKING:
    from casework.kinds.forms import (
        Basis,
        Code,
        CountRule,
        Due,
        Ending,
        Links,
        NewKey,
        Precision,
        Response,
        Secrecy,
        Spans,
        Title,
        Verbatim,
        YesNo,
    )


@declared
class Case(Record):
    """A recommendation and what became of it.

    `state_since` is the effective date of its last transition. `original_due` is the first due
    date it ever had and never changes; `extensions` counts later ones. A due date that was counted
    is `due_rule` (such as +30wd) after `due_from`; where >wd stands behind the rule, the count goes
    on to the next working day. `holds` are the spans for which the clock stood, each from its first
    day to the day it ran again; `held_since` begins one that lasts. `reported` labels a history
    told by somebody else (an imported file, a demonstration), until an act made here moves the
    case. Nobody has `answered_by`, or `resolved_by`, an outcome that a source claims and denies.
    While its owner has asked for more time and nobody has answered, `asked_due` is the due date
    asked for and `reply_by` the day by which an answer is due; while it says that the case is not
    its own and nobody has decided, `contested_on` is the day since when.
    The `first_…` fields keep the first resolution of a reopened case.
    """

    kind = "case"
    key_field = "ref"
    label = ("case", "vụ việc")
    about = "Recommendations and what became of them; never deleted"

    ref: NewKey = row(
        "ref",
        "mã",
        file="the reference; without one the case gets the next of its conference",
        headings=(
            "reference no.",
            "số kiến nghị",
            "mã kiến nghị",
            "mã vụ việc",
        ),
        sort=True,
        search=11,
        shown=FIRST,
    )
    title: Title = row(
        "title",
        "nội dung",
        default="",
        private=True,
        wanted=True,
        option=("What is recommended, in a line.", "Nội dung kiến nghị, trong một dòng."),
        file="what is recommended; needed, unless there is a title_vi",
        headings=(
            "recommendation",
            "kiến nghị",
            "nội dung kiến nghị",
            "nội dung đề nghị",
        ),
        correct=True,
        sort=True,
        search=1,
        shown=FIRST,
    )
    title_vi: Title | None = row(
        "title (vi)",
        "nội dung (vi)",
        default=None,
        private=True,
        option=("The title in Vietnamese.", "Nội dung bằng tiếng Việt."),
        file="the same in Vietnamese; alone it stands for both",
        headings=("vietnamese title",),
        correct=True,
        search=2,
        shown=FIRST,
    )
    summary: str | None = row(
        "summary",
        "tóm tắt",
        default=None,
        private=True,
        option=("What is asked, in a sentence or two.", "Tóm tắt kiến nghị trong một, hai câu."),
        file="more about it",
        headings=("tóm tắt nội dung",),
        correct=True,
        search=3,
        shown=FIRST,
    )
    conference: Code | None = row(
        "conference",
        "hội nghị",
        default=None,
        refers="conference",
        option=("Where it was made.", "Hội nghị nơi nêu kiến nghị."),
        file="where it was recommended",
        headings=(
            "hội nghị nêu kiến nghị",
            "kỳ hội nghị",
        ),
        correct=True,
        filter=("Only what was recommended there.", "Chỉ kiến nghị tại hội nghị này."),
        sort=True,
        counted=True,
        shown=THEN,
    )
    proposer: Code = row(
        "proposer",
        "bên kiến nghị",
        refers="organisation",
        wanted=True,
        option=("Who asked.", "Cơ quan nêu kiến nghị."),
        file="who recommended it; needed",
        headings=(
            "proposed by",
            "đơn vị kiến nghị",
            "cơ quan kiến nghị",
            "nơi kiến nghị",
            "địa phương kiến nghị",
            "đơn vị nêu kiến nghị",
        ),
        correct=True,
        filter=("Only what this organisation asked for.", "Chỉ những kiến nghị của bên này."),
        sort=True,
        counted=True,
        shown=THEN,
    )
    speaker: Code | None = row(
        "speaker",
        "người phát biểu",
        default=None,
        refers="person",
        option=("Who said it.", "Người phát biểu."),
        file="the person who said it",
        headings=(
            "người nêu",
            "người nêu kiến nghị",
        ),
        correct=True,
        shown=THEN,
    )
    addressee: Code | None = row(
        "asked of",
        "kiến nghị với",
        default=None,
        refers="organisation",
        option=("Of whom it was asked.", "Cơ quan được kiến nghị."),
        file="whom it was addressed to",
        headings=(
            "cơ quan nhận kiến nghị",
            "nơi nhận kiến nghị",
        ),
        correct=True,
        shown=THEN,
    )
    owner: Code | None = row(
        "owner",
        "chủ trì",
        default=None,
        refers="organisation",
        file="the one organisation that answers for it; needed from assigned on",
        headings=(
            "lead",
            "action office",
            "cơ quan chủ trì",
            "đơn vị chủ trì",
        ),
        correct=True,
        filter=(
            "Only its cases, not those of organisations that belong to it.",
            "Chỉ vụ việc của cơ quan này, không gồm đơn vị trực thuộc.",
        ),
        sort=True,
        counted=True,
        shown=THEN,
    )
    officer: Code | None = row(
        "officer",
        "cán bộ",
        default=None,
        refers="person",
        file="the person at the owner who handles it",
        headings=(
            "cán bộ phụ trách",
            "người phụ trách",
            "cán bộ đầu mối",
        ),
        correct=True,
        filter=("Only cases this person handles.", "Chỉ vụ việc do cán bộ này xử lý."),
        sort=True,
        counted=True,
        shown=THEN,
    )
    coordinating: tuple[Code, ...] = row(
        "coordinating",
        "phối hợp",
        default=(),
        refers="organisation",
        called="with",
        file="coordinating organisations",
        headings=(
            "coordinating offices",
            "coordinating office(s)",
            "cơ quan phối hợp",
            "đơn vị phối hợp",
        ),
        filter=("Only cases it coordinates on.", "Chỉ vụ việc cơ quan này phối hợp."),
        shown=THEN,
    )
    state_since: date = row(
        "in this state since",
        "ở trạng thái này từ",
        file="written by export: since when it is in its state",
        told=True,
        sort=True,
    )
    due: Due | None = row(
        "due",
        "hạn",
        default=None,
        file="by when; lengths of time count from assigned_on",
        headings=(
            "due date",
            "deadline",
            "target date",
            "thời hạn",
            "hạn xử lý",
            "hạn hoàn thành",
            "thời hạn giải quyết",
            "thời hạn hoàn thành",
            "thời hạn thực hiện",
            "thời gian hoàn thành",
        ),
        correct=True,
        sort=True,
        shown=THEN,
    )
    original_due: Due | None = row(
        "original due",
        "hạn ban đầu",
        default=None,
        file="the first due date, where it was extended",
        sort=True,
        shown=THEN,
    )
    due_words: str | None = row(
        "words of the deadline",
        "thời hạn nêu trong văn bản",
        default=None,
        private=True,
        option=("The source's own words of deadline.", "Thời hạn theo đúng lời văn bản."),
        called="words",
        file="the deadline in the source's words",
        correct=True,
        search=6,
        shown=THEN,
    )
    due_basis: Basis | None = row(
        "basis",
        "căn cứ",
        default=None,
        called="basis",
        file="where the due date comes from: stated, derived or set",
        correct=True,
        shown=THEN,
    )
    due_precision: Precision | None = row(
        "precise to",
        "chính xác đến",
        default=None,
        called="precision",
        file="how exact the due date is: day, month, quarter or year",
        shown=THEN,
    )
    due_rule: CountRule | None = row(
        "counted as",
        "cách tính",
        default=None,
        called="rule",
        file="how the due date was counted, such as +30wd; goes with from",
        shown=THEN,
    )
    due_from: date | None = row(
        "counted from",
        "tính từ",
        default=None,
        called="from",
        file="the day the rule counts from",
        shown=THEN,
    )
    extensions: int = row(
        "extensions",
        "số lần gia hạn",
        default=0,
        file="written by export: how often the due date was extended",
        told=True,
        sort=True,
        shown=THEN,
    )
    asked_due: Due | None = row(
        "more time asked until", "đề nghị gia hạn đến", default=None, shown=THEN
    )
    reply_by: date | None = row("to be answered by", "phải trả lời trước", default=None, shown=THEN)
    contested_on: date | None = row(
        "owner contests since", "chủ trì cho là không thuộc thẩm quyền từ", default=None, shown=THEN
    )
    held_since: date | None = row(
        "on hold since",
        "tạm dừng từ",
        default=None,
        file="since when its clock stands",
        sort=True,
        shown=THEN,
    )
    holds: Spans = row(
        "holds",
        "các lần tạm dừng",
        default=(),
        file="earlier spans on hold, each as first day/day it was over",
        shown=THEN,
    )
    state: State = row(
        "state",
        "trạng thái",
        default=State.PROPOSED,
        file="proposed (if empty), assigned, under study or resolved",
        headings=(
            "tình trạng",
            "tình trạng xử lý",
            "tình hình thực hiện",
            "tiến độ",
            "tiến độ thực hiện",
        ),
        filter=(
            "Only cases in this state; repeatable.",
            "Chỉ các vụ việc ở trạng thái này; có thể nêu nhiều lần.",
        ),
        sort=True,
        counted=True,
        shown=FIRST,
    )
    outcome: Ending | None = row(
        "outcome",
        "kết quả",
        default=None,
        file="how it ended, such as implemented or explained; needed once resolved",
        headings=(
            "kết quả giải quyết",
            "kết quả xử lý",
        ),
        correct=True,
        filter=(
            "Only cases that ended so; repeatable.",
            "Chỉ vụ việc có kết quả này; có thể nêu nhiều lần.",
        ),
        sort=True,
        counted=True,
        shown=THEN,
    )
    answer: str | None = row(
        "answer",
        "trả lời",
        default=None,
        private=True,
        file="what was answered",
        headings=(
            "reply",
            "nội dung trả lời",
            "ý kiến trả lời",
        ),
        correct=True,
        search=4,
        shown=THEN,
    )
    document: str | None = row(
        "document",
        "văn bản",
        default=None,
        file="number of the paper that proves it",
        headings=(
            "văn bản trả lời",
            "số văn bản",
            "số, ký hiệu văn bản",
        ),
        correct=True,
        search=7,
        shown=THEN,
    )
    answered_by: Code | None = row(
        "answered by", "người trả lời", default=None, refers="person", shown=THEN
    )
    answered_on: date | None = row(
        "answered on",
        "ngày trả lời",
        default=None,
        file="when the owner answered",
        told=True,
        sort=True,
        shown=THEN,
    )
    proposed_on: date = row(
        "proposed on",
        "ngày kiến nghị",
        file="when it was proposed",
        headings=(
            "ngày nêu",
            "ngày nêu kiến nghị",
        ),
        correct=True,
        sort=True,
        shown=THEN,
    )
    assigned_on: date | None = row(
        "assigned on",
        "ngày giao",
        default=None,
        file="when it was assigned",
        headings=("ngày giao việc",),
        correct=True,
        sort=True,
        shown=THEN,
    )
    study_on: date | None = row(
        "under study since",
        "nghiên cứu từ",
        default=None,
        file="since when it is under study",
        correct=True,
        sort=True,
        shown=THEN,
    )
    resolved_on: date | None = row(
        "resolved on",
        "ngày giải quyết",
        default=None,
        file="when it was resolved",
        headings=(
            "date closed",
            "ngày hoàn thành",
        ),
        correct=True,
        sort=True,
        shown=THEN,
    )
    resolved_by: Code | None = row(
        "resolved by", "người xác nhận", default=None, refers="person", shown=THEN
    )
    reopened: int = row("reopened", "mở lại", default=0, shown=THEN)
    first_outcome: Ending | None = row("first outcome", "kết quả lần đầu", default=None)
    first_answer: str | None = row(
        "first answer", "trả lời lần đầu", default=None, private=True, search=5
    )
    first_resolved_on: date | None = row(
        "first resolved on", "ngày giải quyết lần đầu", default=None
    )
    theme: tuple[Title, ...] = row(
        "theme",
        "chủ đề",
        default=(),
        option=("A theme; repeatable.", "Một chủ đề; có thể nêu nhiều lần."),
        file="what it is about",
        headings=(
            "lĩnh vực",
            "nhóm vấn đề",
        ),
        filter=("Only cases of this theme.", "Chỉ vụ việc thuộc chủ đề này."),
        search=10,
        shown=THEN,
    )
    instruments: tuple[Title, ...] = row(
        "instruments",
        "văn bản liên quan",
        default=(),
        option=("A legal act; repeatable.", "Một văn bản pháp luật; có thể nêu nhiều lần."),
        each="instrument",
        file="legal instruments it is about",
        search=9,
        shown=THEN,
    )
    source: str | None = row(
        "source",
        "nguồn",
        default=None,
        private=True,
        option=("Where it stands: document and place.", "Nguồn: văn bản và vị trí."),
        file="where it stands",
        correct=True,
        search=8,
        shown=THEN,
    )
    response: Response | None = row(
        "response",
        "ý kiến tiếp thu",
        default=None,
        option=(
            "What was said of the recommendation, apart from what was done.",
            "Ý kiến đối với kiến nghị, khác với kết quả thực hiện.",
        ),
        file="what was said of the recommendation, such as accepted, apart from what was done",
        correct=True,
        filter=(
            "Only cases of which this was said; repeatable.",
            "Chỉ vụ việc có ý kiến này; có thể nêu nhiều lần.",
        ),
        sort=True,
        counted=True,
        shown=THEN,
    )
    secrecy: Secrecy | None = row(
        "secrecy",
        "độ mật",
        default=None,
        option=(
            "Its degree of secrecy; its texts are then withheld.",
            "Độ mật; nội dung khi đó không hiển thị.",
        ),
        file="its degree of secrecy: none, confidential, secret or top-secret",
        correct=True,
        filter=(
            "Only cases of this degree of secrecy; repeatable.",
            "Chỉ vụ việc có độ mật này; có thể nêu nhiều lần.",
        ),
        sort=True,
        counted=True,
        shown=THEN,
    )
    priority: YesNo | None = row(
        "priority",
        "ưu tiên",
        default=None,
        option=("Whether it comes first in reports.", "Có đưa lên đầu các báo cáo hay không."),
        file="whether it comes first in reports: yes or no",
        correct=True,
        filter=("Only cases with this priority.", "Chỉ vụ việc ưu tiên, hoặc không ưu tiên."),
        sort=True,
        counted=True,
        shown=THEN,
    )
    late_cause: Code | None = row(
        "cause of lateness",
        "nguyên nhân chậm",
        default=None,
        refers="cause",
        file="why it was late when it was resolved or given more time: a cause of the register",
        headings=("lý do chậm",),
        correct=True,
        filter=("Only cases late for this cause.", "Chỉ vụ việc chậm do nguyên nhân này."),
        sort=True,
        counted=True,
        shown=THEN,
    )
    links: Links = row("links", "liên kết", default=())
    reported: Verbatim | None = row("reported", "theo nguồn", default=None, shown=THEN)

    @property
    def doubted(self) -> bool:
        """Tell whether a source claims its outcome and denies it, and nobody here has decided."""
        if self.state is State.RESOLVED:
            return self.resolved_by is None
        claimed = self.state is State.UNDER_STUDY and self.outcome is not None
        return claimed and self.answered_by is None

    @property
    def secret(self) -> bool:
        """Whether it has a degree of secrecy."""
        return self.secrecy not in {None, NOT_SECRET}

    @property
    def held_days(self) -> int:
        """For how many calendar days the clock has stood, in the holds that are over."""
        return sum(
            (date.fromisoformat(end) - date.fromisoformat(start)).days for start, end in self.holds
        )


FILTERED = tuple(one for one in Case.fields if one.filter is not None)
"""The fields that cases are asked for by."""
