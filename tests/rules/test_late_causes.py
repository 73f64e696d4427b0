"""For which cause a case is late: asked only of what is late, where the register keeps causes."""

import json

import pytest
from offices import strict_office

DONE = ("--outcome", "implemented", "--answer", "Circular 3", "--effective", "2023-03-01")
IN_TIME = (*DONE[:-1], "2022-11-01")
MORE = ("--due", "2023-12-29", "--reason", "asked for time", "--effective", "2023-03-01")


@pytest.fixture
def keeping(office):
    """A register that keeps three causes, one of them retired."""
    for code, objective in (("storm", "yes"), ("slow", "no"), ("old", "no")):
        name = f"A {code} cause"
        office("cause", "add", code, "--name", name, "--name-vi", f"Do {code}",
               "--objective", objective)  # fmt: skip
    office("cause", "retire", "old", "--reason", "split")
    return office


def test_nobody_is_asked_for_a_cause_where_the_register_keeps_none(office, case):
    office("advance", case("under_study", ref="A.1"), *DONE)
    office("cause", "add", "old", "--name", "Old", "--objective", "no")
    office("cause", "retire", "old", "--reason", "none is left")
    office("extend", case("assigned", ref="A.2"), *MORE)
    office.refused(3, "close", case(ref="A.3"), "--outcome", "withdrawn", "--reason", "r",
                   "--late-cause", "storm")  # fmt: skip


def test_a_late_case_is_ended_or_given_time_only_for_a_cause(keeping, case):
    studied, held = case("under_study", ref="A.1"), case("assigned", ref="A.2")
    for words in (
        ("advance", studied, *DONE),
        ("extend", held, *MORE),
        ("close", held, "--outcome", "withdrawn", "--reason", "r"),
    ):
        error = keeping.refused(4, *words)
        assert "due on 2022-12-31 and is" in error["message"]
        assert "--late-cause slow or storm" in error["hint"]
        error = keeping.refused(4, *words, "--late-cause", "old")
        assert "retired" in error["message"]
        keeping.refused(3, *words, "--late-cause", "flood")

    keeping("advance", studied, *DONE, "--late-cause", "do storm")
    keeping("extend", held, *MORE, "--late-cause", "slow")
    assert keeping.json("show", studied)["late_cause"] == "storm"
    assert [one["ref"] for one in keeping.json("list", "--late-cause", "slow")] == [held]
    assert keeping.json("list", "--count-by", "late_cause")[0]["cases"] == 1
    # It is late again, for whatever cause it was late before.
    again = ("close", held, "--outcome", "withdrawn", "--reason", "r")
    keeping.refused(4, *again)
    keeping("cause", "retire", "storm", "--reason", "r")
    assert (
        "Nguyên nhân chậm: – → slow".casefold()
        in keeping("history", held, "--lang", "vi").stdout.casefold()
    )
    keeping("audit", "verify")


def test_a_case_that_is_not_late_has_no_cause(keeping, case):
    studied, assigned = case("under_study", ref="A.1"), case("assigned", ref="A.2")
    cause = ("--late-cause", "storm")

    said = keeping.refused(4, "advance", studied, *IN_TIME, *cause)["message"]
    assert said == f"case {studied} is not late on 2022-11-01: it is due on 2022-12-31"
    keeping.refused(4, "extend", assigned, *MORE[:-1], "2022-12-31", *cause)
    keeping.refused(4, "close", case(ref="A.3"), "--outcome", "withdrawn", "--reason", "r", *cause)
    # What was asked of an act that ends nothing.
    assert "under study" in keeping.refused(4, "advance", assigned, *cause)["message"]
    keeping("advance", studied, *IN_TIME)
    never = ("correct", studied, "--field", "late_cause", "--reason", "r", "--to", "storm")
    assert "never late" in keeping.refused(4, *never)["message"]


def test_a_returned_case_is_given_time_with_its_owner_for_a_cause(keeping, case):
    ref = case("assigned")
    keeping("return", ref, "--reason", "not ours", "--effective", "2022-12-01")
    words = ("assign", ref, "--owner", "vufo", *MORE)

    keeping.refused(4, *words)
    assert keeping.json(*words, "--late-cause", "slow")["late_cause"] == "slow"


def test_a_cause_is_corrected_and_goes_where_its_act_is_undone(keeping, case):
    ref = case("under_study")
    keeping("advance", ref, *DONE, "--late-cause", "storm")
    right = ("correct", ref, "--field", "late_cause", "--reason", "misread", "--to")

    keeping.refused(3, *right, "flood")
    # What was so stays so: a cause that was in use then may be the right one.
    assert keeping.json(*right, "old")["late_cause"] == "old"
    assert keeping.json(*right, "")["late_cause"] is None
    keeping(*right, "slow")
    keeping("reopen", ref, "--as-it-was", "--reason", "another case was meant")
    assert keeping.json("show", ref)["late_cause"] is None
    assert len(keeping.json("audit", "log", "--field", "late cause")) == 5
    keeping("audit", "verify")


def test_a_file_tells_causes_in_either_language(keeping, tmp_path):
    file = tmp_path / "cases.csv"
    head = "ref,title,proposer,owner,state,assigned_on,due,resolved_on,outcome,answer"
    late = "hcmc-pc,mofa,resolved,2022-01-10,2022-12-30,2023-03-01,explained,Decree 6"
    rows = (f"{head},Nguyên nhân chậm", f"A.1,One,{late},do slow", f"A.2,Two,{late},old")
    file.write_text("\n".join(rows) + "\n", "utf-8")
    keeping("import", file)
    assert [keeping.json("show", ref)["late_cause"] for ref in ("A.1", "A.2")] == ["slow", "old"]
    (event,) = (one for one in keeping.json("history", "A.1") if "late_cause" in one["changes"])
    assert event["act"] == "resolve"

    for wrong in (
        f"A.3,Three,{late.replace('2023-03-01', '2022-03-01')},slow",
        f"A.3,Three,{late},flood",
        "A.3,Three,hcmc-pc,mofa,assigned,2022-01-10,2022-12-30,,,,slow",
    ):
        file.write_text(f"{rows[0]}\n{wrong}\n", "utf-8")
        keeping.refused(2, "import", file)


@pytest.mark.parametrize("ending", ["csv", "jsonl"])
def test_causes_travel_with_their_cases(keeping, new_office, case, tmp_path, ending):
    case("assigned", ref="A.1")
    keeping("extend", "A.1", *MORE, "--late-cause", "slow")
    keeping("return", "A.1", "--reason", "not ours", "--effective", "2023-04-01")
    keeping("advance", case("under_study", ref="A.2"), *DONE, "--late-cause", "storm")
    case("under_study", ref="A.3")
    keeping("extend", "A.3", *MORE, "--late-cause", "slow")
    keeping("advance", "A.3", *DONE[:-1], "2023-05-01")
    keeping("cause", "retire", "slow", "--reason", "r")
    file = tmp_path / f"cases.{ending}"
    keeping("export", file)
    other = new_office()
    for code in ("slow", "storm"):
        other("cause", "add", code, "--name", code, "--objective", "no")
    other("import", file)

    found = [other.json("show", ref)["late_cause"] for ref in ("A.1", "A.2", "A.3")]
    assert found == ["slow", "storm", "slow"]
    other("audit", "verify")


def test_a_list_that_is_taken_over_gives_the_cause_or_is_refused(keeping, case, tmp_path):
    case("under_study", ref="A.1", title="One")
    file = tmp_path / "cases.csv"
    head = "ref,title,proposer,owner,state,due,resolved_on,outcome,answer,late_cause"
    row = "A.1,One,hcmc-pc,mofa,resolved,2022-12-31,2023-03-01,explained,Decree 6,"
    file.write_text(f"{head}\n{row}\n", "utf-8")
    error = keeping.refused(4, "import", file, "--update")
    assert "the register asks for the cause" in error["message"]
    file.write_text(f"{head}\n{row}slow\n", "utf-8")
    keeping("import", file, "--update")
    assert keeping.json("show", "A.1")["late_cause"] == "slow"


def test_slippage_counts_late_cases_by_cause_and_the_counts_add_up(keeping, case):
    keeping("advance", case("under_study", ref="A.1"), *DONE, "--late-cause", "storm")
    keeping("extend", case("assigned", ref="A.2"), *MORE, "--late-cause", "slow")
    case("assigned", ref="A.3", due="2022-06-30")
    keeping("advance", case("under_study", ref="A.4"), *IN_TIME)
    report = keeping.json("report", "slippage", "--as-of", "2023-06-01")
    late, by = report["late"], {one["cause"]: one for one in report["by_cause"]}

    assert list(by) == ["old", "slow", "storm", None]
    assert [one["cases"] for one in by.values()] == [0, 1, 1, 1]
    assert (by["storm"]["objective"], by["storm"]["name_vi"]) == ("yes", "Do storm")
    assert late["cases"] == 3
    for number in ("cases", "working_days"):
        assert sum(one[number] for one in by.values()) == late[number]
        natures = ("objective", "subjective", "no_cause")
        assert sum(late[nature][number] for nature in natures) == late[number]
    assert sum(one["late"] for one in report["by_owner"]) == late["working_days"] > 0
    earlier = keeping.json("report", "slippage", "--as-of", "2023-02-01")["late"]
    assert earlier["no_cause"] == {"cases": 3, "working_days": earlier["working_days"]}
    said = keeping("report", "slippage", "--as-of", "2023-06-01", "--lang", "vi").stdout
    assert all(words in said for words in ("Do storm", "khách quan", "chưa nêu nguyên nhân"))


def test_a_request_holds_the_cause_until_somebody_confirms(keeping, case):
    strict, ref = strict_office(keeping), case("under_study")
    strict.refused(4, "advance", ref, *DONE, "--by", "nga")
    strict("advance", ref, *DONE, "--late-cause", "slow", "--by", "nga")
    assert "slow" in json.dumps(strict.json("request", "show", f"{ref}.R1"))
    assert strict.json("show", ref)["late_cause"] is None
    strict("request", "confirm", f"{ref}.R1")

    assert strict.json("show", ref)["late_cause"] == "slow"
    # Of a resolved case it is part of what was decided.
    strict("correct", ref, "--field", "late_cause", "--to", "storm", "--reason", "r",
           "--by", "nga")  # fmt: skip
    assert strict.json("show", ref)["late_cause"] == "slow"
    strict("request", "confirm", f"{ref}.R2")
    assert strict.json("show", ref)["late_cause"] == "storm"
