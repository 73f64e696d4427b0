"""The case: a recommendation and its history."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from casework.kinds.assignment import Assignment
from casework.kinds.choices import NOT_SECRET, State
from casework.kinds.field import FIRST, THEN, row
from casework.kinds.record import declared

if TYPE_CHECKING:
    from casework.kinds.forms import (
        Code,
        Ending,
        Links,
        Response,
        Secrecy,
        Title,
        Verbatim,
        Verdict,
        YesNo,
    )


@declared
class Case(Assignment):
    """A recommendation, its owner, its deadline and its outcome.

    Its fields are declared in three modules: what was recommended, who owns it and by when it is
    due, and here how it ended. `reported` names the source of a history that was not recorded here
    (an imported file, a demonstration), until an act here moves the case. If a source claims an
    outcome that its own answer denies, `answered_by` and `resolved_by` are empty. `verdict` is what
    the proposer says of the resolution, since `verdict_on`; reopening the case removes it. The
    `first_…` fields keep the first resolution of a reopened case.
    """

    kind = "case"
    key_field = "ref"
    label = ("case", "vụ việc")
    about = "Recommendations and what became of them; never deleted"

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
            "Only cases with this outcome; repeatable.",
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
    verdict: Verdict | None = row(
        "verdict",
        "ý kiến của bên kiến nghị",
        default=None,
        filter=(
            "Only cases with this verdict of the proposer; repeatable.",
            "Chỉ vụ việc mà bên kiến nghị có ý kiến này về kết quả; có thể nêu nhiều lần.",
        ),
        sort=True,
        counted=True,
        shown=THEN,
    )
    verdict_on: date | None = row(
        "verdict on", "ngày bên kiến nghị có ý kiến", default=None, shown=THEN
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
        option=("Where it is written: document and place in it.", "Nguồn: văn bản và vị trí."),
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
            "Only cases with this response; repeatable.",
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
        """Whether the source claims an outcome that its answer denies, and nobody has decided."""
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
        """The number of calendar days in the holds that are over."""
        return sum(
            (date.fromisoformat(end) - date.fromisoformat(start)).days for start, end in self.holds
        )


FILTERED = tuple(one for one in Case.fields if one.filter is not None)
"""The fields by which cases can be filtered."""
