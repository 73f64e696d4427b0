"""The response: what was said of a recommendation, whatever then was done."""


def test_what_was_said_stands_apart_from_what_was_done(office, case):
    ref = case("resolved")
    office("edit", ref, "--response", "in-principle")
    shown = office.json("show", ref)

    assert (shown["response"], shown["outcome"]) == ("in-principle", "implemented")
    assert "accepted in principle" in office("show", ref).stdout
    assert "tiếp thu về nguyên tắc" in office("show", ref, "--lang", "vi").stdout
    assert "response: – → accepted in principle" in office("history", ref).stdout
    office("correct", ref, "--field", "response", "--to", "noted", "--reason", "misread")
    assert office.json("show", ref)["response"] == "noted"
    office("correct", ref, "--field", "response", "--to", "", "--reason", "nothing was said")
    assert office.json("show", ref)["response"] is None
    office("audit", "verify")


def test_cases_are_asked_for_and_counted_by_what_was_said(office):
    for number, said in enumerate(("accepted", "noted", "noted"), start=1):
        words = ("--title", "Rules", "--proposer", "hcmc-pc", "--ref", f"A.{number}")
        office("propose", *words, "--response", said)

    both = office.json("list", "--response", "accepted", "--response", "noted")
    assert [one["ref"] for one in both] == ["A.1", "A.2", "A.3"]
    assert [one["ref"] for one in office.json("list", "--response", "accepted")] == ["A.1"]
    assert office.json("list", "--count-by", "response") == [
        {"response": "noted", "cases": 2},
        {"response": "accepted", "cases": 1},
    ]
    assert len(office.json("audit", "log", "--field", "response")) == 3


def test_a_file_tells_what_was_said_in_either_language(office, tmp_path):
    file = tmp_path / "cases.csv"
    rows = ("ref,title,proposer,response", "A.1,One,hcmc-pc,Tiếp thu một phần", "A.2,Two,hcmc-pc,")
    file.write_text("\n".join(rows) + "\n", "utf-8")
    office("import", file)
    assert [office.json("show", ref)["response"] for ref in ("A.1", "A.2")] == ["in-part", None]

    office("export", tmp_path / "again.csv")
    assert "in-part" in (tmp_path / "again.csv").read_text("utf-8")
    rows = ("ref,response,title,proposer", "A.1,noted,One,hcmc-pc")
    file.write_text("\n".join(rows) + "\n", "utf-8")
    office("import", file, "--update")
    assert office.json("show", "A.1")["response"] == "noted"
    office.refused(2, "edit", "A.1", "--response", "maybe")
