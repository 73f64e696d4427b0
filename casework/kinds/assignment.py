"""The fields of a case about its owner and its deadline."""

from __future__ import annotations

from typing import TYPE_CHECKING

from casework.kinds.field import THEN, row
from casework.kinds.recommendation import Recommendation
from casework.kinds.record import declared

if TYPE_CHECKING:
    from datetime import date

    from casework.kinds.forms import (
        Basis,
        Code,
        CountRule,
        Due,
        Precision,
        Spans,
    )


@declared
class Assignment(Recommendation):
    """The fields of a case that hold its owner, its due date and their history.

    `state_since` is the effective date of the last transition. `original_due` is the first due date
    and never changes; `extensions` counts the later ones. A counted due date is `due_rule` (such as
    +30wd) after `due_from`; if the rule ends in >wd, a count that ends on a day off goes on to the
    next working day. `holds` has the spans on hold, each from its first day to the day the clock
    ran again; `held_since` is the first day of a hold that is not over. While a request for more
    time waits, `asked_due` is the requested due date and `reply_by` the day by which an answer is
    due. While the owner contests the case, `contested_on` is the day since when.
    """

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
            "Only cases of this organisation, not of those below it.",
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
        filter=("Only cases this organisation coordinates.", "Chỉ vụ việc cơ quan này phối hợp."),
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
        option=("The deadline in the source's own words.", "Thời hạn theo đúng lời văn bản."),
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
    reply_by: date | None = row("to be answered by", "trả lời chậm nhất", default=None, shown=THEN)
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
