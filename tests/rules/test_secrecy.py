"""The degree of secrecy of a case: set, asked for, counted and exchanged as any field."""

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
