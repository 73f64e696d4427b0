"""A secretariat's fortnight: each task in as few commands and keys as elsewhere, or fewer.

The tasks are those of a study of how offices work: what others need for each is the best line
found there, in Taskwarrior, gh, git or sqlite-utils. Keys are the characters of a line, with its
Enter. A line of the desk that begins with no ``casework`` stands in ``casework shell``, after ``use
conference NFAC-22``, others' in theirs; reasons and outcomes, which a register must have and a list
of tasks has not, are of one word. Where several cases are changed both ask, and y is typed.
"""

import csv
import json
import shlex
from pathlib import Path
from typing import NamedTuple

import pytest
from terminals import shown

PROVINCES, CASES = 34, 60

ORGANISATIONS = [
    *(
        ("btp", "Bộ Tư pháp"),
        ("bca", "Bộ Công an"),
        ("bnv", "Bộ Nội vụ"),
        ("btc", "Bộ Tài chính"),
    ),
    *((f"ub-{number:02}", f"UBND tỉnh {number:02}") for number in range(1, PROVINCES)),
    *(("ub-son-la", "UBND tỉnh Sơn La"), ("bgd", "Bộ Giáo dục"), ("byt", "Bộ Y tế")),
    *(("bkh", "Bộ Khoa học"), ("bqp", "Bộ Quốc phòng"), ("bct", "Bộ Công thương")),
]
TITLES = (
    *("Đề án biên giới", "Văn phòng địa phương nước ngoài", "Thị thực điện tử"),
    *("Đào tạo ngoại ngữ", "Hội đồng hương", "Xúc tiến thương mại"),
)


INSERT = "sqlite-utils insert su.db kn k.csv --csv --delimiter ';'"


class Task(NamedTuple):
    """What is typed for a task: the lines of the desk, and those of the best one elsewhere."""

    ours: tuple[str, ...]
    others: tuple[str, ...]

    @property
    def line(self):
        (one,) = self.ours
        return one

    @property
    def words(self):
        return shlex.split(self.line)[1:]


TASKS = {
    "43 organisations": Task(("casework org import k.csv",), (INSERT,)),
    "60 recommendations": Task(("casework import kn.csv",), (INSERT,)),
    "one more, said at the session": Task(
        ("propose -t 'Kiểm dịch' -p ub-son-la",),
        ("gh issue create -t 'Kiểm dịch' -b ub-son-la",),
    ),
    "twenty given to one owner": Task(
        ("assign 1-20 -o btp -d 2999-01-31",), ("task 1-20 modify owner:btp due:2999-01-31",)
    ),
    "thirty days more for ten": Task(
        ("extend 1-10 -d due+30d -r x",), ("task 1-10 modify due:due+30d",)
    ),
    "a conference closed": Task(("close -O withdrawn -r x",), ("task project:NFAC-22 done",)),
    "a spreadsheet that comes back": Task(
        ("casework import u.csv --update",),
        ("sqlite-utils upsert su.db kn u.csv --csv --pk ref",),
    ),
    "words found without marks": Task(("search bien gioi",), ("task /biên giới/ list",)),
    "the last act taken back": Task(("undo",), ("task undo",)),
    "a long answer": Task(
        ("answer 1 -O explained -a @a.txt",), ("gh issue comment 1 --body-file a.txt",)
    ),
    "a text used again": Task(
        ("answer 1 -O explained --template x",), ("gh issue create -t x --template x.md --editor",)
    ),
    "a filter kept under a name": Task(
        ("casework view save son --proposer ub-son-la",),
        ("gh alias set son 'issue list --author ub-son-la'",),
    ),
    "a filter asked for by its name": Task(("casework son",), ("task son list",)),
    "what wants doing now": Task(("next",), ("task next",)),
}


@pytest.mark.parametrize("name", TASKS)
def test_a_task_takes_no_more_commands_and_keys_than_elsewhere(name, record_property):
    ours, others = ((len(lines), sum(len(one) + 1 for one in lines)) for lines in TASKS[name])
    said = f"{name}: {ours[0]} commands of {ours[1]} keys, elsewhere {others[0]} of {others[1]}"
    record_property("counts", said)

    assert ours[0] <= others[0], said
    assert ours[1] <= others[1], said


def test_every_task_is_done_by_the_lines_that_are_counted():
    source = Path(__file__).read_text("utf-8")
    done = source.partition("class Clerk")[2]

    assert [name for name in TASKS if f'TASKS["{name}"]' not in done] == []


@pytest.fixture
def engine():
    return "sqlite"


@pytest.fixture
def contents():
    from offices import OFFICE

    return OFFICE


@pytest.fixture
def desk(office, tmp_path, monkeypatch):
    """An office with two conferences, in a folder with the two files that came from elsewhere."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CASEWORK_CONFIG", str(tmp_path / "config.toml"))
    office("conference", "add", "NFAC-22", "--date", "2022-01-15", "--number", "22")
    with Path("k.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, delimiter=";").writerows([("Mã", "Tên cơ quan"), *ORGANISATIONS])
    with Path("kn.csv").open("w", encoding="utf-8-sig", newline="") as file:
        head = (
            "Mã kiến nghị",
            "Nội dung kiến nghị",
            "Cơ quan kiến nghị",
            "Hội nghị",
            "Ngày kiến nghị",
        )
        rows = [
            (
                f"NFAC-22.{number:03}",
                f"{TITLES[number % len(TITLES)]} {number}",
                ORGANISATIONS[4 + number % PROVINCES][1],
                "NFAC-22",
                "15/1/2022",
            )
            for number in range(1, CASES + 1)
        ]
        csv.writer(file, delimiter=";").writerows([head, *rows])
    return office


class Clerk:
    """Types lines at the shell of an office, and counts them and their keys."""

    def __init__(self, office):
        self.office = office

    def types(self, *lines, asked=()):
        """Type lines in the shell, after the conference is chosen; return what they print."""
        typed = ["use conference NFAC-22", *lines]
        # Through a pipe nobody can be asked: whoever is asked at a terminal types y and Enter.
        answered = [f"{line} -y" if line in asked else line for line in typed]
        done = self.office.run("shell", input="".join(f"{line}\n" for line in answered))
        assert done.exit_code == 0, done.stderr
        return done.stdout


@pytest.fixture
def clerk(desk):
    desk("org", "import", "k.csv")
    desk("import", "kn.csv")
    return Clerk(desk)


def refs(office, *words):
    return [one["ref"] for one in office.json(*words)]


def test_forty_three_organisations_are_one_command(desk):
    desk(*TASKS["43 organisations"].words)

    assert len(ORGANISATIONS) == 43
    assert {code for code, _ in ORGANISATIONS} <= {one["code"] for one in desk.json("org", "list")}


def test_sixty_recommendations_are_one_command(desk):
    desk("org", "import", "k.csv")
    desk(*TASKS["60 recommendations"].words)

    assert refs(desk, "list", "--conference", "NFAC-22") == [
        f"NFAC-22.{n:03}" for n in range(1, 61)
    ]


def test_one_more_is_said_at_the_session_in_one_line(clerk):
    clerk.types(TASKS["one more, said at the session"].line)

    (case,) = clerk.office.json("search", "kiem dich")
    assert (case["ref"], case["proposer"], case["conference"]) == (
        "NFAC-22.061",
        "ub-son-la",
        "NFAC-22",
    )


def test_twenty_are_given_to_one_owner_in_one_line(clerk):
    line = TASKS["twenty given to one owner"].line
    clerk.types(line, asked=(line,))

    given = clerk.office.json("list", "--owner", "btp")
    assert [one["ref"] for one in given] == [f"NFAC-22.{n:03}" for n in range(1, 21)]
    assert {one["due"] for one in given} == {"2999-01-31"}


def test_ten_get_thirty_days_more_than_each_had_in_one_line(clerk):
    given = ("assign 1-5 -o btp -d 2999-01-31", "assign 6-20 -o bca -d 2999-02-10")
    line = TASKS["thirty days more for ten"].line
    clerk.types(*given, line, asked=(*given, line))

    due = [one["due"] for one in clerk.office.json("list", "--owner", "btp")]
    assert due == ["2999-03-02"] * 5
    due = [one["due"] for one in clerk.office.json("list", "--owner", "bca")]
    assert due == ["2999-03-12"] * 5 + ["2999-02-10"] * 10


def test_only_a_due_date_that_is_there_is_moved_by_days(clerk):
    late = ("--owner", "btp", "--due", "due+30d")
    error = clerk.office.refused(2, "assign", "NFAC-22.001", *late)
    assert "counted from the due date it moves" in error["message"]
    clerk.types("assign 1 -o btp -d 2999-01-31", "extend 1 -d 'hạn + 2 tuần' -r x")

    (due,) = {one["due"] for one in clerk.office.json("list", "--owner", "btp")}
    assert due == "2999-02-14"
    assert clerk.office.refused(2, "list", "--due-before", "due+30d")["message"]


def test_a_number_is_a_case_of_the_conference_only_where_a_case_stands(clerk):
    lines = ("note 2 3", "note 3-4 --text 5", "show 2", "assign 7 -o btp -d 2999-01-31 --officer 7")
    done = clerk.office.run("shell", input="\n".join(("use conference NFAC-22", *lines)))
    notes = [one["note"] for one in clerk.office.json("history", "NFAC-22.002")]

    assert notes[1:] == ["3"]
    assert "there is no case 7" in done.stderr
    assert "NFAC-22.002" in done.stdout


def test_a_conference_is_closed_in_one_line_or_not_at_all(clerk):
    line = TASKS["a conference closed"].line
    clerk.types(line, asked=(line,))

    assert {one["state"] for one in clerk.office.json("list", "--conference", "NFAC-22")} == {
        "resolved"
    }


def test_a_spreadsheet_comes_back_with_what_was_changed_in_it(clerk):
    clerk.office("list", "--columns", "ref,title,proposer,owner,due,state", "--output", "u.csv")
    with Path("u.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = [*csv.DictReader(file)]
    for row in rows[:12]:
        row |= {"owner": "bca", "due": "2999-03-31", "state": "assigned"}
    with Path("u.csv").open("w", encoding="utf-8-sig", newline="") as file:
        written = csv.DictWriter(file, rows[0])
        written.writeheader()
        written.writerows(rows)
    clerk.office(*TASKS["a spreadsheet that comes back"].words)

    assert len(refs(clerk.office, "list", "--owner", "bca")) == 12


def test_what_is_said_without_marks_is_found(clerk):
    found = clerk.office.json(*TASKS["words found without marks"].line.split())

    assert len(found) == 10
    assert {one["title"][:15] for one in found} == {"Đề án biên giới"}


def test_the_last_act_is_taken_back_by_one_word(clerk):
    undo = TASKS["the last act taken back"].line
    clerk.types("note 1 mistaken", undo, asked=(undo,))

    history = clerk.office.json("history", "NFAC-22.001")
    assert [one["act"] for one in history] == ["propose", "note", "correct"]


def test_a_long_answer_comes_from_a_file_or_an_editor(clerk):
    clerk.types("assign 1 -o btp -d 2999-01-31", "advance 1")
    text = "Đoạn một.\n\nĐoạn hai."
    with Path("a.txt").open("w", encoding="utf-8") as file:
        file.write(text)
    clerk.types(TASKS["a long answer"].line)

    assert clerk.office.json("show", "NFAC-22.001")["answer"] == text


def test_a_text_that_is_used_again_begins_with_a_template(clerk, tmp_path):
    clerk.types("assign 1 -o btp -d 2999-01-31", "advance 1")
    clerk.office("template", "save", "x", "--shared", "--text", "Theo {document}, {ref}:")
    line = TASKS["a text used again"].line.replace(" 1 ", " NFAC-22.001 ")
    tool = tmp_path / "editor"
    tool.write_text('#!/bin/sh\necho "Xong" | cat - "$1" > "$1.n" && mv "$1.n" "$1"\n')
    tool.chmod(0o700)
    shown(clerk.office.url, 80, *shlex.split(line), EDITOR=str(tool))

    assert clerk.office.json("show", "NFAC-22.001")["answer"] == "Xong\nTheo …, NFAC-22.001:"


def test_a_filter_is_kept_and_asked_for_by_its_name(clerk):
    clerk.office(*TASKS["a filter kept under a name"].words)

    found = refs(clerk.office, *TASKS["a filter asked for by its name"].words)
    assert found == refs(clerk.office, "list", "--proposer", "ub-son-la") != []


def test_what_wants_doing_now_is_one_word(clerk):
    late = "assign 1 -o btp -d 2022-01-31 --effective 2022-01-16"
    told = clerk.types(late, TASKS["what wants doing now"].line)

    assert "NFAC-22.001" in told
    assert "casework advance NFAC-22.001" in told


@pytest.fixture
def busy(clerk):
    """An office in which something was done on Monday, some is late, and some is on hold."""
    given = (
        *("assign 1-6 -o bca -d 2022-06-30 -w btp --effective 2022-01-16",),
        *("assign 7-8 -o btp -d 2999-01-31", "hold 8 -r x"),
        *("person add an --name An --org btp", "assign 9 -o btp -d 2999-01-31 --officer an"),
        *("advance 1", "advance 1 -O explained -a 'Theo Nghị định 6'"),
    )
    clerk.types(*given, asked=given[:2])
    return clerk.office


PHONE = {
    "who is late?": (
        "list --overdue --count-by owner",
        lambda told: told == [{"owner": "bca", "cases": 5}],
    ),
    "what has this ministry?": ("list -o bca --open", lambda told: len(told) == 5),
    "what does it coordinate on?": ("list -w btp", lambda told: len(told) == 6),
    "what changed since Monday?": ("list --changed-since monday", lambda told: len(told) == 60),
    "what was decided about foreign offices?": (
        "search nuoc ngoai --columns ref,outcome,answer,document,conference",
        lambda told: (
            (told[0]["ref"], told[0]["outcome"], told[0]["answer"])
            == ("NFAC-22.001", "explained", "Theo Nghị định 6")
        ),
    ),
    "everything of this province": (
        "list --where 'proposer:ub-son-la or owner:ub-son-la or with:ub-son-la'",
        lambda told: told and {one["proposer"] for one in told} == {"ub-son-la"},
    ),
    "what does this officer have?": (
        "list --officer an --open",
        lambda told: [one["ref"] for one in told] == ["NFAC-22.009"],
    ),
    "what is on hold?": (
        "list --on-hold",
        lambda told: [one["ref"] for one in told] == ["NFAC-22.008"],
    ),
    "what has no owner?": ("list --no-owner", lambda told: len(told) == 51),
    "what has no officer?": ("list --no-officer --open", lambda told: len(told) == 58),
    "what is due last?": (
        "list --open --sort -due --limit 1",
        lambda told: told[0]["due"] == "2999-01-31",
    ),
}


KEYS_ON_THE_PHONE = 80
"""What is typed in twenty seconds, at four keys a second."""


@pytest.mark.parametrize("question", PHONE)
def test_a_question_on_the_phone_is_one_command(busy, question):
    line, right = PHONE[question]
    assert "\n" not in line
    assert len(line) <= KEYS_ON_THE_PHONE, (question, len(line))
    told = json.loads(busy(*shlex.split(line), "--json").stdout)

    assert right(told), told
    assert busy(*shlex.split(line)).stdout.strip()
