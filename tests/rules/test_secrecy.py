"""The degree of secrecy of a case: set, asked for, counted and exchanged as any field."""

import pytest
from offices import strict_office

PROPOSED = ("propose", "--title", "Rules", "--proposer", "hcmc-pc", "--ref")


def test_a_degree_is_set_changed_and_taken_away(office):
    office(*PROPOSED, "A.1", "--secrecy", "top-secret")
    assert office.json("show", "A.1")["secrecy"] == "top-secret"
    assert "tuyệt mật" in office("show", "A.1", "--lang", "vi").stdout
    office("edit", "A.1", "--secrecy", "confidential")
    assert "secrecy: top secret → confidential" in office("history", "A.1").stdout
    office("correct", "A.1", "--field", "secrecy", "--to", "secret", "--reason", "misread")
    assert office.json("show", "A.1")["secrecy"] == "secret"
    office("edit", "A.1", "--secrecy", "none")
    assert office.json("show", "A.1")["secrecy"] == "none"
    office.refused(2, "edit", "A.1", "--secrecy", "internal")
    office("audit", "verify")


def test_cases_are_asked_for_and_counted_by_degree(office):
    for number, degree in enumerate(("secret", "top-secret", "none"), start=1):
        office(*PROPOSED, f"A.{number}", "--secrecy", degree)
    office(*PROPOSED, "A.4")

    found = office.json("list", "--secrecy", "secret", "--secrecy", "top-secret")
    assert [one["ref"] for one in found] == ["A.1", "A.2"]
    counted = office.json("list", "--count-by", "secrecy")
    assert {one["secrecy"]: one["cases"] for one in counted} == {
        "none": 1,
        "secret": 1,
        "top-secret": 1,
        None: 1,
    }


def test_a_file_tells_the_degree_in_either_language(office, tmp_path):
    file = tmp_path / "cases.csv"
    file.write_text("ref,title,proposer,Độ mật\nA.1,One,hcmc-pc,Tối mật\n", "utf-8")
    office("import", file)
    assert office.json("show", "A.1")["secrecy"] == "secret"
    file.write_text("ref,title,proposer,secrecy\nA.1,One,hcmc-pc,top-secret\n", "utf-8")
    office("import", file, "--update")
    assert office.json("show", "A.1")["secrecy"] == "top-secret"


def refs(found):
    return [one["ref"] for one in found]


def test_texts_are_read_by_who_may_and_found_by_nobody_else(office):
    """On both engines: what a degree is, and who asks, is a condition of statements."""
    office(*PROPOSED, "A.1", "--secrecy", "secret", "--theme", "ports", "--document", "1/D")
    office(*PROPOSED, "A.2", "--theme", "ports")
    office("assign", "A.1", "--owner", "mofa", "--due", "2040-01-01", "--with", "hcmc-pc")
    office("note", "A.1", "a visa")

    assert refs(office.json("search", "rules")) == ["A.2"]
    assert refs(office.json("search", "visa")) == []
    assert refs(office.json("search", "foreign affairs")) == ["A.1"]
    assert refs(office.json("list", "--theme", "ports")) == ["A.2"]
    themes = {one["theme"]: one["cases"] for one in office.json("report", "progress")["by_theme"]}
    assert themes == {"[withheld]": 1, "ports": 1}
    whole = ("--with-secret", "search", "visa")
    assert refs(office.json(*whole)) == ["A.1"]
    for who, degrees in (("lan", 3), ("thanh", 2), ("minh", 1), ("chi", None)):
        for number, degree in enumerate(("confidential", "secret", "top-secret"), start=1):
            office("edit", "A.1", "--secrecy", degree) if number != 2 else office(
                *("correct", "A.1", "--field", "secrecy", "--to", degree, "--reason", "x")
            )
            asked = ("--with-secret", "--by", who, "show", "A.1")
            if degrees is None:
                assert "chi may not read" in office.refused(6, *asked)["message"]
            else:
                title = "Rules" if number <= degrees else "[withheld]"
                assert office.json(*asked)["title"] == title, (who, degree)
    office("edit", "A.1", "--secrecy", "none")
    assert refs(office.json("search", "visa")) == ["A.1"]
    assert office.json("history", "A.1")[0]["document"] == "1/D"
    office("audit", "verify")


def test_two_people_give_a_degree_and_take_it_away(office):
    office(*PROPOSED, "A.1")
    strict_office(office)
    assert office.json("edit", "A.1", "--secrecy", "secret", "--by", "nga")["title"] == "[withheld]"
    assert office.json("show", "A.1")["secrecy"] is None
    assert office.json("show", "A.1")["title"] == "[withheld]"
    assert office.json("request", "list")[0]["what"] == "[withheld]"
    told = office.json("request", "show", "A.1.R1", "--with-secret")["what"]["changes"]
    assert told == {"secrecy": "secret"}
    office("request", "refuse", "A.1.R1", "--reason", "it is public", "--by", "van")
    assert office.json("show", "A.1")["title"] == "Rules"

    office("edit", "A.1", "--secrecy", "secret", "--by", "nga")
    office("request", "confirm", "A.1.R2", "--by", "van")
    office("edit", "A.1", "--secrecy", "none", "--by", "nga")
    assert office.json("show", "A.1")["title"] == "[withheld]"
    office("request", "confirm", "A.1.R3", "--by", "van")
    assert office.json("show", "A.1")["title"] == "Rules"
    office("audit", "verify")


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_what_stands_for_a_text_is_never_written_as_one(office, tmp_path):
    office(*PROPOSED, "A.1", "--secrecy", "secret")
    error = office.refused(2, "edit", "A.1", "--title", "[withheld]")
    assert "--with-secret" in error["hint"]
    office("export", tmp_path / "cases.csv")
    file = (tmp_path / "cases.csv").read_text("utf-8").replace("A.1,", "A.2,")
    (tmp_path / "cases.csv").write_text(file, "utf-8")
    office.refused(2, "import", tmp_path / "cases.csv")
