"""Findings as a reader meets them: one line for each act, what matters first, the rest counted."""

import json
import textwrap
from datetime import date
from shlex import split

import pytest
import time_machine
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st
from offices import BARE, OFFICE, Shell

from casework.cli.findings import findings
from casework.cli.settings import Settings
from casework.proof.findings import FIRST, RULES, Finding
from casework.proof.findings.grouping import SHOWN, grouped
from casework.proof.findings.rules import BY_WEIGHT, ROUTINE

WIDE, HIGH = 80, 24
SIGNED = 12
"""How many recommendations were signed, and assigned, months before they were entered."""


@pytest.fixture
def engine():
    return "sqlite"


def asked(url, *words, form="table", lang="en"):
    chosen = Settings(db=url, format=form, lang=lang)
    result = CliRunner().invoke(findings, [*map(str, words)], obj=chosen)
    assert result.exit_code == 0, result.exception
    return result


def parts(result):
    """Return the rows of the acts, and how often rules found something that is not listed."""
    acts, _, counts = result.stdout.partition("\n\n")
    counted = dict(line.split()[:2] for line in counts.splitlines()[1:])
    return acts.splitlines()[1:], {rule: int(count) for rule, count in counted.items()}


@pytest.fixture
def conference(new_store):
    """Enter papers of January in December, as an office does, then do five things to ask about."""
    office = Shell(new_store(empty=True))
    # Its log begins and is asked on that day too: what time brings would be more to ask about.
    with time_machine.travel("2026-12-15T03:00:00+00:00", tick=False):
        for contents in (BARE, OFFICE):
            contents.grow(office)
        for n in range(1, 61):
            day = ["--effective", "2026-01-10"] if n <= SIGNED else []
            words = ["--ref", f"NFAC-22.{n:03}", "--title", f"Rules {n}", "--proposer", "hcmc-pc"]
            office("propose", *words, *day)
        for n in range(1, SIGNED + 1):
            words = f"assign NFAC-22.{n:03} --owner mofa --due 2026-06-30 --effective 2026-01-10"
            office(*split(words))
        for command in (
            # It types on one day what was signed on some others.
            "advance NFAC-22.001 --effective 2026-12-01",
            "answer NFAC-22.001 --outcome implemented --answer A --effective 2026-12-02",
            "advance NFAC-22.001 --document 3/TT --effective 2026-12-04",
            "close NFAC-22.002 --outcome withdrawn --reason no --effective 2026-12-03",
            "extend NFAC-22.003 --due 2027-06-30 --reason hearings --effective 2026-12-03",
            "reopen NFAC-22.001 --reason 'one way only' --effective 2026-12-07",
            "reassign NFAC-22.004 --owner vufo --reason theirs",
        ):
            office(*split(command))
        yield office


def test_what_matters_stands_first_and_sixty_cases_fit_on_a_screen(conference):
    url = conference.url
    acts, counts = parts(told := asked(url))

    assert [line.split()[:2] for line in acts] == [
        ["self-confirmed", "NFAC-22.001"],
        ["unsupported", "NFAC-22.002"],
        ["reopened", "NFAC-22.001"],
        ["extended-late", "NFAC-22.003"],
        ["reassigned-late", "NFAC-22.004"],
    ]
    every = json.loads(asked(url, form="json").stdout)
    assert counts == {"recorded-late": 2 * SIGNED, "back-dated": 6}
    assert f"5 of {len({one['seqs'][-1] for one in every})} listed" in told.stderr
    for lang, head in (("en", "what was found"), ("vi", "nội dung")):
        shown = asked(url, lang=lang)
        sentence = shown.stdout.index(head)
        lines = [line[sentence:] for line in shown.stdout.splitlines()]
        folded = sum(max(1, len(textwrap.wrap(line, WIDE - sentence))) for line in lines)
        noted = sum(len(textwrap.wrap(line, WIDE)) for line in shown.stderr.splitlines())
        # Below them the shell asks for the next command.
        assert folded + noted < HIGH

    # All of them are listed of what is named, and to programs.
    whole = asked(conference.url, "--all")
    late = asked(conference.url, "--rule", "recorded-late").stdout.splitlines()
    of_case = asked(conference.url, "--case", "NFAC-22.001").stdout.splitlines()

    assert len(whole.stdout.splitlines()) == len(every) + 1
    assert "events" in whole.stdout.splitlines()[0]
    assert json.loads(asked(conference.url, "--all", form="json").stdout) == every
    assert len(late) == 2 * SIGNED + 1
    assert all(line.startswith("recorded-late") for line in late[1:])
    assert {line.split()[1] for line in of_case[1:]} == {"NFAC-22.001"}
    assert any(line.startswith("recorded-late") for line in of_case)


def test_every_rule_has_its_weight():
    assert sorted(BY_WEIGHT) == sorted(RULES)
    assert {*BY_WEIGHT} > ROUTINE
    assert {*BY_WEIGHT[: len(FIRST)]} == FIRST


FOUND = st.builds(
    lambda rule, ref, seq, actor: Finding(rule, ref, (seq,), date(2026, 1, 1), actor, rule),
    st.sampled_from(BY_WEIGHT),
    st.sampled_from([None, "A", "B"]),
    st.integers(0, 6),
    st.sampled_from([None, "lan"]),
)


@given(st.lists(FOUND, max_size=60))
def test_no_act_is_lost_or_told_twice(found):
    whole, few = grouped(found, whole=True), grouped(found)
    acts = [(one.first.ref, one.first.seqs, one.first.actor is None) for one in whole.listed]

    assert sorted(map(str, acts)) == sorted(
        {str((one.ref, one.seqs, one.actor is None)) for one in found}
    )
    assert whole.acts == few.acts == len(acts)
    assert sum(few.counts.values()) == len(found)
    assert all(few.counts[rule] == count for rule, count in few.rest.items())
    weights = [BY_WEIGHT.index(one.first.rule) for one in whole.listed]
    assert weights == sorted(weights)
    for line in whole.listed:
        assert all(BY_WEIGHT.index(rule) > BY_WEIGHT.index(line.first.rule) for rule in line.others)
    listed = [one.first.rule for one in few.listed]
    assert not ROUTINE.intersection(listed)
    assert all(listed.count(rule) <= SHOWN for rule in listed)
    told = {rule: listed.count(rule) for rule in few.counts}
    assert {rule for rule in told if told[rule] < few.counts[rule]} == {*few.rest}
