"""Names of organisations: whose they are, on which days, and how a slip is put right."""

import pytest
from offices import alike


def code_of(office, words, *more):
    return office.json("org", "show", words, *more)["code"]


def test_a_name_another_organisation_bears_is_refused_whichever_kind_of_name_it_is(office):
    taken = {
        ("--name", "Bộ Ngoại giao"): "name of mofa",
        ("--name", "BO NGOAI GIAO"): "name of mofa",
        ("--name", "X", "--name-vi", "Ministry of Foreign Affairs"): "name of mofa",
        ("--name", "X", "--alias", "bng"): "alias of mofa",
        ("--name", "X", "--alias", "MOFA"): "code of mofa",
    }
    for words, told in taken.items():
        for act in (("add", "x1"), ("edit", "vufo")):
            error = office.refused(5, "org", *act, *words)

            assert told in error["message"]
    assert code_of(office, "bộ ngoại giao") == "mofa"


def test_a_code_that_is_a_name_of_another_is_refused(office):
    error = office.refused(5, "org", "add", "BNG", "--name", "Another")

    assert "BNG" in error["message"]
    assert "mofa" in error["message"]


def test_a_slip_of_before_names_were_guarded_can_be_put_right(office):
    alike(office, "x1", "Bộ Ngoại giao")
    office.refused(5, "org", "show", "bo ngoai giao")
    office.refused(4, "org", "edit", "x1", "--drop-alias", "Bộ Ngoại giao")
    office("org", "edit", "x1", "--name", "Test")
    office.refused(5, "org", "show", "bo ngoai giao")
    office("org", "edit", "x1", "--drop-alias", "bo ngoai giao", "--email", "x@y.example")

    assert code_of(office, "bo ngoai giao") == "mofa"
    assert office.json("org", "show", "x1")["aliases"] == []
    assert office("audit", "verify")


def test_a_former_name_is_dropped_in_the_act_that_renames(office):
    office("org", "edit", "vufo", "--name", "Friends", "--alias", "FR")
    office("org", "edit", "vufo", "--name", "Union", "--drop-alias", "friends")

    named = office.json("org", "show", "vufo")
    assert named["aliases"] == ["FR", "Union of Friendship Organizations"]
    office.refused(3, "org", "show", "friends")
    error = office.refused(3, "org", "edit", "vufo", "--drop-alias", "Friends")
    assert "FR" in error["hint"]


@pytest.fixture
def provinces(office):
    """A province of today that bears the name of one it was made of."""
    office("org", "add", "old-lc", "--name", "UBND tỉnh Lào Cai", "--valid-from", "1991-10-01")
    office("org", "add", "yenbai", "--name", "UBND tỉnh Yên Bái")
    ended = ["--on", "2021-06-30", "--reason", "Resolution 202/2025/QH15"]
    error = office.refused(5, "org", "add", "new-lc", "--name", "UBND tỉnh Lào Cai")
    assert "old-lc" in error["message"]
    office("org", "end", "old-lc", *ended)
    office("org", "end", "yenbai", *ended)
    return office


def test_a_province_of_today_and_one_it_was_made_of_may_share_a_name(provinces):
    add = ["org", "add", "new-lc", "--name", "UBND tỉnh Lào Cai"]
    without_a_day = provinces.refused(5, *add)
    too_early = provinces.refused(5, *add, "--valid-from", "2021-06-30")
    provinces(*add, "--valid-from", "2021-07-01")
    propose = ["propose", "--title", "T", "--proposer", "ubnd tinh lao cai", "--effective"]
    before = provinces.json(*propose, "2021-06-30")
    after = provinces.json(*propose, "2021-07-01")

    assert "2021-07-01" in without_a_day["hint"]
    assert "2021-07-01" in too_early["hint"]
    assert (before["proposer"], after["proposer"]) == ("old-lc", "new-lc")
    assert code_of(provinces, "UBND tỉnh Lào Cai") == "new-lc"


def test_each_act_and_question_looks_a_name_up_on_its_own_day(provinces):
    office, name = provinces, "ubnd tinh lao cai"
    office("org", "add", "new-lc", "--name", "UBND tỉnh Lào Cai", "--valid-from", "2021-07-01")
    propose = ["propose", "--title", "T", "--proposer", "hcmc-pc", "--effective", "2021-01-04"]
    ref = office.json(*propose, "--addressee", name, "--with", name)["ref"]
    early = ["--effective", "2021-02-01"]
    owned = office.json("assign", ref, "--owner", name, "--due", "2999-01-01", *early)
    moved = office.json("reassign", ref, "--owner", name, "--reason", "r")

    assert owned["owner"] == "old-lc"
    assert moved["owner"] == "new-lc"
    asked = ["list", "--owner", name, "--count-by", "owner"]
    assert office.json(*asked) == [{"owner": "new-lc", "cases": 1}]
    assert office.json(*asked, "--as-of", "2021-03-01") == [{"owner": "old-lc", "cases": 1}]
    report = office.json("report", "workload", "--owner", name, "--as-of", "2021-03-01")
    assert "old-lc" in str(report)


def test_a_name_that_two_bear_on_the_day_stays_ambiguous(office):
    for code in ("danang", "dalat"):
        alike(office, code, code, "Sở Ngoại vụ")
    office.refused(5, "org", "show", "so ngoai vu")
    office("org", "end", "dalat", "--on", "2022-06-30", "--reason", "merged")

    assert code_of(office, "so ngoai vu") == "danang"
    office("org", "end", "danang", "--on", "2022-06-30", "--reason", "merged")
    office.refused(5, "org", "show", "so ngoai vu")


def test_an_exact_code_wins_over_the_alias_of_another(office, case):
    """As it may stand in a register of before this was refused."""
    alike(office, "others", "Others", "VUFO", "Friends")
    ref = case("assigned", owner="vufo")

    assert office.json("show", ref)["owner"] == "vufo"
    assert code_of(office, "Vufo") == "vufo"


def test_a_file_looks_names_up_on_the_day_of_each_row(provinces):
    provinces("org", "add", "new-lc", "--name", "UBND tỉnh Lào Cai", "--valid-from", "2021-07-01")
    rows = "ref,title,proposer,addressee,proposed_on,conference\n" + "".join(
        f"A.{number},T,ubnd tinh lao cai,UBND tỉnh Lào Cai,{day},{conference}\n"
        for number, (day, conference) in enumerate(
            [("2021-06-30", ""), ("2021-07-01", ""), ("", "NFAC-20"), ("", "")], start=1
        )
    )
    provinces("import", "-", input=rows)
    found = [provinces.json("show", f"A.{number}") for number in range(1, 5)]

    assert [one["proposer"] for one in found] == ["old-lc", "new-lc", "new-lc", "new-lc"]
    assert [one["addressee"] for one in found] == ["old-lc", "new-lc", "new-lc", "new-lc"]
