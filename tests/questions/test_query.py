"""The query language: what is read, what is refused and where, and what a register answers."""

import json
import operator
import re
from datetime import date, timedelta
from random import Random

import pytest

from casework.errors import UsageError
from casework.kinds.choices import State
from casework.questions import listing, lookup, reading, wanted
from casework.rules import query
from casework.rules.lateness import is_overdue
from casework.store import db
from casework.store.filters import Filter
from casework.store.record_rows import search_text

COUNT = 40
OWNERS, THEMES = ["mofa", "vufo", "hcmc-pc", None], ["legal", "Giáo dục", "visa"]
TITLES = ["Roads to the port", "Cảng biển", "Visas for students", "100% of 50_50", "O'Neill's"]
DAYS = [date(2021, 6, 30), date(2026, 12, 31), date(2027, 1, 1), date(2099, 5, 4), None]
NOTED = {"Q.1": "seen by the minister", "Q.2": "seen by the deputy"}


def rows(rng):
    for number in range(1, COUNT + 1):
        owner, due, state = rng.choice(OWNERS), rng.choice(DAYS), rng.choice([*State][:3])
        if owner is None or due is None:
            state = State.PROPOSED
        yield {
            "ref": f"Q.{number}",
            "title": rng.choice(TITLES),
            "proposer": rng.choice(OWNERS[:3]),
            "conference": rng.choice(["NFAC-20", "NFAC-21", None]),
            "owner": owner,
            "due": due and due.isoformat(),
            "state": state,
            "with": [one for one in OWNERS[:3] if one != owner and rng.random() < 0.3],
            "theme": rng.sample(THEMES, rng.randrange(3)),
            "priority": rng.choice(["yes", "no", None]),
            "secrecy": rng.choice(["secret", "none", None, None]) if number > 1 else "secret",
            "proposed_on": date(2021, 1, number % 28 + 1).isoformat(),
            "assigned_on": "2021-03-01" if state != State.PROPOSED else None,
        }


@pytest.fixture
def register(office):
    found = [*rows(Random(1))]
    office("import", "-", input="\n".join(map(json.dumps, found)))
    for ref, note in NOTED.items():
        office("note", ref, note)
    held = [one["ref"] for one in found if one["state"] == State.UNDER_STUDY][:3]
    for ref in held:
        office("hold", ref, "--reason", "waiting for a law")
    return office


def says(words):
    names = {
        "mofa": "ministry of foreign affairs",
        "vufo": "union of friendship organizations",
    }

    def met(case, _):
        bodies = {case.owner, case.proposer, case.addressee, *case.coordinating}
        named = [names.get(one, "") for one in bodies]
        noted = NOTED.get(case.ref, "") if case.secrecy in {None, "none"} else ""
        return any(words in text for text in [*search_text(case).split("\n"), noted, *named])

    return met


def compares(name, sign, value):
    compare = {"<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge}[sign]

    def met(case, _):
        held = getattr(case, name)
        return held is not None and compare(held, value)

    return met


def within(name, first, last):
    return lambda case, _: getattr(case, name) is not None and first <= getattr(case, name) <= last


END = date(2026, 12, 31)
ATOMS = {
    "owner:mofa": lambda case, _: case.owner == "mofa",
    'chủ-trì:"Bộ Ngoại giao"': lambda case, _: case.owner == "mofa",
    "owner != VUFO": lambda case, _: case.owner != "vufo",
    "proposer=hcmc-pc": lambda case, _: case.proposer == "hcmc-pc",
    "with:vufo": lambda case, _: "vufo" in case.coordinating,
    "conference:NFAC-20": lambda case, _: case.conference == "NFAC-20",
    "theme:legal": lambda case, _: "legal" in case.theme,
    "theme:'Giáo dục'": lambda case, _: "Giáo dục" in case.theme,
    'state:"đã giao"': lambda case, _: case.state is State.ASSIGNED,
    "state:under_study": lambda case, _: case.state is State.UNDER_STUDY,
    "priority:yes": lambda case, _: case.priority == "yes",
    "priority!=yes": lambda case, _: case.priority != "yes",
    "secrecy:none": lambda case, _: case.secrecy == "none",
    "ref:q.7": lambda case, _: case.ref == "Q.7",
    "due<2026-12-31": compares("due", "<", END),
    "due<=Q4/2026": compares("due", "<=", END),
    "due > 2026": compares("due", ">", END),
    "hạn>='quý 4/2026'": compares("due", ">=", date(2026, 10, 1)),
    "due:2026": within("due", date(2026, 1, 1), END),
    "due!=2026-12": lambda case, _: case.due != END,
    "proposed-on<10/1/2021": compares("proposed_on", "<", date(2021, 1, 10)),
    "extensions:0": lambda case, _: case.extensions == 0,
    "extensions>0": lambda case, _: case.extensions > 0,
    "open": lambda case, _: case.state is not State.RESOLVED,
    "resolved": lambda case, _: case.state is State.RESOLVED,
    "overdue": lambda case, day: is_overdue(case.state, case.due, day, case.held_since),
    "quá-hạn": lambda case, day: is_overdue(case.state, case.due, day, case.held_since),
    "on-hold": lambda case, _: case.held_since is not None,
    "not-on-hold": lambda case, _: case.held_since is None,
    "không-quá-hạn": lambda case, day: not is_overdue(case.state, case.due, day, case.held_since),
    "due-before:2027": compares("due", "<", date(2027, 1, 1)),
    "due-within:2099-12-31": lambda case, day: (
        case.state is not State.RESOLVED and within("due", day, date(2099, 12, 31))(case, day)
    ),
    "đến-hạn-trong:30d": lambda case, day: (
        case.state is not State.RESOLVED and within("due", day, day + timedelta(30))(case, day)
    ),
    "changed-since:2021": lambda *_: True,
    "thay-đổi-từ:2999-01-01": lambda *_: False,
    "no-owner": lambda case, _: case.owner is None,
    "no-due": lambda case, _: case.due is None,
    "chưa-có-chủ-trì": lambda case, _: case.owner is None,
    "no-theme": lambda case, _: not case.theme,
    "no-with": lambda case, _: not case.coordinating,
    "no-officer": lambda *_: True,
    "cảng": says("cang"),
    '"to the port"': says("to the port"),
    "text:port": says("port"),
    "“seen by”": says("seen by"),
    "ministry": says("ministry"),
    "%": says("%"),
    "50_50": says("50_50"),
    "O'Neill": says("o'neill"),
    "Q.1": says("q.1"),
    "title:cảng": lambda case, _: case.title == "Cảng biển",
    'nội-dung:"to the port"': lambda case, _: "to the port" in case.title,
    "title!=50_50": lambda case, _: "50_50" not in case.title,
    "answer:port": lambda *_: False,
    '"\' OR 1=1 --"': says("' or 1=1 --"),
}
"""Terms, each with what it asks of a case on a day."""

JOINS = {
    all: ("and", " ", "AND", "và"),
    any: ("or", "hoặc", "Or", "hoac"),
}


def grown(rng, depth):
    """Return a query, and what tells whether a case meets it."""
    if depth == 0 or rng.random() < 0.2:
        return rng.choice([*ATOMS.items()])
    if rng.random() < 0.3:
        words, met = grown(rng, depth - 1)
        told = rng.choice(["not", "không", "NOT"])
        return f"{told} ({words})", lambda case, day: not met(case, day)
    joins = rng.choice([*JOINS])
    parts = [grown(rng, depth - 1) for _ in range(rng.randrange(2, 4))]
    text = f" {rng.choice(JOINS[joins])} ".join(f"({words})" for words, _ in parts)
    return text, lambda case, day: joins(met(case, day) for _, met in parts)


def test_a_register_answers_as_its_cases_do_one_by_one(register, much):
    rng = Random()
    with db.open_store(register.url).reading() as connection:
        day = lookup.office_day(connection)
        every = [*listing.cases(connection, Filter(), day)]
        assert len(every) == COUNT
        assert reading.unseen(connection).cases > {"Q.1"}
        trees = [*ATOMS.items(), *(grown(rng, rng.randrange(1, 5)) for _ in range(much(40, 2000)))]
        found = []
        for text, met in trees:
            asked = wanted.filter_of(connection, connection, {"where": text}, day)
            answer = [case.ref for case in listing.cases(connection, asked, day)]
            assert answer == [case.ref for case in every if met(case, day)], text
            found.append(len(answer))

    # The most of them find something, and not everything.
    assert sum(0 < one < COUNT for one in found) > len(found) / 2


def test_a_query_narrows_what_options_leave(register):
    listed = register.json("list", "--owner", "mofa", "--where", "not theme:legal or overdue")

    assert listed
    assert {one["owner"] for one in listed} == {"mofa"}
    counted = register.json("list", "--where", "owner:mofa", "--count-by", "owner")
    assert [one["owner"] for one in counted] == ["mofa"]


def test_no_text_of_a_secret_case_is_found_by_a_query_or_by_what_it_denies(register):
    register("propose", "--title", "Zulu", "--proposer", "mofa", "--ref", "Z.1", "--theme", "tau")
    register("note", "Z.1", "yankee")

    def found(text, *more):
        return "Z.1" in {one["ref"] for one in register.json("list", "--where", text, *more)}

    told = (
        "zulu",
        "title:zulu",
        "yankee",
        "theme:tau",
        "text:zulu",
        "not not zulu",
        "not (not zulu or visa)",
    )
    assert all(found(text) and not found(f"not ({text})") for text in told)
    register("edit", "Z.1", "--secrecy", "secret")
    for text in told:
        assert not found(text)
        assert found(f"not ({text})")
        assert found(text, "--with-secret")
        assert not found(f"not ({text})", "--with-secret")
    assert found("z.1 and not no-theme")


WRONG = [
    ("ownr:mofa", 1, "owner"),
    ("open and  ownr : mofa", 11, "owner"),
    ("open and (overdue", 10, "bracket"),
    ("open)", 5, "bracket"),
    ("open and", 9, "missing"),
    ("or open", 1, "missing"),
    ("()", 2, "missing"),
    ("not", 4, "missing"),
    ("owner:", 7, "missing"),
    ('owner:""', 7, "missing"),
    ('title "open', 7, "not closed"),
    ("no-ownr", 1, "no-owner"),
    ("owner<mofa", 1, "cannot compare"),
    ("state:done", 7, "under study"),
    ("extensions:many", 12, "whole number"),
    ("due<yesteryear", 5, "YYYY-MM-DD"),
    ("due:2026-02-30", 5, "2026-02-30"),
    ("open due-within:soon", 17, "YYYY-MM-DD"),
    ("due-within<30d", 1, "due"),
    ("changed-since:", 15, "missing"),
    ("bò zzzz:x", 4, "fields"),
    ("quá hạn", 1, "write quá-hạn for the condition"),
    ("open and (On  hold)", 11, "write On-hold for the condition"),
    ("không có chủ trì", 1, "không-có-chủ-trì"),
    ("no owner", 1, "no-owner"),
    ("không quá hạn", 7, "quá-hạn"),
    ("(" * 30 + "open" + ")" * 30, 22, "20"),
    ("not " * 30 + "open", 85, "20"),
    (" or ".join(["open"] * 501), 4001, "500"),
]


@pytest.mark.parametrize(("text", "column", "told"), WRONG, ids=lambda one: str(one)[:20])
def test_what_is_no_query_is_refused_with_its_place(text, column, told):
    with pytest.raises(UsageError) as caught:
        query.parse(text)

    assert f"column {column} of the query" in caught.value.message
    assert told in f"{caught.value.message}\n{caught.value.hint}"


ALIKE = [
    ("chủ trì:mofa quá-hạn", "owner:mofa overdue"),
    ("open Ngày giải quyết < 2026", "open resolved-on<2026"),
    ("due before:2027", "due-before:2027"),
    ("thay đổi từ:tomorrow", "changed-since:tomorrow"),
    ("(không bên kiến nghị:vufo)", "(not proposer:vufo)"),
]


@pytest.mark.parametrize(("spaced", "hyphened"), ALIKE, ids=lambda one: str(one)[:20])
def test_a_name_before_a_sign_may_have_blanks_in_it(spaced, hyphened):
    def bare(part):
        if isinstance(part, query.Joined):
            return part.word, [bare(one) for one in part.parts]
        return re.sub("0x[0-9a-f]+", "", str(part._replace(column=0)))

    assert bare(query.parse(spaced)) == bare(query.parse(hyphened))


@pytest.mark.parametrize("text", ['"quá hạn"', "quá dài hạn", "on the hold", "text:overdue"])
def test_other_words_side_by_side_are_texts(text):
    assert "Said" in str(query.parse(text))


def test_names_and_words_are_told_in_the_language_of_the_reader(register):
    def told(text):
        return register.run("--lang", "vi", "list", "--where", text).stderr

    assert "hội-nghị, bên-kiến-nghị, chủ-trì" in told("zzzz:x")
    assert "gần nhất: chủ-trì" in told("ownr:x")
    assert "chưa-có-chủ-trì" in told("chưa-có-chủ-tr")
    assert "được kiến nghị, đã giao, đang nghiên cứu" in told("state:xong")


def test_only_the_day_a_sign_compares_with_is_told(register):
    for asked, day in {
        "due<2027": "01-01",
        "due>=2027": "01-01",
        "due>2027": "12-31",
        "due<=2027": "12-31",
    }.items():
        told = register.run("list", "--where", asked).stderr
        assert f"2027-{day}" in told.replace("31 December 2027", "2027-12-31").replace(
            "1 January 2027", "2027-01-01"
        )
        assert told.count("2027") == 1
    assert register.run("list", "--where", "due:2027").stderr.count("2027") == 2


@pytest.mark.parametrize("text", ["", " ", "\x00", "a\ud800b", "x" * 10_001])
def test_what_is_no_text_is_no_query(text):
    with pytest.raises(UsageError):
        query.parse(text)


def test_nobody_is_called_so_and_the_place_is_told(office):
    error = office.refused(3, "list", "--where", "open or owner:mofaa")

    assert "column 15" in error["message"]
    assert "mofa" in error["hint"]
    assert "cột 15" in office.run("--lang", "vi", "list", "--where", "open or owner:mofaa").stderr
    assert office.refused(2, "list", "--where", "")["message"]


def test_a_long_and_a_deep_query_are_answered(register):
    assert len(register.json("list", "--where", " or ".join(["open"] * 500))) == COUNT
    assert register.json("list", "--where", " and ".join(["not port"] * 500))
    deep = "open"
    for number in range(19):
        deep = f"({deep} {('and', 'or')[number % 2]} not no-due)"
    assert register.json("list", "--where", deep)


def test_days_are_those_of_the_day_that_is_asked_of(register):
    earlier = {one["ref"] for one in register.json("list", "--where", "due<today")}
    then = date(2021, 6, 30)
    before = register.json("list", "--where", "due<=today", "--as-of", then.isoformat())

    assert {one["due"] for one in before} == {then.isoformat()}
    assert {one["ref"] for one in before} <= earlier
    tomorrow = (then + timedelta(1)).isoformat()
    assert register.json("list", "--where", "due<today", "--as-of", tomorrow)
    assert register.json("list", "--where", "due<today", "--as-of", then.isoformat()) == []
