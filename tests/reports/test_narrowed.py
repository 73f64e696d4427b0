"""Reports of the cases that meet a query: each part of them, on any day, on a paper and again."""

import pytest

from casework.questions import narrowing

NAMING = ("owner", "where")
"""What a report is asked, which it says again."""


def told(office, name, *words):
    """Return a report but for how it was asked, and owners of no case that only coordinate."""
    found = office.json("report", *name.split(), *words)
    if "by_owner" in found and not name.startswith("workload"):
        # What an owner coordinates is of the cases asked for.
        found["by_owner"] = [
            {name: value for name, value in one.items() if name != "coordinates"}
            for one in found["by_owner"]
            if one["cases"]
        ]
    return {key: value for key, value in found.items() if key not in NAMING}


REPORTS = (
    *("progress", "workload", "slippage", "overdue --until 2040-01-01"),
    *("forecast --until 2040-01-01", "progress --period 2022", "overdue --period 2022"),
    "forecast --backtest",
)


@pytest.mark.parametrize("name", REPORTS)
def test_a_report_of_an_owners_cases_says_what_the_report_of_that_owner_does(rich, name):
    days = [()] if "--period" in name else [(), ("--as-of", "2022-06-30")]
    known = ("--known-at", rich.json("audit", "log")[-1]["recorded_at"])
    asked = 0
    for day in (*days, *([] if "--period" in name else [("--as-of", "2022-06-30", *known)])):
        of_owner = told(rich, name, "--owner", "mofa", *day)
        if name.endswith("--period 2022"):
            # Cases that came to the owner or went are asked for by what they are now.
            of_owner.pop("balance")
        narrowed = told(rich, name, "--where", "owner:'bo ngoai giao' or ref:none", *day)
        narrowed = {key: value for key, value in narrowed.items() if key in of_owner}
        assert narrowed == of_owner, day
        whole = told(rich, name, *day)
        asked += whole != of_owner
    assert asked


def test_a_report_of_today_reads_the_references_of_a_query_only_where_it_copies(
    rich, engine, monkeypatch
):
    asked = []
    read = narrowing.Met.refs.func
    monkeypatch.setattr(narrowing.Met, "refs", property(lambda met: asked.append(1) or read(met)))
    found = rich.json("report", "overdue", "--until", "2040-01-01", "--where", "owner:mofa")

    assert found["totals"]["cases"] > 0
    assert bool(asked) == (engine == "postgresql")


def test_the_parts_of_a_balance_add_up_over_queries_that_divide_the_cases(rich):
    rich("view", "save", "theirs", "--owner", "mofa", "--sort", "due", "--shared")
    for day in ((), ("--as-of", "2022-12-31")):
        whole = rich.json("report", "progress", *day)["totals"]
        parts = [
            rich.json("report", "progress", *day, *words)["totals"]
            for words in (["--view", "theirs"], ["--where", "not owner:mofa"])
        ]
        for name in ("cases", "resolved", "open_overdue", "open_no_due"):
            assert sum(one[name] for one in parts) == whole[name], (day, name)
        listed = rich.json("list", "--view", "theirs", *day)
        assert parts[0]["cases"] == len(listed) > 0


def test_a_period_counts_the_cases_that_meet_the_query(rich):
    words = ("report", "progress", "--period", "2021")
    whole = rich.json(*words)["balance"]
    (one, other) = (
        rich.json(*words, "--where", where)["balance"]
        for where in ("proposer:hcmc-pc", "not proposer:hcmc-pc")
    )

    for name in ("opening", "new", "closed", "closing"):
        assert one[name] + other[name] == whole[name], name
    assert one["new"] > 0
    assert other["new"] > 0


def test_a_review_knows_what_repeats_a_case_whichever_are_asked_for(office):
    for ref, conference, day in (
        ("A.1", "NFAC-20", "2021-12-13"),
        ("B.1", "NFAC-21", "2022-05-01"),
    ):
        said = ("--title", ref, "--conference", conference, "--ref", ref, "--effective", day)
        office("propose", "--proposer", "vufo", *said)
    office("link", "B.1", "--repeats", "A.1", "--effective", "2022-05-01")
    ask = ("report", "review", "--of", "NFAC-20", "--for", "NFAC-21")
    whole = office.json(*ask)
    found = office.json(*ask, "--where", "ref:A.1")

    assert found["recommendations"] == whole["recommendations"]
    assert "B.1" in str(found["recommendations"])
    assert [one["ref"] for one in found["carried_over"]] == ["A.1"]
    carried = office.json(*ask, "--where", "ref:B.1")["carried_over"]
    assert carried == [one for one in whole["carried_over"] if one["ref"] == "B.1"]
    assert "A.1" in str(carried)


@pytest.mark.parametrize(
    ("lang", "heading"),
    [
        ("en", "only cases with owner: Ministry of Foreign Affairs and (overdue or due < 2040-12)"),
        ("vi", "chỉ các vụ việc chủ trì: Bộ Ngoại giao và (quá hạn hoặc hạn < 31/12/2040)"),
    ],
)
def test_the_heading_says_the_query_in_words(rich, lang, heading, tmp_path):
    due = {"en": "2040-12", "vi": "2040-12-31"}[lang]
    words = ("--where", f"owner:mofa (overdue or due<{due})", "--lang", lang)
    said = " ".join(rich("report", "progress", *words).stdout.split())
    rich("report", "progress", *words, "--output", tmp_path / "r.html")

    assert heading in said
    assert "owner:mofa (overdue" in rich.json("report", "progress", *words)["where"]
    assert heading.replace("<", "&lt;") in (tmp_path / "r.html").read_text("utf-8")


def test_a_paper_keeps_its_query_and_is_made_again_with_it(office, case, tmp_path):
    office("office", "set", "--name", "Ban", "--series", "BC")
    for ref, owner in (("A.1", "mofa"), ("A.2", "vufo"), ("A.3", "mofa")):
        case("assigned", ref=ref, owner=owner, due="2022-12-31")
    office("view", "save", "theirs", "--owner", "mofa", "--shared")
    issue = ("paper", "issue", "overdue", "--until", "2999-01-01", "--view", "theirs")
    first = office.json(*issue, "--where", "overdue", "--output", tmp_path / "a.html")
    # A view that is another one by then changes no paper.
    office("view", "save", "theirs", "--owner", "vufo", "--shared")
    office("extend", "A.3", "--due", "2998-01-01", "--reason", "hearings")
    again = ("--where", "owner:mofa", "--output", tmp_path / "b.html")
    office("paper", "issue", "overdue", "--until", "2999-01-01", *again)

    assert first["options"]["where"] == '((owner:"mofa")) and (overdue)'
    found = office.json("paper", "diff", "1", "2")
    assert {one["row"] for one in found if one["section"] == "overdue"} == {"A.3"}
    assert not any("A.2" in one["row"] for one in found)
    assert office.json("paper", "diff", "1", "1") == []
    assert office.json("paper", "check", tmp_path / "a.html")["full_number"] == "01/BC"


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("--where", "owner:("), 2),
        (("--where", "owner:nobody"), 3),
        (("--view", "nothing"), 3),
        (("--where", "colour:red"), 2),
    ],
)
def test_a_query_that_asks_for_nothing_there_is_is_refused(office, words, code):
    office("office", "set", "--name", "Ban", "--series", "BC")
    for name in ("progress", "overdue", "slippage"):
        office.refused(code, "report", name, *words)
    assert office.run("paper", "issue", "progress", *words, "--output", "a.html").exit_code == code


def test_a_query_on_a_report_tells_no_text_of_a_secret_case(office):
    for ref, secrecy in (("A.1", ["--secrecy", "secret"]), ("A.2", [])):
        office("propose", "--title", f"{ref} visa", "--proposer", "vufo", "--ref", ref, *secrecy)

    assert office.json("report", "progress", "--where", "title:visa")["totals"]["cases"] == 1
    shown = office.json("report", "progress", "--where", "not title:visa")
    assert shown["totals"]["cases"] == 1
