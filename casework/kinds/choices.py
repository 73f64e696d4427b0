"""The lists of values for fields: states, roles, outcomes, and how a date is known."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


class State(StrEnum):
    """The state of a case."""

    PROPOSED = "proposed"
    ASSIGNED = "assigned"
    UNDER_STUDY = "under_study"
    RESOLVED = "resolved"

    @property
    def label(self) -> str:
        """The state as people read it: ``under study``."""
        return self.value.replace("_", " ")


STEPS = ("proposed_on", "assigned_on", "study_on", "resolved_on")
STEP_OF = dict(zip(State, STEPS, strict=True))
"""The field of a case that holds the day on which it entered a state."""


class Role(StrEnum):
    """The role of a person in the register."""

    SECRETARIAT = "secretariat"
    DESK = "desk"
    INSPECTOR = "inspector"
    ADMIN = "admin"


class Outcome(StrEnum):
    """How a case ended."""

    IMPLEMENTED = "implemented"
    PARTLY_IMPLEMENTED = "partly-implemented"
    EXPLAINED = "explained"
    NOT_ACCEPTED = "not-accepted"
    SUPERSEDED = "superseded"
    DUPLICATE = "duplicate"
    TRANSFERRED = "transferred"
    WITHDRAWN = "withdrawn"


CLOSING_OUTCOMES = (
    Outcome.SUPERSEDED,
    Outcome.DUPLICATE,
    Outcome.TRANSFERRED,
    Outcome.WITHDRAWN,
    Outcome.NOT_ACCEPTED,
)
"""Outcomes of a case that is closed without having been studied."""


YES, NOT_SECRET = "yes", "none"
CHOICES: Mapping[str, Mapping[str, tuple[str, str]]] = {
    "YesNo": {"no": ("no", "không"), YES: ("yes", "có")},
    "Response": {
        "accepted": ("accepted", "tiếp thu"),
        "in-part": ("accepted in part", "tiếp thu một phần"),
        "in-principle": ("accepted in principle", "tiếp thu về nguyên tắc"),
        "not-accepted": ("not accepted", "không tiếp thu"),
        "noted": ("noted", "ghi nhận"),
    },
    "Secrecy": {
        NOT_SECRET: ("none", "không có"),
        "confidential": ("confidential", "mật"),
        "secret": ("secret", "tối mật"),
        "top-secret": ("top secret", "tuyệt mật"),
    },
    "Verdict": {
        "satisfied": ("satisfied", "hài lòng"),
        "not": ("not satisfied", "chưa hài lòng"),
        "silent": ("said nothing", "không có ý kiến"),
    },
    "Whose": {
        "owner": ("owner", "chủ trì"),
        "coordinating": ("coordinating", "phối hợp"),
        "proposer": ("proposer", "bên kiến nghị"),
        "outside": ("outside", "bên ngoài"),
    },
}
"""The values of each list type, with their words in English and Vietnamese."""

BASES = ("stated", "derived", "set")
"""Where a due date comes from: the source's words, a rule, or an officer."""


PRECISIONS = ("day", "month", "quarter", "year")
"""How exact the words of a due date are; a period means its last day."""
