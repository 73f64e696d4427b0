"""The first fields of a case: what was recommended, where, by whom and to whom."""

from __future__ import annotations

from typing import TYPE_CHECKING

from casework.kinds.field import FIRST, THEN, row
from casework.kinds.record import Record, declared

if TYPE_CHECKING:
    from casework.kinds.forms import (
        Code,
        NewKey,
        Title,
    )


@declared
class Recommendation(Record):
    """The fields that a case has from the beginning, before it is assigned."""

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
        option=("The conference where it was made.", "Hội nghị nơi nêu kiến nghị."),
        file="where it was recommended",
        headings=(
            "hội nghị nêu kiến nghị",
            "kỳ hội nghị",
        ),
        correct=True,
        filter=("Only cases of this conference.", "Chỉ kiến nghị tại hội nghị này."),
        sort=True,
        counted=True,
        shown=THEN,
    )
    proposer: Code = row(
        "proposer",
        "bên kiến nghị",
        refers="organisation",
        wanted=True,
        option=("Who proposed it.", "Cơ quan nêu kiến nghị."),
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
        filter=("Only cases this organisation proposed.", "Chỉ những kiến nghị của bên này."),
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
        option=("The body it was addressed to.", "Cơ quan được kiến nghị."),
        file="whom it was addressed to",
        headings=(
            "cơ quan nhận kiến nghị",
            "nơi nhận kiến nghị",
        ),
        correct=True,
        shown=THEN,
    )
