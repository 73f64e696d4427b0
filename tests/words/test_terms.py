"""One Vietnamese term for each thing: those of docs/terms.md."""

import re
from pathlib import Path

import pytest
import texts

from casework.words.catalogue import entries_of

PAGE = Path(__file__).parents[2] / "docs" / "terms.md"


def rows():
    """Return what a thing is called in English and in Vietnamese, and what it never is."""
    lines = [line.strip("| ").split("|") for line in PAGE.read_text("utf-8").splitlines()]
    table = [[cell.strip() for cell in line] for line in lines if len(line) in {2, 3}]
    return [(one[0], listed(one[1]), listed(one[2] if len(one) > 2 else "")) for one in table[2:]]


def listed(cell):
    return [one for one in cell.split(", ") if one]


def has(text, term):
    return re.search(rf"\b{re.escape(term)}\b", text, re.IGNORECASE) is not None


TYPED = re.compile(
    r"--role \w+|casework(?: [a-z-]+)*|--[\w-]+|[\w.-]*\.(?:txt|jsonl|py|checkpoint)\b|\{\w+\}"
)
"""Commands, options and files are called alike in both languages."""


def said(key, lang):
    return TYPED.sub(" ", " ".join(entries_of(lang)[key] or ()))


def test_no_text_has_another_term():
    keys = texts.in_catalogue()
    wrong = [
        (key, never)
        for key in keys
        for _, _, nevers in rows()
        for never in nevers
        if has(said(key, "vi"), never)
    ]

    assert len(rows()) > 25
    assert wrong == []


SURE = ("checkpoint", "witness", "conference", "secretariat", "recommendation", "root", "officer")
"""Terms that Vietnamese has wherever English has them; of others it often leaves out the thing."""


@pytest.mark.parametrize("english", SURE)
def test_a_thing_is_called_by_its_term(english):
    terms = next(own for name, own, _ in rows() if name == english)
    wrong = [
        key
        for key in texts.in_catalogue()
        if (has(said(key, "en"), english) or has(said(key, "en"), f"{english}s"))
        and not any(has(said(key, "vi"), term) for term in terms)
    ]

    assert wrong == []
