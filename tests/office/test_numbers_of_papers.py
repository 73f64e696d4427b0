"""Numbers of issued papers run without a gap: what verification, findings and the server say."""

from contextlib import nullcontext

import pytest
from forging import read_log, write_log
from shared import TODAY

from casework.kinds.records import Paper
from casework.rules import earlier, law, numbering

pytestmark = pytest.mark.usefixtures("same_day")

SET = ("office", "set", "--name", "Ban Thư ký", "--series", "BC-BTK")


@pytest.fixture
def engine(request):
    """What a log says is the same on both engines; on a server its door refuses it before."""
    return "postgresql" if "shared" in request.fixturenames else "sqlite"


@pytest.fixture
def issued(office, tmp_path, monkeypatch):
    """A function that issues papers of these numbers, whatever the rule says of them."""
    office(*SET)

    def issue(*numbers, lawful=False):
        with nullcontext() if lawful else monkeypatch.context() as patch:
            if patch is not None:
                patch.setattr(numbering, "in_turn", lambda *_: True)
            for number in numbers:
                to = tmp_path / f"{number}.html"
                office("paper", "issue", "progress", "--output", to, "--number", number)

    return issue


def found(shell):
    """Return the findings on numbers, the same in both languages but for the words."""
    words = ("audit", "findings", "--rule", "paper-number")
    told, in_vietnamese = (shell.json(*words, "--lang", lang) for lang in ("en", "vi"))
    assert [one["seqs"] for one in told] == [one["seqs"] for one in in_vietnamese]
    assert all("{" not in one["text"] for one in (*told, *in_vietnamese))
    return [one["text"] for one in told]


def verified(shell):
    """Return what verification says, or None for a log in order."""
    result = shell.run("audit", "verify")
    return None if result.exit_code == 0 else (result.exit_code, result.stderr)


def test_numbers_that_run_are_in_order_whichever_is_the_first(office, issued):
    issued(47, 48, 49, lawful=True)
    office("paper", "withdraw", "49", "--reason", "signed by nobody")
    issued(50, lawful=True)

    assert verified(office) is None
    assert found(office) == []


@pytest.mark.parametrize(("numbers", "wrong"), [((47, 49), "49"), ((5, 4), "04")])
def test_a_gap_is_told_by_verification_and_findings(office, issued, numbers, wrong):
    issued(*numbers)

    code, said = verified(office)
    assert code == 7
    assert f"{wrong}/BC-BTK is not the next number" in said
    (text,) = found(office)
    assert f"issued {wrong}/BC-BTK" in text
    assert f"{numbers[0] + 1} was the next number of" in text


def test_a_number_that_was_given_twice_is_told(office, issued):
    issued(1, 2, lawful=True)
    entries = read_log(office)
    entries[-1][0]["changes"]["paper_number"] = [None, 1]
    write_log(office, entries)

    assert verified(office)[0] == 7
    (text,) = found(office)
    assert "01/BC-BTK" in text
    assert "was taken" in text


def withdrawn_with_another_number(changes):
    changes["paper_number"] = [1, 9]


def not_withdrawn(changes):
    changes.clear()


@pytest.mark.parametrize("forge", [withdrawn_with_another_number, not_withdrawn])
def test_a_paper_that_is_withdrawn_keeps_its_number_in_any_log(office, issued, forge):
    issued(1, lawful=True)
    office("paper", "withdraw", "1", "--reason", "signed by nobody")
    assert verified(office) is None
    entries = read_log(office)
    forge(entries[-1][0]["changes"])
    write_log(office, entries)

    assert verified(office)[0] == 7


def test_what_an_earlier_version_issued_is_a_finding_alone(office, issued, monkeypatch):
    monkeypatch.setitem(earlier.EARLIER, law.digest(), frozenset(["law.number"]))
    issued(1, 3)

    assert verified(office) is None
    assert len(found(office)) == 1


# --- the server ------------------------------------------------------------------------------


@pytest.fixture
def office_of(shared, tmp_path):
    """A shared register whose office has issued paper 7 of this year, under the server's eyes."""
    shared.keeper(*SET)
    to = tmp_path / "7.html"
    shared.as_("nga")("paper", "issue", "progress", "--output", to, "--number", "7")
    return shared


def paper(office, number, *, key=None, **said):
    """Return the act by which somebody issues a paper under a number."""
    like = office.keeper.json("paper", "list")[0]
    day = said.get("issued_on", TODAY)
    given = {
        **{name: like[name] for name in ("report", "language", "known_at", "log_size", "log_root")},
        "digest": like["digest"],
        "number_series": "BC-BTK",
        "options": "{}",
        "as_of": TODAY,
        "paper_number": number,
        "issued_on": day,
        **said,
    }
    return office.act("nga", "issue", (Paper.kind, key or f"{day.year}-{number:04d}"), given)


def test_the_server_takes_the_next_number_alone(office_of):
    year = TODAY.year
    for number, more in (
        (9, {}),
        (6, {}),
        (7, {"key": f"{year}-0777"}),
        (8, {"key": f"{year}-8"}),
        (8, {"key": f"{year + 1}-0008"}),
        (8, {"recalled_on": TODAY}),
        (3, {"issued_on": TODAY.replace(year=year - 1, day=1)}),
        (0, {"issued_on": TODAY}),
    ):
        sent = office_of.event(paper(office_of, number, **more))
        said = office_of.refuses("nga", sent)
        assert "would break the run of numbers" in said, (number, more, said)
    assert office_of.send("nga", office_of.event(paper(office_of, 8))) is None
    office_of.keeper("audit", "verify")


def test_the_server_leaves_a_withdrawn_paper_its_number(office_of):
    key = f"{TODAY.year}-0007"
    for changes in ({"recalled_on": TODAY, "paper_number": 9}, {"paper_number": 8}):
        sent = office_of.event(
            office_of.act("nga", "withdraw", [Paper, key], changes, reason="none")
        )
        assert "the run of numbers" in office_of.refuses("nga", sent)
    office_of.as_("nga")("paper", "withdraw", "7", "--reason", "signed by nobody")
    office_of.keeper("audit", "verify")
