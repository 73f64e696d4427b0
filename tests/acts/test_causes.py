"""The causes for which cases come late: an office keeps a list of them."""

STORM = ("cause", "add", "storm", "--name", "Natural disaster", "--name-vi", "Thiên tai")
SLOW = ("cause", "add", "slow", "--name", "Opinions came late", "--whose", "coordinating")


def test_an_office_keeps_a_list_of_causes(office):
    assert office.json("cause", "list") == []
    added = office.json(*STORM, "--objective", "yes", "--whose", "outside")
    office(*SLOW, "--objective", "no")

    assert added == office.json("cause", "show", "thien tai")
    assert (added["code"], added["objective"], added["whose"]) == ("storm", "yes", "outside")
    assert [one["code"] for one in office.json("cause", "list")] == ["slow", "storm"]
    assert "bên ngoài" in office("cause", "show", "storm", "--lang", "vi").stdout
    office("cause", "edit", "storm", "--name", "Storm or flood", "--reason", "wider")
    assert office.json("cause", "show", "storm or flood")["version"] == 2
    assert office.json("audit", "log", "--field", "objective")[0]["key"] == "storm"
    office("audit", "verify")


def test_a_cause_is_retired_once_and_keeps_its_name(office):
    office(*STORM, "--objective", "yes")
    words = ("cause", "retire", "storm", "--reason", "split", "--effective", "2026-01-31")
    office(*words, "--dry-run")
    assert office.json("cause", "show", "storm")["retired_on"] is None
    retired = office.json(*words)

    assert (retired["retired_on"], retired["name"]) == ("2026-01-31", "Natural disaster")
    assert "storm has been retired since 2026-01-31" in office.refused(4, *words)["message"]
    assert "31/01/2026" in office("cause", "list", "--lang", "vi").stdout


def test_what_is_no_cause_is_refused(office):
    office(*STORM, "--objective", "yes")

    office.refused(5, "cause", "add", "STORM", "--name", "Another", "--objective", "no")
    office.refused(2, "cause", "add", "other", "--name", "Another")
    office.refused(2, "cause", "add", "a b", "--name", "Another", "--objective", "no")
    office.refused(2, "cause", "add", "other", "--name", "Another", "--objective", "maybe")
    office.refused(2, "cause", "add", "other", "--name", " ", "--objective", "no")
    office.refused(3, "cause", "edit", "flood", "--name", "Flood")
    office.refused(4, "cause", "edit", "storm", "--name", "Natural disaster")
    office.refused(4, "cause", "retire", "storm", "--reason", "r", "--effective", "2999-01-01")
    office.refused(
        6, "cause", "add", "other", "--name", "Another", "--objective", "no", "--by", "lan"
    )
