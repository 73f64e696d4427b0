"""Searches: what is found, in which order, and what is not."""

import pytest

from casework.store import compiled, lookup_keys
from casework.system.text import fold


@pytest.fixture
def found(office):
    """A function that searches and returns references, the best first."""

    def search(*words):
        return [one["ref"] for one in office.json("search", *words)]

    return search


def propose(office, ref, title, *more):
    office("propose", "--ref", ref, "--proposer", "hcmc-pc", "--title", title, *more)


def test_letters_and_marks_that_look_alike_are_alike(office, found):
    propose(office, "A.1", "Ðà Nẵng")
    propose(office, "A.2", "People’s Committee – “one door”")
    office("org", "add", "x", "--name", "Sở Ngoại vụ Ðà Nẵng")
    for words in ("da nang", "Đà Nẵng", "Ðà Nẵng", "đà nẵng"):
        assert found(words)[0] == "A.1"
    for words in ("people's", 'people’s committee - "one door"', "committee – “one"):
        assert found(words)[0] == "A.2"
    assert office.json("org", "show", "so ngoai vu da nang")["code"] == "x"


def test_a_phrase_stands_within_one_text(office, found):
    propose(office, "A.1", "Rules for offices", "--title-vi", "Quy định về văn phòng")
    propose(office, "A.2", "Other", "--summary", "offices quy")

    assert found("offices quy") == ["A.2"]
    assert found("offices", "quy") == ["A.1", "A.2"]
    assert found("quy dinh ve") == ["A.1"]


def test_whole_words_come_before_parts_and_titles_before_other_texts(office, found):
    office("org", "edit", "hcmc-pc", "--alias", "An Bình")
    propose(office, "A.1", "Văn bản toàn diện")
    propose(office, "A.2", "Other", "--source", "an ninh")
    propose(office, "A.3", "An ninh biên giới")
    propose(office, "A.4", "Lạng Sơn", "--title-vi", "Đắk Lắk")
    propose(office, "A.5", "Tỉnh Sơn La")
    office("coordinate", "A.4", "--with", "vufo")

    assert found("an")[:2] == ["A.3", "A.2"]
    assert found("son", "la")[0] == "A.5"
    assert sorted(found("an")) == ["A.1", "A.2", "A.3", "A.4", "A.5"]


def test_references_numbers_sources_acts_and_answers_are_found(office, found, case):
    ref = case("under_study")
    office("answer", ref, "--outcome", "explained", "--answer", "Nghị định 6", "--document", "3/TT")
    new = ["--source", "Thông báo 12/TB-VPCP, trang 4", "--instrument", "Luật 91/2025/QH15"]
    propose(office, "NFAC-20.777", "Other", *new, "--theme", "an-ninh", "--words", "sớm nhất")
    expected = {
        "3/TT": [ref],
        "nghi dinh": [ref],
        "12/tb": ["NFAC-20.777"],
        "trang 4": ["NFAC-20.777"],
        "91/2025": ["NFAC-20.777"],
        "an-ninh": ["NFAC-20.777"],
        "som nhat": ["NFAC-20.777"],
        "20.777": ["NFAC-20.777"],
        "nfac-20.777": ["NFAC-20.777"],
        "NFAC–20.777": ["NFAC-20.777"],
        "777": ["NFAC-20.777"],
    }

    assert {words: found(words) for words in expected} == expected
    assert office.json("show", "NFAC–20.777")["ref"] == "NFAC-20.777"


def test_organisations_are_found_in_every_part_they_take(office, found, case):
    owned, other = case("assigned", owner="mofa"), case()
    office("coordinate", other, "--with", "vufo")
    new = ["--addressee", "vufo"]
    propose(office, "A.1", "Other", *new)

    assert found("bo ngoai giao") == [owned]
    assert found("BNG") == [owned]
    assert sorted(found("huu nghi")) == ["A.1", other]
    assert owned in found("hcmc-pc")
    assert found("bo ngoai giao", "huu nghi") == []
    listed = office.json("list", "--text", "bo ngoai giao", "--count-by", "owner")
    assert listed == [{"owner": "mofa", "cases": 1}]


def test_notes_are_found_as_of_their_day_and_once_erased_no_more(office, found, case):
    ref = case("assigned", due="2099-12-31")
    office("note", ref, "Ông Trần Văn Ất gọi điện", "--effective", "2022-03-01")

    assert found("tran van at") == [ref]
    listed = ["list", "--text", "goi dien", "--as-of"]
    assert [one["ref"] for one in office.json(*listed, "2022-03-01")] == [ref]
    assert office.json(*listed, "2022-02-28") == []
    event = next(one for one in office.json("history", ref) if one["act"] == "note")
    office(
        *("redact", ref, "--field", "note", "--event", str(event["seq"])),
        *("--basis", "Law 91/2025/QH15", "--consent", "chi"),
    )
    assert found("tran van at") == []


def test_papers_that_only_an_act_names_are_found_as_of_its_day(office, found, case):
    ref, other = case("assigned", due="2099-12-31"), case("assigned")
    paper = ["--document", "15/TB-BNG", "--effective", "2022-03-01"]
    office("extend", ref, "--due", "2100-06-30", "--reason", "r", *paper)
    office("hold", other, "--reason", "r", "--document", "16/TB-BNG", "--effective", "2022-03-01")

    assert (found("15/tb-bng"), found("16/TB-BNG")) == ([ref], [other])
    assert sorted(found("tb-bng")) == sorted([ref, other])
    assert found("15/tb") == [ref]
    assert office.json("list", "--text", "15/TB-BNG", "--as-of", "2022-02-28") == []


def test_notes_and_papers_are_read_by_their_indexes(office):
    known = {"ix_event_note": compiled.NOTES, "ix_event_paper": compiled.PAPERS}
    with office.store().reading() as connection:
        if connection.engine != "sqlite":
            pytest.skip("PostgreSQL chooses by how many rows there are")
        for index, statement in known.items():
            values = {**statement.fixed, "day": "2022-03-01", "until": 99}
            plan = connection.driver.execute(f"EXPLAIN QUERY PLAN {statement.text}", values)
            assert index in str(plan.fetchall())


def test_a_phrase_that_finds_nothing_is_told_what_quotes_mean(office, case):
    case(title="Văn phòng đại diện của địa phương nước ngoài")
    phrase = office("search", "dia phuong van phong")
    one_word = office("search", "khongcogi")

    assert "casework search dia phuong van phong" in phrase.stderr
    for marked in ('"dia phuong van phong"', "“dia phuong  van phong”"):
        assert "casework search dia phuong van phong\n" in office("search", marked).stderr
    assert "casework search" not in one_word.stderr
    assert "none" in one_word.stderr


@pytest.mark.parametrize("limit", ["99999999999999999999", "0", "-1", "x"])
def test_a_limit_that_is_none_is_refused(office, limit):
    office.refused(2, "list", "--limit", limit)
    office.refused(2, "search", "x", "--limit", limit)


def test_the_limit_keeps_the_best(office, found):
    propose(office, "A.1", "Vannier")
    propose(office, "A.2", "Van")

    assert found("van", "--limit", "1") == ["A.2"]


def test_a_reference_that_differs_in_a_dash_alone_is_taken(office):
    propose(office, "A-1", "One")
    error = office.refused(5, "propose", "--ref", "A–1", "--proposer", "mofa", "--title", "T")

    assert "A-1" in error["message"]


def test_an_upgrade_makes_anew_what_is_searched(office, found):
    """A store of before holds other search texts and names; it is made what this program makes."""
    propose(office, "A.1", "Ðà Nẵng – People’s")
    propose(office, "A.2", "Plain")
    office("org", "add", "x", "--name", "Sở Ðà Nẵng")
    assert fold("Sở Ðà Nẵng") == "so da nang"
    office.sql(
        "UPDATE \"case\" SET search = 'ða nang – people’s' WHERE ref = 'A.1'",
        "UPDATE name_key SET folded = 'so ða nang' WHERE code = 'x' AND folded <> 'x'",
    )
    with office.store().migrating() as connection:
        assert lookup_keys.renew(connection) == 3
        assert lookup_keys.renew(connection) == 0

    assert found("da nang") == ["A.1"]
    assert office.json("org", "show", "so da nang")["code"] == "x"
    office("audit", "verify")
    office("db", "check")
