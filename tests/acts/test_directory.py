"""Organisations and people: how they are found, what they are called, who may act."""

import unicodedata

import pytest

from casework.system.platforms import login as os_login


def test_an_organisation_is_found_by_code_name_and_alias_without_case_or_diacritics(office):
    office("org", "add", "danang", "--name", "DFA", "--name-vi", "Sở Ngoại vụ Đà Nẵng")
    expected = {
        "mofa": "mofa",
        "MOFA": "mofa",
        "Bộ Ngoại giao": "mofa",
        unicodedata.normalize("NFD", "Bộ Ngoại giao"): "mofa",
        "BO NGOAI GIAO": "mofa",
        "  bo\u00a0ngoai   giao ": "mofa",
        "ministry of foreign AFFAIRS": "mofa",
        "bng": "mofa",
        "so ngoai vu da nang": "danang",
        "SỞ NGOẠI VỤ ĐÀ NẴNG": "danang",
    }
    found = {words: office.json("org", "show", words)["code"] for words in expected}

    assert found == expected


def test_what_was_registered_is_named_in_the_readers_language(office):
    names = ("--name", "DFA", "--name-vi", "Sở Ngoại vụ", "--kind", "unit")

    assert office("org", "add", "danang", *names).stdout == "danang  DFA\n"
    shown = office("org", "edit", "danang", "--alias", "SNV", "--lang", "vi").stdout
    assert shown == "danang  Sở Ngoại vụ\n"
    only = office("org", "add", "hue", "--name", "DFA of Hue", "--lang", "vi").stdout
    assert only == "hue  DFA of Hue\n"


def test_people_and_conferences_are_found_by_their_names_too(office):
    office("conference", "add", "NFAC-22", "--name-vi", "Hội nghị Đối ngoại", "--alias", "HNĐN")
    found = [
        office.json("person", "show", "nguyen thi lan")["code"],
        office.json("conference", "show", "nfac-20")["code"],
        office.json("conference", "show", "hoi nghi doi ngoai")["code"],
        office.json("conference", "show", "hndn")["code"],
    ]

    assert found == ["lan", "NFAC-20", "NFAC-22", "NFAC-22"]


@pytest.mark.parametrize("words", ["20", "Hội nghị 20", "hội nghị lần thứ 20", "20th conference"])
def test_a_conference_is_found_by_its_number(office, words):
    assert office.json("conference", "show", words)["code"] == "NFAC-20"


def test_a_number_of_two_conferences_names_neither_and_a_name_comes_first(office):
    office("conference", "add", "VN-20", "--number", "20")
    assert "NFAC-20, VN-20" in office.refused(5, "conference", "show", "hội nghị 20")["message"]

    office("conference", "add", "20")
    assert office.json("conference", "show", "20")["code"] == "20"
    office.refused(3, "conference", "show", "22")


def test_an_unknown_name_is_answered_with_the_nearest(office):
    expected = {
        ("org", "mofaa"): "nearest: mofa;",
        ("org", "bo ngoai gia"): "nearest: mofa;",
        ("person", "Nguyễn Thi Lam"): "nearest: lan;",
        ("conference", "NFAC-2"): "NFAC-20",
    }
    for (noun, words), near in expected.items():
        error = office.refused(3, noun, "show", words)

        assert words in error["message"]
        assert near in error["hint"]


def test_parents_and_successors_make_no_circles(office):
    office("org", "add", "cnv", "--name", "Department", "--parent", "mofa")
    office("org", "add", "desk", "--name", "Desk", "--parent", "bo ngoai giao")
    office("org", "edit", "desk", "--parent", "cnv")
    for parent in ("mofa", "cnv", "desk"):
        office.refused(4, "org", "edit", "mofa", "--parent", parent)
    office("org", "end", "cnv", "--on", "2022-06-30", "--successor", "desk", "--reason", "merged")
    for successor in ("desk", "cnv"):
        ending = ["--on", "2023-06-30", "--successor", successor, "--reason", "merged"]
        office.refused(4, "org", "end", "desk", *ending)

    assert office.json("org", "show", "desk")["parent"] == "cnv"
    assert office.json("org", "show", "cnv")["successor"] == "desk"


def test_an_organisation_ends_once_and_never_before_it_began(office):
    office("org", "add", "unit", "--name", "Unit", "--valid-from", "2022-01-01")
    early = office.refused(4, "org", "end", "unit", "--on", "2021-12-31", "--reason", "r")
    office("org", "end", "unit", "--on", "2022-01-01", "--reason", "a day was enough")
    twice = office.refused(4, "org", "end", "unit", "--on", "2023-01-01", "--reason", "again")

    assert "2022-01-01" in early["message"]
    assert "2022-01-01" in twice["message"]


def test_a_case_goes_only_to_an_organisation_that_exists_on_that_day(office, case):
    office("org", "add", "unit", "--name", "Unit", "--valid-from", "2022-03-01")
    office("org", "end", "unit", "--on", "2022-06-30", "--successor", "mofa", "--reason", "merged")
    ref, other = case(), case("assigned")
    give = ["assign", ref, "--owner", "unit", "--due", "2022-12-31", "--effective"]
    early = office.refused(4, *give, "2022-02-28")
    late = office.refused(4, *give, "2022-07-01")
    again = office.refused(4, "reassign", other, "--owner", "unit", "--reason", "r")
    office(*give, "2022-06-30")

    assert "2022-03-01" in early["message"]
    assert "mofa" in late["hint"]
    assert "mofa" in again["hint"]
    assert office.json("show", ref)["owner"] == "unit"


def test_a_collective_may_coordinate_but_not_own(office, case):
    ref = case()
    error = office.refused(4, "assign", ref, "--owner", "central", "--due", "2999-01-01")
    office("assign", ref, "--owner", "mofa", "--due", "2999-01-01", "--with", "central")
    office.refused(4, "reassign", ref, "--owner", "central", "--reason", "r")

    assert "collective" in error["message"]
    assert office.json("show", ref)["coordinating"] == ["central"]


def test_kinds_may_be_written_as_in_running_text(shell):
    expected = {
        "people's committee": "peoples-committee",
        "People’s Committee": "peoples-committee",
        "peoples-committee": "peoples-committee",
        "Party body": "party-body",
        "MINISTRY": "ministry",
    }
    added = {}
    for number, written in enumerate(expected):
        words = ["org", "add", f"x{number}", "--name", f"X {number}", "--kind", written]
        added[written] = shell.json(*words)["kind"]

    assert added == expected


def test_an_unknown_kind_or_role_is_refused_and_names_the_known_ones(office):
    kind = office.refused(2, "org", "add", "x", "--name", "X", "--kind", "club")
    role = office.refused(2, "person", "add", "x", "--name", "X", "--org", "mofa", "--role", "boss")

    assert "locality" in kind["message"]
    assert "inspector" in role["message"]


def test_a_code_is_taken_whatever_its_case_or_diacritics(office):
    for noun, code, taken, words in (
        ("org", "da-nang", "Đà-Nẵng", ["--name", "X"]),
        ("person", "duc", "ĐỨC", ["--name", "X", "--org", "mofa"]),
        ("conference", "ĐN-1", "dn-1", []),
    ):
        office(noun, "add", code, *words)
        error = office.refused(5, noun, "add", taken, *words)

        assert taken in error["message"]


def test_a_role_says_what_its_person_may_do(office, case):
    expected = {
        ("secretariat", "vufo"): {"propose", "assign", "advance", "note", "org"},
        ("desk", "mofa"): {"advance", "note"},
        ("desk", "hcmc-pc"): {"note"},
        ("desk", "vufo"): set(),
        ("inspector", "mofa"): set(),
        ("admin", "mofa"): {"org"},
    }
    proposed, assigned = case(), case("assigned")
    acts = {
        "propose": ["propose", "--title", "T", "--proposer", "vufo"],
        "assign": ["assign", proposed, "--owner", "mofa", "--due", "2999-01-01"],
        "advance": ["advance", assigned],
        "note": ["note", assigned, "words"],
        "org": ["org", "add", "x", "--name", "X"],
    }
    found = {}
    for number, (role, org) in enumerate(expected):
        code = f"p{number}"
        office("person", "add", code, "--name", "P", "--org", org, "--role", role)
        codes = {
            act: office.run(*words, "--by", code, "--dry-run").exit_code
            for act, words in acts.items()
        }

        assert set(codes.values()) <= {0, 6}
        found[role, org] = {act for act, exit_code in codes.items() if exit_code == 0}

    assert found == expected


@pytest.mark.parametrize("how", ["add", "edit"])
def test_the_registrar_hands_the_login_over_to_the_person_it_belongs_to(office, how):
    if how == "add":
        office("person", "add", "hoa", "--name", "Hoa", "--org", "mofa", "--login", os_login())
    else:
        office("person", "edit", "chi", "--login", os_login())
    person = "hoa" if how == "add" else "chi"
    handed = office.json("audit", "log", "--field", "login")[-2:]

    assert office.json("person", "show", "registrar")["login"] is None
    assert office.json("person", "show", person)["login"] == os_login()
    assert [event["key"] for event in handed] == ["registrar", person]
    assert office.run("propose", "--title", "T", "--proposer", "vufo").exit_code == 6
    assert office.json("audit", "verify")["ok"] is True


def test_a_login_is_one_person(office):
    office("person", "edit", "lan", "--login", "nguyenlan")
    added = ["--name", "X", "--org", "mofa", "--login", "nguyenlan"]
    error = office.refused(5, "person", "add", "other", *added)
    office.refused(5, "person", "edit", "minh", "--login", "nguyenlan")

    assert "lan" in error["message"]


def test_a_deactivated_person_may_not_act_and_gives_the_login_back(office, case):
    ref = case("assigned")
    office("person", "edit", "lan", "--login", "nguyenlan")
    office("person", "deactivate", "lan", "--on", "2022-06-30", "--reason", "moved on")
    error = office.refused(6, "advance", ref, "--by", "lan")
    twice = office.refused(4, "person", "deactivate", "lan", "--reason", "again")
    office("person", "edit", "minh", "--login", "nguyenlan")

    assert "2022-06-30" in error["message"]
    assert "2022-06-30" in twice["message"]
    assert office.json("person", "show", "minh")["login"] == "nguyenlan"


def test_a_person_cannot_leave_on_a_day_to_come(office):
    error = office.refused(4, "person", "deactivate", "lan", "--on", "2999-01-01", "--reason", "R")
    office("org", "add", "x", "--name", "X", "--by", "chi")

    assert "2999-01-01" in error["message"]
    assert office.json("person", "show", "lan")["ended_on"] is None


def test_a_login_without_a_person_must_say_who_acts(office):
    office("person", "deactivate", "registrar", "--reason", "handed over")
    error = office.refused(3, "org", "add", "x", "--name", "X")
    office("org", "add", "x", "--name", "X", "--by", "chi")

    assert "--by" in error["hint"]
    assert office.refused(3, "org", "add", "y", "--name", "Y", "--by", "nobody")["message"]
