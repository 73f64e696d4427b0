"""`batch`: acts by the line, all or none, or each by itself; on both engines."""

import json
from shlex import split

import pools
import pytest
from click.testing import CliRunner

from casework.cli import casework
from casework.store import db, served


@pytest.fixture
def batch(office, tmp_path):
    """A function that gives a batch of lines to the command line."""

    def run(*lines, words=(), code=0, encoding="utf-8", end="\n"):
        file = tmp_path / "acts.txt"
        file.write_bytes("".join(f"{line}{end}" for line in lines).encode(encoding))
        before = office.head()
        result = office.run("batch", file, *words)
        assert result.exit_code == code, result.stderr + result.stdout
        if code and "--each" not in words:
            assert office.head() == before
        return result

    return run


@pytest.fixture
def refs(case):
    return [case(), case(), case("assigned")]


def acts(office, ref):
    return [one["act"] for one in office.json("history", ref)]


def test_words_and_objects_are_done_in_one_go(office, batch, refs):
    first, second, third = refs
    result = batch(
        "\ufeff# per the minutes of Monday",
        "",
        f"assign {first} --owner mofa --due 2087-06-30 --with 'Các bộ, ngành Trung ương'",
        json.dumps({"act": "assign", "ref": second, "owner": "bo ngoai giao", "due": "30/6/2087"}),
        f"casework advance {third}",
        'org add moit --name "Bộ Công Thương"',
        json.dumps({"act": "propose", "title": "Mới", "proposer": "moit", "ref": "N.1"}),
        'note N.1 "Ghi chú # 1"  # of the same batch',
        end="\r\n",
    )

    lines = result.stdout.splitlines()
    assert [line.partition(":")[0] for line in lines] == ["3", "4", "5", "6", "7", "8"]
    assert lines[0].startswith(f"3: {first}  assigned  owner mofa")
    assert [office.json("show", ref)["state"] for ref in refs] == ["assigned"] * 2 + ["under_study"]
    assert office.json("show", first)["coordinating"] == ["central"]
    assert office.json("history", "N.1")[-1]["note"] == "Ghi chú # 1"
    office("audit", "verify")


def test_every_refusal_is_told_with_its_line_and_nothing_is_done(office, batch, refs):
    result = batch(
        f"advance {refs[2]}",
        f"advance {refs[0]}",
        "assign NONE.1 --owner mofa --due 2087-06-30",
        f"list --owner {refs[0]}",
        words=["--json"],
        code=4,
    )

    told = [(one["line"], one["ref"], one["exit"]) for one in result.error["lines"]]
    assert told == [(2, refs[0], 4), (3, "NONE.1", 3), (4, None, 2)]
    assert all(one["message"] for one in result.error["lines"])
    assert result.stdout == ""
    assert office.json("show", refs[2])["state"] == "assigned"


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ('[null, true, "ơ"]', 'words cannot be [null, true, "ơ"]'),
        ('{"a": 1.5}', 'words cannot be {"a": 1.5}'),
        ("9" * 5000, "a number has more than 4,300 digits"),
        ("[" * 99_999, "lists or objects are nested too deep"),
    ],
)
def test_a_value_that_is_refused_is_shown_as_it_was_written(batch, refs, said, shown):
    result = batch(
        f'{{"act": "note", "ref": "{refs[0]}", "words": {said}}}', words=["--json"], code=2
    )

    assert shown in result.error["lines"][0]["message"]


def test_a_refused_batch_ends_with_the_exit_code_its_lines_share(batch, refs):
    assert batch("note NONE.1 x", "note NONE.2 x", code=3).stderr.count("line ") == 2
    batch(f"note {refs[0]} ''", "note", code=2)


def test_each_line_is_judged_as_if_the_refused_ones_were_not_there(office, batch, refs):
    ref = refs[0]
    batch(
        f"assign {ref} --owner nobody --due 2087-06-30",
        f"assign {ref} --owner mofa --due 2087-06-30",
        code=3,
    )
    assert acts(office, ref) == ["propose"]


def test_each_goes_on_after_a_refusal_and_ends_with_the_first(office, batch, refs):
    first, second, third = refs
    result = batch(
        f"note {first} one",
        f"advance {second}",
        "note NONE.1 x",
        f"advance {third}",
        words=["--each"],
        code=4,
    )

    assert result.stdout.splitlines()[0].startswith(f"1: {first}")
    assert result.stdout.splitlines()[1].startswith(f"4: {third}  under study")
    assert "line 2: " in result.stderr
    assert "line 3: there is no case NONE.1" in result.stderr
    assert "2 of 4 lines were refused" in result.stderr
    assert acts(office, first)[-1] == "note"


def test_json_is_one_array_with_what_became_of_each_line(office, batch, refs):
    first, second, _ = refs
    words = ["--each", "--json"]
    line = json.dumps({"act": "note", "ref": first, "words": "x", "key": "k"})
    batch(line)
    result = batch(
        line, f"note {second} y", f"advance {second}", "org add a --name A", words=words, code=4
    )
    rows = json.loads(result.stdout)

    assert [(one["line"], one["act"], one["result"]) for one in rows] == [
        (1, "note", "done-already"),
        (2, "note", "done"),
        (3, "advance", "refused"),
        (4, "org add", "done"),
    ]
    assert rows[0]["ref"] == first
    assert rows[1]["case"] == office.json("list", "--json")[1]
    assert rows[2]["error"]["exit"] == 4
    assert rows[3]["record"]["name"] == "A"
    assert json.loads(result.stderr)["error"]["lines"][0]["line"] == 3


def test_one_line_may_do_an_act_on_several_cases(office, batch, refs):
    first, second, third = refs
    batch(f"assign {first} {second} --owner mofa --due 2087-06-30", f"note {first}-003 --text n")
    assert [acts(office, ref)[-1] for ref in refs] == ["note"] * 3
    (one,) = batch(f"advance {first} {third} NONE.1", words=["--json"], code=3).error["lines"]

    assert "NONE.1" in one["message"]
    left = batch(f"advance {first} {third}", words=["--json"]).json
    assert [case["ref"] for case in left[0]["cases"]] == [first, third]


# --- once ------------------------------------------------------------------------------------


@pytest.mark.parametrize("words", [(), ("--each",)])
def test_a_line_with_a_key_is_done_once_and_one_without_again(office, batch, refs, words):
    ref = refs[0]
    lines = [
        f"note {ref} one --idempotency-key k1",
        json.dumps({"act": "note", "ref": ref, "words": "two", "key": "k2"}),
        f"note {ref} three",
    ]
    batch(*lines, words=words)
    again = batch(*lines, words=words)

    assert [one["note"] for one in office.json("history", ref)[1:]] == [
        "one",
        "two",
        "three",
        "three",
    ]
    assert "done already" in again.stdout.splitlines()[0]
    assert "done already" in again.stdout.splitlines()[1]


@pytest.mark.parametrize("words", [(), ("--each",)])
def test_a_batch_with_a_key_is_done_once_line_by_line(office, batch, refs, words):
    ref = refs[0]
    keyed = [*words, "--idempotency-key", "monday"]
    batch(f"note {ref} one", f"note {ref} two", words=keyed)
    batch(f"note {ref} one", f"note {ref} two", f"note {ref} three", words=keyed)

    assert [one["note"] for one in office.json("history", ref)[1:]] == ["one", "two", "three"]
    error = batch(f"note {ref} one", f"note {ref} other", words=[*keyed, "--json"], code=5).error
    assert (error["lines"][0]["line"], error["lines"][0]["exit"]) == (2, 5)
    single = office.json("note", ref, "one", "--idempotency-key", "monday/1")
    assert single["done_already"] is True


def test_a_rehearsal_leaves_nothing_and_uses_no_key_up(office, batch, refs):
    ref, before = refs[0], office.head()
    lines = [f"assign {ref} --owner mofa --due 2087-06-30", f"advance {ref}"]
    for words in (["--dry-run"], ["--dry-run", "--each"]):
        result = batch(*lines, words=[*words, "--idempotency-key", "k"])
        assert result.stdout.splitlines()[1].startswith(f"2: {ref}  under study")
        assert "dry run" in result.stderr
    assert office.head() == before
    result = batch(f"advance {ref}", lines[0], words=["--dry-run", "--each"], code=4)
    assert result.stdout.startswith(f"2: {ref}  assigned")
    assert office.head() == before


def test_a_line_may_say_which_version_it_was_decided_on(batch, refs):
    ref = refs[0]
    batch(json.dumps({"act": "edit", "ref": ref, "title": "T", "if_version": 1}))
    error = batch(f"edit {ref} --title U --if-version 1", words=["--json"], code=5).error

    assert error["lines"][0]["line"] == 1


# --- what may not stand in a line ------------------------------------------------------------


NO_ACTS = """
show {0}
list
report overdue
audit verify
org list
org
batch other.txt
redact {0} --field answer --basis law --consent lan
db upgrade
casework
note {0} x --db other.db
note {0} x --by lan
note {0} x --lang vi
note {0} x --json
note {0} x --dry-run
note {0} -
assign --help
--version
asign {0}
note {0} x y z
"""


def test_what_is_no_act_is_refused_with_its_line(batch, refs):
    asked = NO_ACTS.format(refs[0]).strip().splitlines()
    told = batch(*asked, words=["--json"], code=2).error["lines"]

    assert [one["line"] for one in told] == [*range(1, len(asked) + 1)]
    assert [one for one in told if not (one["message"] and one["hint"] and one["exit"] == 2)] == []


def test_an_empty_batch_does_nothing_and_says_so(office, batch):
    before = office.head()

    assert "no act" in batch("# nothing", "").stderr
    assert json.loads(batch(words=["--json"]).stdout) == []
    assert office.head() == before


def test_lines_come_from_standard_input_too(office, refs):
    office("batch", "-", input=f"note {refs[0]} x\nnote {refs[1]} y\n")

    assert acts(office, refs[1]) == ["propose", "note"]


@pytest.mark.parametrize(
    ("held", "code"), [(b"note A.1 \xff\n", 2), (b"PK\x03\x04", 2), (b"SQLite format 3\0", 2)]
)
def test_a_file_that_is_no_text_is_refused(office, tmp_path, held, code):
    (tmp_path / "acts").write_bytes(held)

    assert office.refused(code, "batch", tmp_path / "acts")["message"]
    assert office.refused(3, "batch", tmp_path / "missing")["message"]


def test_what_needs_a_second_person_waits_line_by_line(office, batch, case):
    refs = [case("under_study"), case("under_study")]
    office(
        "person",
        "add",
        "nga",
        "--name",
        "Nga",
        "--org",
        "mofa",
        "--role",
        "secretariat",
        "--login",
        "nga",
    )
    office("policy", "four-eyes", "on", "--reason", "r")
    told = batch(
        *(f"advance {ref} --outcome implemented --answer done" for ref in refs),
        *(f"note {ref} x" for ref in refs),
    )

    assert [f"line {n}: " in told.stderr for n in (1, 2, 3)] == [True, True, False]
    assert {one["subject"] for one in office.json("request", "list")} == set(refs)


def test_many_lines_are_done_by_one_process(office, batch, refs, much):
    many = much(60, 1_000)
    result = batch(*(f"note {refs[n % 3]} {n}" for n in range(many)))

    assert len(result.stdout.splitlines()) == many
    assert len(acts(office, refs[0])) == 1 + many // 3 + (many % 3 > 0)


def test_a_refusal_is_told_in_the_readers_language(office, tmp_path):
    file = tmp_path / "acts.txt"
    file.write_text("list\nassign X\n", "utf-8")
    words = ["--db", office.url, "--lang", "vi", "batch", str(file)]
    told = CliRunner().invoke(casework, words).stderr

    assert "dòng 1: " in told
    assert "Thiếu tùy chọn" in told


DISORDER = (
    "assign {} --owner mofa --due 2022-06-10 --effective 2022-01-10",
    "advance {} --effective 2022-02-01",
    "extend {} --due 2022-12-01 --reason r --effective 2022-05-01",
    "extend {} --due 2022-09-01 --reason r --effective 2022-03-01",
    "answer {} --outcome explained --answer May --effective 2022-05-10",
    "answer {} --outcome explained --answer April --effective 2022-04-10",
    "hold {} --reason r --effective 2022-06-01",
    "resume {} --effective 2022-06-15",
    "advance {} --outcome implemented --answer Done --effective 2022-08-01",
    "correct {} --field resolved_on --to 2022-07-15 --reason r",
)


def test_lines_out_of_the_order_of_their_days_are_put_in_place_as_each_alone(office, batch, case):
    alone, together = case(), case()
    for line in DISORDER:
        office(*split(line.format(alone)))

    batch(*(line.format(together) for line in DISORDER))

    own = {"ref", "text", "title"}
    for when in ((), ("--as-of", "2022-04-15"), ("--as-of", "2022-07-20")):
        one, other = (office.json("show", ref, *when) for ref in (alone, together))
        assert {k: v for k, v in one.items() if k not in own} == {
            k: v for k, v in other.items() if k not in own
        }
    shown = office.json("show", together, "--as-of", "2022-04-15")
    assert (shown["answer"], shown["due"], shown["extensions"]) == ("April", "2022-09-01", 1)
    office("audit", "verify")


def test_a_line_that_makes_an_earlier_line_unlawful_is_refused(office, batch, case):
    ref = case()
    later = "extend {} --due 2023-01-01 --reason r --effective 2022-03-15"
    result = batch(*(line.format(ref) for line in (*DISORDER[:3], later)), code=4)

    assert result.stderr.splitlines()[0].startswith("casework: ")
    assert "extend" in result.stderr
    assert acts(office, ref) == ["propose"]


@pytest.mark.parametrize("engine", ["postgresql"], indirect=True)
def test_lines_of_their_own_share_a_connection(office, batch, refs, monkeypatch):
    used, told = [], served.Served.told

    def noted(connection, text, values=()):
        if "casework_record" in text:
            used.append(connection.driver.info.backend_pid)
        return told(connection, text, values)

    monkeypatch.setattr(db.Store, "_take", pools._take)
    monkeypatch.setattr(db.Store, "_put_back", pools._put_back)
    monkeypatch.setattr(served.Served, "told", noted)
    # What is refused is undone, and leaves the connection as it was.
    lines = [f"note {ref} text" for ref in (*refs, "NONE.1", *refs)]
    batch(*lines, words=["--each"], code=3)

    assert len(used) == 2 * len(refs)
    assert len(set(used)) == 1
    assert [acts(office, ref).count("note") for ref in refs] == [2, 2, 2]


# --- each case is judged once, at the end ------------------------------------------------------


@pytest.fixture
def extended(office, case):
    """A case due at the end of 2022, of which June gave time until March 2023, and that event."""
    ref = case("under_study")
    words = ("--due", "2023-03-31", "--reason", "r", "--effective", "2022-06-01")
    office("extend", ref, *words)
    return ref, office.json("history", ref)[-1]["seq"]


def of_march(ref, due="2023-06-30"):
    return f"extend {ref} --due {due} --reason found --effective 2022-03-01"


def of_june(ref, seq, due="2023-09-30"):
    return f"correct {ref} --event {seq} --field due --to {due} --reason misread"


def test_a_case_is_judged_once_at_the_end_of_a_batch(office, batch, refs, extended):
    ref, june = extended
    asked = (of_march(ref), f"note {refs[0]} n", of_june(ref, june), f"note {ref} m")
    office.refused(4, *split(of_march(ref)))
    batch(*asked, words=("--dry-run",))
    assert office.json("show", ref)["due"] == "2023-03-31"

    batch(*asked)

    case = office.json("show", ref)
    assert (case["due"], case["extensions"]) == ("2023-09-30", 2)
    assert office.json("show", ref, "--as-of", "2022-05-01")["due"] == "2023-06-30"
    moments = {one["recorded_at"] for one in office.json("audit", "log")[-4:]}
    assert (len(moments), office.json("audit", "verify")["ok"]) == (1, True)


def test_a_batch_that_leaves_a_case_unlawful_is_refused_by_line_and_case(batch, refs, extended):
    ref, june = extended
    ends = (f"note {refs[0]} n", of_march(ref), of_june(ref, june, "2023-06-01"))

    error = json.loads(batch(*ends, code=4, words=("--json",)).stderr)["error"]

    assert [(one["line"], one["ref"]) for one in error["lines"]] == [(2, ref)]
    assert f"event {june}" in error["lines"][0]["message"]
    alone = batch(*ends[:2], code=4, words=("--json",)).stderr
    assert [one["line"] for one in json.loads(alone)["error"]["lines"]] == [2]


def test_each_line_of_its_own_is_judged_by_itself(office, batch, extended):
    ref, june = extended
    asked = (of_march(ref), of_june(ref, june))
    for words in (("--each", "--dry-run", "--json"), ("--each", "--json")):
        told = json.loads(batch(*asked, code=4, words=words).stdout)
        assert [one["result"] for one in told] == ["refused", "done"]
    assert office.json("show", ref)["extensions"] == 1


def test_what_two_people_decide_is_asked_for_only_where_it_is_lawful_by_itself(office, batch, case):
    ref = case("resolved")
    case(ref="A.1")
    office("person", "add", "van", "--name", "V", "--org", "mofa", "--role", "secretariat")
    office("person", "edit", "van", "--login", "van-login")
    office("policy", "four-eyes", "on", "--reason", "Decision 12")
    late = f"correct {ref} --field resolved_on --to 2021-12-20 --reason misread"
    told = json.loads(batch(late, "note A.1 n", code=4, words=("--json",)).stderr)["error"]
    assert [one["line"] for one in told["lines"]] == [1]
