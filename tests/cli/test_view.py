"""Lists that are kept under a name, in the configuration."""

import pytest

from casework.acts import actors, named
from casework.kinds.records import View

pytestmark = pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
LATE = ("view", "save", "late", "--overdue", "--sort", "-due", "--columns", "ref,title")


@pytest.fixture
def register(office, monkeypatch, tmp_path):
    monkeypatch.setenv("CASEWORK_CONFIG", str(tmp_path / "config.toml"))
    for ref, due in (("A.1", "2022-01-31"), ("A.2", "2022-03-31"), ("A.3", "2999-01-01")):
        then = ("--effective", "2021-01-05")
        office("propose", "--title", f"Đề án {ref}", "--proposer", "hcmc-pc", "--ref", ref, *then)
        office("assign", ref, "--owner", "mofa", "--due", due, *then)
    return office


def refs(office, *words):
    return [one["ref"] for one in office.json(*words)]


def test_a_view_lists_what_it_was_saved_with_and_what_is_typed_counts_more(register):
    register(*LATE)

    assert refs(register, "list", "--view", "late") == ["A.2", "A.1"]
    assert refs(register, "list", "--view=late", "--sort", "ref") == ["A.1", "A.2"]
    assert refs(register, "list", "--view", "late", "--limit", "1") == ["A.2"]
    assert register("late").stdout == register("list", "--view", "late").stdout
    assert register("list", "--view", "late").stdout.split()[:2] == ["ref", "title"]


@pytest.mark.parametrize("order", ["-owner,due", "-original-due", "-proposer"])
@pytest.mark.parametrize("where", [(), ("--shared", "--reason", "for everybody")])
def test_the_order_of_a_view_may_begin_with_a_hyphen(register, order, where):
    register("view", "save", "late", "--overdue", "--sort", order, "--limit", "5", *where)
    (kept,) = register.json("view", "list")

    assert f"--sort={order} --limit 5" in str(kept)
    asked = ("list", "--overdue", "--sort", order)
    assert refs(register, "list", "--view", "late") == refs(register, *asked)


def test_views_are_listed_replaced_and_dropped(register):
    register(*LATE)
    register("config", "set", "alias.o", "status")
    register("view", "save", "late", "--where", 'owner:mofa and due<"1/3/2022"')

    assert [one["name"] for one in register.json("view", "list")] == ["late"]
    assert refs(register, "list", "--view", "late") == ["A.1"]
    register("view", "drop", "late")
    assert register.json("view", "list") == []
    assert "alias.o" in register("config", "list").stdout


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("list", "--view", "lat"), 3),
        (("view", "drop", "lat"), 3),
        (("view", "drop", "o"), 3),
        (("list", "--view", "o"), 3),
        (("view", "save", "late"), 0),
        (("view", "save", "x", "--nope"), 2),
        (("view", "save", "x", "--sort", "colour"), 2),
        (("view", "save", "x", "--view", "late"), 2),
        (("view", "save", "list", "--open"), 2),
        (("view", "save", "a b", "--open"), 2),
        (("view", "save"), 2),
    ],
)
def test_what_is_no_view_is_refused(register, words, code):
    register(*LATE)
    register("config", "set", "alias.o", "status")

    found = register.run(*words)
    assert found.exit_code == code
    assert "see  --help" not in found.stderr
    assert [one["name"] for one in register.json("view", "list")] == ["late"]


def test_a_table_has_the_columns_that_are_configured(register, tmp_path):
    register("config", "set", "columns", "due,ref")

    assert register("list").stdout.split()[:3] == ["due", "ref", "2022-01-31"]
    assert register("list", "--columns", "ref").stdout.split()[:2] == ["ref", "A.1"]
    assert register.refused(2, "config", "set", "columns", "due,reff")["hint"] == "nearest: ref"
    assert "title" in register.json("list")[0]
    register("list", "--output", tmp_path / "a.html")
    page = (tmp_path / "a.html").read_text("utf-8").casefold()
    assert ">due</th>" in page
    assert ">title</th>" not in page


def test_acts_exports_and_the_shell_go_by_a_view(register, tmp_path):
    register(*LATE)
    for words in (
        *(["--open", "--text", "đề án", "--limit", "1"], ["--due-before", "2022-02-01"]),
        *(["--state", "assigned", "--owner", "mofa", "--where", "due<2022-02-01 or no-due"],),
        *(["--no-officer", "--not-on-hold", "--changed-since", "2020"], ["--sort", "title"]),
    ):
        register("view", "save", f"v{len(words)}", *words)

    left = register.json("note", "--view", "late", "--text", "asked", "--yes")
    assert [one["ref"] for one in left] == ["A.1", "A.2"]
    late = ("--view", "late", "--where", "not ref:A.2", "--text", "again", "--yes")
    assert [one["ref"] for one in register.json("note", *late)] == ["A.1"]
    lines = ("use view late", "list --columns ref", "note --text once --yes")
    told = register.run("shell", input="".join(f"{line}\n" for line in lines))
    assert told.stdout.split()[:3] == ["ref", "A.1", "A.2"]
    assert sum(one["act"] == "note" for one in register.json("history", "A.2")) == 2
    for name, found in {"late": 2, "v2": None, "v6": 1, "v4": 3}.items():
        file = tmp_path / f"{name}.csv"
        if found is not None:
            register("export", file, "--view", name)
            assert file.read_text("utf-8").count("\n") == found + 1, name
    register("export", tmp_path / "w.jsonl", "--where", "ref:A.3")
    assert (tmp_path / "w.jsonl").read_text("utf-8").count("\n") == 1


def test_what_no_act_can_go_by_is_refused(register, tmp_path):
    register("view", "save", "few", "--open", "--limit", "1")
    register("view", "save", "past", "--as-of", "2022-01-01")

    for name, option in (("few", "--limit"), ("past", "--as-of")):
        message = register.refused(2, "note", "--view", name, "--text", "T", "--yes")["message"]
        assert option in message
        assert register.run("export", tmp_path / "a.csv", "--view", name).exit_code == 2
    register(*LATE)
    for words in (["A.1", "--view", "late"], ["--view", "late", "A.1"], ["A.1", "--where", "open"]):
        assert register.run("note", *words, "--text", "T", "--yes").exit_code == 2, words
    assert register.refused(3, "hold", "--view", "lat", "--reason", "x", "--yes")["hint"]
    assert not (tmp_path / "a.csv").exists()
    assert all(one["act"] != "note" for one in register.json("audit", "log"))


def test_a_view_of_the_register_is_everybodys_and_ones_own_comes_first(register):
    register("view", "save", "Trễ-hạn", *LATE[3:], "--shared")

    assert refs(register, "list", "--view", "tre-han") == ["A.2", "A.1"]
    assert refs(register, "list", "--view", "Trễ-hạn", "--sort", "ref") == ["A.1", "A.2"]
    assert refs(register, "list", "--as-of", "2022-03-01", "--view", "Trễ-hạn") == ["A.1"]
    (one,) = register.json("view", "list", "--by", "lan")
    value = "--overdue --sort=-due --columns ref,title"
    assert one == {"name": "Trễ-hạn", "kept_in": "register", "value": value, "hidden": False}
    register("view", "save", "Trễ-hạn", "--where", "due>2022-12")
    assert refs(register, "list", "--view", "Trễ-hạn") == ["A.3"]
    assert "Trễ-hạn" in register("list", "--view", "Trễ-hạn").stderr
    assert [one["hidden"] for one in register.json("view", "list")] == [False, True]
    register("view", "drop", "Trễ-hạn")
    assert refs(register, "list", "--view", "Trễ-hạn") == ["A.2", "A.1"]


def test_what_was_done_to_a_view_of_the_register_stands_in_its_log(register):
    register("view", "save", "late", "--overdue", "--shared")
    register("view", "save", "LATE", "--overdue", "--sort", "due", "--shared", "--reason", "asked")
    register("view", "drop", "late", "--shared", "--reason", "no use")
    assert register.refused(3, "list", "--view", "late")["message"]
    register.refused(3, "view", "drop", "late", "--shared")
    register("view", "save", "late", "--overdue", "--sort", "due", "--shared")
    register.refused(4, "view", "save", "late", "--overdue", "--sort", "due", "--shared")

    told = [one for one in register.json("audit", "log") if one["kind"] == "view"]
    assert [(one["act"], one["reason"]) for one in told] == [
        *(("add", None), ("edit", "asked"), ("retire", "no use"), ("edit", None)),
    ]
    assert [one["key"] for one in told] == ["late"] * 4
    assert refs(register, "list", "--view", "late") == ["A.1", "A.2"]
    register("audit", "verify")


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("--owner", "nobody"), 3),
        (("--where", "owner:("), 2),
        (("--where", "owner:nobody"), 3),
        (("--output", "cases.csv"), 2),
        (("--sort", "colour"), 2),
        (("--view", "other"), 2),
        (("--", "--db", "elsewhere.db"), 2),
        (("--", "--with-secret"), 2),
        (("--", "--help"), 2),
        (("extra",), 2),
        (("--by", "lan", "--open"), 6),
        ((), 2),
        (("--text", "x\0y"), 2),
    ],
)
def test_what_no_view_of_the_register_can_say_is_refused(register, words, code):
    head = register.head()

    assert register.run("view", "save", "x", "--shared", *words).exit_code == code
    assert register.run("view", "save", "a b", "--shared", "--open").exit_code == 2
    assert register.run("view", "drop", "x", "--reason", "r").exit_code == 2
    assert register.head() == head


def test_a_view_no_version_can_read_any_more_is_refused_in_a_sentence(register):
    register("view", "save", "whom", "--text", "Nguyễn Văn A", "--shared")
    with register.store().writing() as connection:
        desk = actors.desk(connection, None, None)
        for name, listing in (("newer", "--colour red"), ("torn", "--text 'x"), ("q", "--where (")):
            named.save(desk, View, name, listing)
    event = register.json("audit", "log", "--field", "listing")[0]["seq"]
    law = ("--basis", "Law 91/2025/QH15", "--consent", "chi")
    register("redact", "--event", event, "--field", "listing", *law)

    for name in ("newer", "torn", "q", "whom"):
        for words in (["list"], ["note", "--text", "T", "--yes"], ["list", "--lang", "vi"]):
            error = register.refused(4, *words, "--view", name)
            assert name in error["message"], words
            assert error["hint"]
    assert len(register.json("view", "list")) == 4
    register("view", "save", "whom", "--open", "--shared")
    assert len(refs(register, "list", "--view", "whom")) == 3


def test_acts_exports_and_the_shell_go_by_a_view_of_the_register(register, tmp_path):
    register("view", "save", "late", "--overdue", "--sort", "due", "--shared")

    left = register.json("note", "--view", "late", "--text", "asked", "--yes")
    assert [one["ref"] for one in left] == ["A.1", "A.2"]
    told = register.run("shell", input="use view late\nlist --columns ref\n")
    assert told.stdout.split() == ["ref", "A.1", "A.2"]
    register("batch", "-", input="note --view late --text again --yes\n")
    assert sum(one["act"] == "note" for one in register.json("history", "A.2")) == 2
    register("export", tmp_path / "a.jsonl", "--view", "late")
    assert (tmp_path / "a.jsonl").read_text("utf-8").count("\n") == 2
