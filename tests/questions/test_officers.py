"""An officer handles a case at its owner: a person of it, or of a body below it."""

from shlex import split

import pytest

from casework.rules.owning import stranger


@pytest.fixture
def below(office):
    """The office, with two bodies one below the other under the ministry, and people there."""
    office("org", "add", "law", "--name", "Law Department", "--parent", "mofa")
    office("org", "add", "treaties", "--name", "Treaty Division", "--parent", "law")
    office("person", "add", "an", "--name", "An", "--org", "treaties")
    office("person", "add", "binh", "--name", "Bình", "--org", "vufo")
    office("person", "add", "khach", "--name", "Khách", "--org", "hcmc-pc")
    return office


OWNED = "--owner mofa --due 2087-06-30 --officer"


@pytest.mark.parametrize("officer", ["lan", "an", "nguyen thi lan"])
def test_somebody_of_the_owner_or_below_it_handles_its_case(below, case, officer):
    ref = case("proposed")

    assert below.json("assign", ref, *split(OWNED), officer)["officer"] in {"lan", "an"}
    assert below.json("audit", "verify")["ok"]


@pytest.mark.parametrize("officer", ["binh", "khach"])
def test_nobody_else_does_by_any_command(below, case, officer):
    proposed, assigned = case("proposed"), case("assigned")
    for words in (
        f"assign {proposed} {OWNED} {officer}",
        f"reassign {assigned} --owner mofa --officer {officer} --reason R",
        f"reassign {assigned} --owner law --officer {officer} --reason R",
        f"correct {assigned} --field officer --to {officer} --reason R",
    ):
        error = below.refused(4, *split(words))
        assert officer in error["message"]
        assert "neither the owner" in error["message"]
        assert "person edit" in error["hint"]


def test_a_body_above_the_owner_is_none_below_it(below, case):
    ref = case("proposed")

    error = below.refused(4, *split(f"assign {ref} --owner law --due 2087-06-30 --officer lan"))
    assert "lan works at mofa" in error["message"]
    assert below.json(*split(f"assign {ref} --owner law --due 2087-06-30 --officer an"))


def test_somebody_of_elsewhere_is_an_officer_once_they_are_of_the_owner(below, case):
    ref = case("proposed")
    below.refused(4, "assign", ref, *split(OWNED), "binh")
    below("person", "edit", "binh", "--org", "law")

    assert below.json("assign", ref, *split(OWNED), "binh")["officer"] == "binh"


def test_who_has_moved_on_stays_with_the_case_and_is_not_named_anew(below, case):
    ref = case("proposed")
    below("assign", ref, *split(OWNED), "an")
    below("person", "edit", "an", "--org", "vufo")

    assert below.json("advance", ref)["officer"] == "an"
    assert below.json("extend", ref, "--due", "2087-12-31", "--reason", "R")["officer"] == "an"
    other = case("proposed")
    below.refused(4, "assign", other, *split(OWNED), "an")


def test_a_row_of_a_file_names_an_officer_of_the_owner(below):
    head = (
        "ref,title,proposer,owner,officer,state,proposed_on,assigned_on,due,resolved_on,outcome\n"
    )
    row = "{},T,vufo,mofa,{},{},2022-01-03,2022-01-10,2022-12-30,{}\n"
    wrong = (
        head + row.format("A.1", "an", "assigned", ",") + row.format("A.2", "binh", "assigned", ",")
    )
    error = below.refused(2, "import", "-", input=wrong)

    assert "binh works at vufo" in str(error)
    over = row.format("A.3", "binh", "resolved", "2022-06-01,implemented")
    below("import", "-", input=head + row.format("A.1", "an", "assigned", ",") + over)
    # Who handled what is over may have been of the owner then.
    assert below.json("show", "A.3")["officer"] == "binh"


def test_the_own_export_of_somebody_who_moved_on_comes_in_with_its_history(
    below, case, new_office, tmp_path
):
    ref = case("proposed")
    below("assign", ref, *split(OWNED), "lan")
    below("export", str(tmp_path / "a.jsonl"))
    other = new_office()
    other("person", "edit", "lan", "--org", "vufo")

    other("import", str(tmp_path / "a.jsonl"))
    assert other.json("show", ref)["officer"] == "lan"


def test_the_server_refuses_what_another_program_would_send(below, case, monkeypatch):
    if "://" not in below.url:
        pytest.skip("a file has no server")
    ref = case("proposed")
    monkeypatch.setattr("casework.rules.owning.stranger", lambda *_: None)

    error = below.refused(6, "assign", ref, *split(OWNED), "binh")

    assert "binh does not work at mofa or a body below it" in error["message"]
    assert below.json("assign", ref, *split(OWNED), "an")["officer"] == "an"


def test_the_fault_is_said_of_nobody_s_person_and_of_nobody_s_case():
    assert "no organisation" in str(stranger("x", None, "mofa", {"mofa": None}))
    assert "without an owner" in str(stranger("x", "mofa", None, {"mofa": None}))
    # A circle, which only a damaged store has, ends all the same.
    assert stranger("x", "a", "mofa", {"a": "b", "b": "a", "mofa": None})
