"""The cases of a query or a view, wherever a question takes one: the same as a list finds."""

import pytest


@pytest.fixture
def register(office, case, monkeypatch, tmp_path):
    """A case that is late, one that is not begun, one that waits to be resolved, and one more."""
    monkeypatch.setenv("CASEWORK_CONFIG", str(tmp_path / "config.toml"))
    case("assigned", ref="A.1", title="Rules on visas")
    case("assigned", ref="A.2", owner="vufo", title="Visas again")
    case("under_study", ref="A.3", due="2999-12-31", title="Một kiến nghị về visas")
    case("proposed", ref="A.4", title="Schools")
    office("answer", "A.3", "--outcome", "explained", "--answer", "Because")
    office("note", "A.1", "asked for a draft")
    office("view", "save", "theirs", "--owner", "mofa", "--sort", "due", "--shared")
    office("view", "save", "mine", "--owner", "vufo")
    return office


WAYS = (
    (["--view", "theirs"], {"A.1", "A.3"}),
    (["--view", "mine"], {"A.2"}),
    (["--where", "owner:mofa or no-owner"], {"A.1", "A.3", "A.4"}),
    (["--view", "theirs", "--where", "title:kien or overdue"], {"A.1", "A.3"}),
    (["--view", "theirs", "--where", "overdue"], {"A.1"}),
    (["--where", "ref:none"], set()),
)


@pytest.mark.parametrize(("words", "found"), WAYS)
def test_a_question_is_of_the_cases_that_a_list_finds(register, words, found):
    def told(*question):
        return register.json(*question, *words)

    assert {one["ref"] for one in told("list")} == found
    assert {one["ref"] for one in told("search", "visas")} == found - {"A.4"}
    assert {one["ref"] for one in told("next")} == found
    log = told("audit", "log")
    whole = register.json("audit", "log")
    assert log == [one for one in whole if one["kind"] == "case" and one["key"] in found]
    findings = told("audit", "findings")
    assert findings == [one for one in register.json("audit", "findings") if one["ref"] in found]
    assert bool(findings) == bool(found)


def test_next_keeps_its_order_and_its_limit_under_a_query(register):
    whole = [one["ref"] for one in register.json("next")]
    few = [one["ref"] for one in register.json("next", "--where", "not ref:A.1", "--limit", "2")]

    assert few == [ref for ref in whole if ref != "A.1"][:2]


def test_next_tells_what_waits_on_the_cases_of_a_query_alone(register):
    for ref in ("A.1", "A.2"):
        register(
            "person",
            "add",
            f"p-{ref[-1]}",
            "--name",
            "P",
            "--org",
            f"{'mofa' if ref == 'A.1' else 'vufo'}",
        )
        register("extend", ref, "--due", "2999-06-30", "--reason", "x", "--by", f"p-{ref[-1]}")

    asked = [one for one in register.json("next") if one["why"] == "to_answer"]
    assert {one["ref"] for one in asked} == {"A.1", "A.2"}
    (one,) = (one for one in register.json("next", "--view", "theirs") if one["why"] == "to_answer")
    assert one["ref"] == "A.1"


def test_findings_are_of_the_cases_that_met_the_query_as_was_known_then(register):
    known = ("--known-at", register.json("audit", "log")[-1]["recorded_at"])
    register("assign", "A.4", "--owner", "mofa", "--due", "2999-01-31", "--effective", "2022-05-01")
    words = ("audit", "findings", "--where", "no-owner")

    assert register.json(*words) == []
    assert {one["ref"] for one in register.json(*words, *known)} == {"A.4"}


def test_evidence_is_of_the_cases_of_a_view(register, tmp_path):
    told = register.json("audit", "export", "--view", "theirs", "--to", tmp_path / "e")

    assert sorted(one.name for one in (tmp_path / "e").iterdir() if one.is_dir()) == [
        "001-A.1",
        "002-A.3",
    ]
    assert told
    register.refused(2, "audit", "export", "A.1", "--view", "theirs", "--to", tmp_path / "f")


def test_the_shell_asks_of_what_is_used(register):
    lines = (
        "use view mine",
        "next",
        "search visas",
        "audit findings --all",
        "audit log --act assign",
    )
    told = register.run("shell", input="".join(f"{line}\n" for line in lines)).stdout

    assert "A.2" in told
    assert "A.1" not in told


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("--where", "owner:("), 2),
        (("--where", "owner:nobody"), 3),
        (("--view", "nothing"), 3),
        (("--view", "few"), 2),
        (("--view", "mine", "--where", "open) or (resolved"), 2),
    ],
)
def test_a_query_that_cannot_be_asked_is_refused(register, words, code):
    register("view", "save", "few", "--open", "--limit", "1")

    for question in ("search visas", "next", "audit findings", "audit log"):
        assert register.refused(code, *question.split(), *words)["message"], question


def test_what_a_query_finds_of_a_secret_case_is_told_to_nobody(register):
    register(
        "propose", "--title", "Visas", "--proposer", "vufo", "--ref", "S.1", "--secrecy", "secret"
    )

    for question in ("next", "audit log", "audit findings"):
        told = register.json(*question.split(), "--where", "title:visas")
        assert told, question
        assert "S.1" not in str(told), question
