"""An act on several cases: by references, ranges, a list or a filter; on both engines."""

import json

import pytest
from offices import Shell, strict_office
from terminals import shown

from casework.acts.many import Cases, perform_many
from casework.acts.session import Session
from casework.cli import request, several

DUE = ("--owner", "mofa", "--due", "2099-12-31")
REASON = ("--reason", "R")


@pytest.fixture
def cases(office, case):
    """The references of five cases in a row, without the fourth: 001, 002, 003, 005, 006."""
    refs = [case() for _ in range(3)]
    stem = refs[0][:-3]
    said = ("--title", "Rules for offices", "--proposer", "hcmc-pc")
    for number in ("005", "006"):
        office("propose", *said, "--ref", stem + number)
        refs.append(stem + number)
    return refs


def states(office):
    return [one["state"] for one in office.json("list")]


def test_several_are_done_together_and_printed_as_a_list_is(office, cases):
    size = office.head().size

    left = office.json("assign", cases[0], cases[1].lower(), cases[0], cases[4], *DUE, "--yes")

    assert left == [one for one in office.json("list") if one["owner"]]
    assert states(office) == ["assigned", "assigned", "proposed", "proposed", "assigned"]
    assert office.head().size == size + 3
    lines = office("note", *cases[:2], "--text", "N", "--yes").stdout.splitlines()
    assert [line.split()[0] for line in lines] == cases[:2]
    assert (
        office("note", *cases[:2], "--text", "N", "--yes", "--format", "csv").stdout.count("\n")
        == 3
    )
    ndjson = office("note", *cases[:2], "--text", "N", "--yes", "--format", "ndjson").stdout
    assert [json.loads(line)["ref"] for line in ndjson.splitlines()] == cases[:2]


def test_a_range_is_every_case_between_and_its_holes_are_told(office, cases):
    first, _, third, fifth, last = cases
    done = office("assign", f"{first}-006", *DUE, "--yes")

    assert [line.split()[0] for line in done.stdout.splitlines()] == cases
    assert first[:-3] + "004" in done.stderr
    for words in (f"{third}-6", f"{third}-{last}", f"{third.lower()}-006"):
        found = office.json("note", words, "--text", "N", "--yes")
        assert [one["ref"] for one in found] == [third, fifth, last]
    assert [one["ref"] for one in office.json("note", f"{first}-1", "--text", "N")] == [first]


def test_a_case_that_is_called_like_a_range_is_that_case(office, cases):
    called = f"{cases[0]}-003"
    office("propose", "--title", "T", "--proposer", "mofa", "--ref", called)

    assert office.json("note", called, "N")["ref"] == called
    assert [one["ref"] for one in office.json("note", called, called, "--text", "N")] == [called]


def test_what_is_no_range_is_refused(office, cases):
    first, _, third, *_ = cases
    office("propose", "--title", "T", "--proposer", "mofa", "--ref", "X.9")
    hold = ("--yes", *REASON)

    assert third in office.refused(2, "hold", f"{third}-001", *hold)["message"]
    assert "X.9" in office.refused(2, "hold", f"{first}-X.9", *hold)["message"]
    assert first[:-3] + "009" in office.refused(3, "hold", f"{first}-009", *hold)["message"]
    assert (
        f"{first[:-3]}004-006"
        in office.refused(3, "hold", f"{first[:-3]}004-006", *hold)["message"]
    )
    told = office.refused(3, "hold", f"{first}-009", "none", "", *hold)
    assert [one["ref"] for one in told["cases"]] == [f"{first}-009", "none", ""]


def test_several_without_a_terminal_need_a_word(office, cases):
    many = (f"{cases[0]}-003",)
    office("assign", *many, *DUE, "--yes")

    for refs in (many, cases[:2], (cases[0], "none")):
        assert "--yes" in office.refused(2, "hold", *refs, *REASON)["message"]
    told = office("hold", *many, *REASON, "--dry-run")
    assert [line.split()[0] for line in told.stdout.splitlines()[1:]] == cases[:3]
    assert told.stdout.count("on hold since: – → ") == 3
    assert len(office.json("hold", *many, *REASON, "--dry-run")) == 3
    assert {one["held_since"] for one in office.json("list")} == {None}


def test_every_case_that_stands_in_the_way_is_named(office, cases):
    office("assign", cases[1], *DUE)

    told = office.refused(4, "assign", *cases, "none", *DUE, "--yes")
    assert [one["ref"] for one in told["cases"]] == ["none", cases[1]]
    assert all(one["message"] for one in told["cases"])
    lines = office.run("assign", *cases, "none", *DUE, "--yes", "--lang", "vi").stderr.splitlines()
    assert len(lines) == 4
    assert sum(cases[1] in line for line in lines) == 1
    office("return", cases[1], *REASON)
    free = (*cases, "--yes")
    assert office.refused(6, "assign", *free, *DUE, "--by", "lan")["code"] == "not-allowed"
    told = office.refused(3, "assign", *free, "--owner", "x", "--due", "2099-12-31")
    assert [one["ref"] for one in told["cases"]] == cases
    office.refused(2, "assign", *free, *DUE, "--if-version", 1)


@pytest.mark.parametrize("form", ["table", "json", "ndjson", "csv"])
def test_a_list_is_taken_from_standard_input_as_it_is_printed(office, cases, form):
    listed = office("list", "--format", form).stdout

    found = office.json("note", "-", "--text", "N", "--yes", input=listed)

    assert [one["ref"] for one in found] == cases


def test_standard_input_is_read_once_and_must_name_a_case(office, cases):
    assert office.json("note", "-", "--text", "N", input=cases[0])[0]["ref"] == cases[0]
    for words in (("-", "-", "--text", "N"), ("-", "--text", "-"), ("-", "-")):
        office.refused(2, "note", *words, "--yes", input=cases[0])
    office.refused(3, "note", "-", "--text", "N", "--yes", input=" \n")
    office.refused(2, "note", "-", "--text", "N", "--yes", input='[{"code": 1}]')
    office.refused(2, "note", cases[0], cases[1], "N", "--yes")
    office.refused(2, "note", cases[0])
    office.refused(2, "note")


def test_what_a_filter_finds_is_done_together(office, cases):
    office("assign", cases[1], *DUE)

    office.refused(2, "advance", "--where", "state:assigned")
    office.refused(2, "advance", cases[1], "--where", "state:assigned", "--yes")
    office.refused(2, "advance", "--where", "state:", "--yes")
    office.refused(3, "advance", "--where", "state:resolved", "--yes")
    assert [one["ref"] for one in office.json("advance", "--where", "state:assigned", "--yes")] == [
        cases[1]
    ]
    office("assign", "--where", "not owner:mofa", *DUE, "--yes")
    assert states(office) == ["assigned", "under_study", "assigned", "assigned", "assigned"]


def test_no_filter_finds_a_case_by_what_is_withheld(office, cases):
    office("edit", cases[1], "--title", "Offices and a hidden word", "--secrecy", "secret")
    query = ("--where", "text:hidden", "--text", "N")

    office.refused(3, "note", *query, "--yes")
    assert "hidden" not in office("note", cases[1], cases[0], *query[2:], "--dry-run").stdout
    told = office("note", *query, "--dry-run", "--with-secret").stdout
    assert "hidden" in told


def test_one_reference_is_done_as_before(office, cases):
    """No question, an object in JSON, and the same command in the log."""
    left = office.json("assign", cases[0], *DUE, "--idempotency-key", "k1")

    assert [left] == [one for one in office.json("list") if one["owner"]]
    command = office.json("audit", "log")[-1]["command"]
    assert command["what"].startswith(f"assign {cases[0]} #1.")
    assert "cases" not in office.refused(4, "assign", cases[0], *DUE)
    assert "cases" not in office.refused(3, "assign", "none-1", *DUE)


def test_a_bulk_act_is_done_once_under_its_key(office, cases):
    keyed = (*DUE, "--idempotency-key", "k1")
    office("assign", *cases[:3], *keyed, "--yes")
    before = office.head()

    again = office.json("assign", *cases[:3], *keyed)
    assert again["done_already"] is True
    assert [one["key"] for one in again["events"]] == cases[:3]
    office.refused(5, "assign", *cases[:2], *keyed, "--yes")
    office.refused(5, "assign", cases[3], *keyed)
    assert office.head() == before


@pytest.fixture
def asked(monkeypatch):
    """What is asked on a terminal, and a list whose last item answers: a text, or a function."""
    questions, answers = [], ["y"]

    def prompt(text, **_):
        questions.append(text)
        answer = answers[-1]
        return answer() if callable(answer) else answer

    for module in (several, request):
        monkeypatch.setattr(module, "may_ask", lambda _: True)
    monkeypatch.setattr("click.prompt", prompt)
    return questions, answers


def test_a_person_on_a_terminal_sees_what_would_be_done(office, cases, asked):
    questions, answers = asked
    office("assign", *cases, *DUE, "--yes")
    done = office("hold", *cases[:2], *REASON, "--json")
    assert len(questions) == 1
    assert all(ref in done.stderr for ref in cases[:2])
    assert [one["ref"] for one in done.json] == cases[:2]

    for answer in ("n", "", "không"):
        answers.append(answer)
        before = office.head()
        assert office.run("resume", *cases[:2]).exit_code == 130
        assert office.head() == before
    answers.append("Có")
    office("resume", *cases[:2])
    office("hold", cases[0], *REASON)
    office("resume", cases[0], cases[0])
    assert len(questions) == 5


@pytest.mark.parametrize(("lang", "question"), [("en", "[y/N]"), ("vi", "[c/K]")])
def test_a_terminal_shows_the_table_and_asks_once(office, cases, lang, question):
    assign = ("assign", f"{cases[0]}-003", *DUE, "--lang", lang)
    for answer, left, code in (("", "proposed", 130), ("y", "assigned", 0)):
        ended = []
        lines = shown(office.url, 100, *assign, ended=ended, typed=[answer])
        assert "\n".join(lines).count(question) == 1
        table = lines[: next(n for n, line in enumerate(lines) if question in line)]
        assert all(sum(ref in line for line in table) == 1 for ref in cases[:3])
        assert max(map(len, table)) <= 100
        assert ended == [code]
        assert states(office)[:3] == [left] * 3


def test_who_may_not_on_a_server_is_told_and_recorded_once(shared):
    refs = [shared.case("assigned") for _ in range(2)]
    before, lan = shared.head().size, shared.as_("lan")

    told = lan.refused_(6, "hold", *refs, *REASON, "--yes")
    assert [one["ref"] for one in told["cases"]] == refs
    assert shared.head().size == before + 1
    assert refs[0] in shared.events()[-1]["note"]
    lan.refused_(3, "advance", refs[0], "CASE.999", "--yes")
    lan("advance", *refs, "--yes")
    assert [shared.keeper.json("show", ref)["state"] for ref in refs] == ["under_study"] * 2
    shared.keeper("audit", "verify")


def test_what_many_recorded_is_told_in_one_line(office, case):
    refs, told = [case() for _ in range(11)], []
    size = office.head().size
    session = Session(target=office.url, tell=told.append)
    perform_many(session, "note", Cases(tuple(refs)), {"words": "N"})

    assert [(one.first, one.last, one.what) for one in told] == [
        (size, size + 10, f"note case {refs[-1]}")
    ]


def test_what_has_changed_since_it_was_shown_is_refused(office, cases, asked):
    _, answers = asked
    other = Shell(office.url)

    def meanwhile(*words):
        def answer():
            answers[:] = ["y"]
            other(*words)
            return "y"

        answers[:] = [answer]

    office("assign", *cases[:3], *DUE, "--yes")
    for words in (
        ("extend", cases[1], "--due", "2100-01-01", *REASON),
        ("close", cases[1], "--outcome", "withdrawn", *REASON),
    ):
        meanwhile(*words)
        result = office.run("extend", *cases[:3], "--due", "2100-06-30", *REASON, "--json")
        assert result.exit_code == 5
        told = json.loads(result.stderr.splitlines()[-1])["error"]
        assert [one["ref"] for one in told["cases"]] == [cases[1]]
    assert office.json("show", cases[0])["due"] == "2099-12-31"
    meanwhile("note", cases[0], "N")
    office("extend", cases[0], cases[2], "--due", "2100-06-30", *REASON)


def test_under_four_eyes_requests_are_made_and_confirmed_together(office, cases, asked):
    strict = strict_office(office)
    close = ("--outcome", "withdrawn", *REASON)

    done = strict("close", f"{cases[0]}-003", *close, "--yes", "--by", "nga", "--json")
    codes = [f"{ref}.R1" for ref in cases[:3]]
    assert [one["waiting"]["request"] for one in done.json] == codes
    assert all(code in done.stderr for code in codes)
    told = strict("close", *cases[3:], *close, "--dry-run", "--by", "nga").stdout
    assert "proposed → resolved" in told
    strict("close", cases[3], *close, "--by", "van")

    strict.refused(3, "request", "confirm", codes[0], "none", "--yes", "--by", "van")
    strict.refused(6, "request", "confirm", *codes, "--yes", "--by", "nga")
    strict.refused(2, "request", "confirm", codes[0], "--all")
    strict.refused(2, "request", "confirm")
    strict("request", "refuse", codes[0], codes[1], *REASON)
    found = strict.json("request", "confirm", "--all", "--by", "nga")
    assert [(one["code"], one["decided_by"]) for one in found] == [(f"{cases[3]}.R1", "nga")]
    # What waits is her own.
    assert "nga" in strict.refused(6, "request", "confirm", "--all", "--by", "nga")["message"]
    strict("request", "confirm", "--all")
    strict.refused(3, "request", "confirm", "--all", "--by", "nga")
    assert states(strict) == ["proposed", "proposed", "resolved", "resolved", "proposed"]
    assert len(asked[0]) == 2
    strict("audit", "verify")
