"""A recommendation is asked for at a terminal, and what resembles it is shown."""

import pytest
from terminals import shown

import casework
from casework.cli import proposing
from casework.store import contention

pytest.importorskip("pty")
pytestmark = pytest.mark.parametrize("engine", ["sqlite"], indirect=True)

TITLE = "Quy chế văn phòng đại diện của địa phương nước ngoài"


def asked(office, *typed, words=()):
    ended = []
    said = shown(office.url, 100, "propose", *words, ended=ended, typed=typed)
    return ended[0], "\n".join(said)


def test_a_recommendation_is_asked_for_until_it_can_be_registered(office):
    code, said = asked(office, "", "@ Rules", "nobody", "hcmc-pc", "", "in the coming time", "-")

    assert code == 0, said
    (case,) = office.json("list")
    assert (case["title"], case["proposer"], case["source"]) == ("@ Rules", "hcmc-pc", None)
    assert (case["conference"], case["due_words"]) == ("NFAC-21", "in the coming time")
    assert "no organisation is called 'nobody'" in said
    assert "a recommendation needs title" in said


def test_what_was_typed_is_not_asked_again_and_none_is_an_answer(office):
    code, said = asked(office, "hcmc-pc", "-", "", "", words=("--title", "Rules"))

    assert code == 0, said
    assert office.json("list")[0]["conference"] is None
    assert "title" not in said.partition("proposer")[0].partition("\n")[2]


def test_what_resembles_it_is_shown_and_nothing_done_unless_it_is_another_one(office):
    office("propose", "--title", "x", "--title-vi", TITLE, "--proposer", "vufo", "--ref", "A.1")
    alike = "quy che van phong dai dien cua dia phuong"
    answers = (alike, "hcmc-pc", "-", "", "")
    code, said = asked(office, *answers, "n")

    assert code == 130
    assert "A.1" in said
    assert len(office.json("list")) == 1
    assert asked(office, *answers, "y")[0] == 0
    assert len(office.json("list")) == 2
    assert asked(office, "Another matter altogether", "hcmc-pc", "-", "", "")[0] == 0


def test_a_secret_case_resembles_nothing(office):
    given = ("--proposer", "vufo", "--ref", "A.1", "--secrecy", "secret")
    office("propose", "--title", TITLE, *given)
    code, said = asked(office, TITLE, "hcmc-pc", "-", "", "")

    assert code == 0
    assert "A.1" not in said


def test_without_a_terminal_nothing_is_asked(office):
    assert office.refused(2, "propose", "--title", "Rules", input="hcmc-pc\n")


def test_the_store_is_free_while_somebody_thinks(office, monkeypatch):
    answers, written = iter(["Rules", "hcmc-pc", "-", "", ""]), []

    def thinks(*_, **__):
        register = casework.open(office.url, by="registrar")
        written.append(register.do("propose", title=f"Another {len(written)}", proposer="vufo"))
        return next(answers)

    monkeypatch.setattr(proposing, "may_write", lambda *_: True)
    monkeypatch.setattr(proposing.click, "prompt", thinks)
    monkeypatch.setattr(contention, "LIMIT", 0)
    office("propose")

    assert len(office.json("list")) == len(written) + 1
