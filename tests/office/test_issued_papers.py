"""A paper is issued under a number, recorded with its file, and known again by it."""

import re
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from hashlib import sha256
from threading import Barrier, get_ident
from zipfile import ZipFile

import openpyxl
import pypdf
import pytest
import time_machine

from casework.acts.session import Session
from casework.errors import AwayError
from casework.office import issuing as papers
from casework.questions import audit_log
from casework.reports.question import Question
from casework.system import files

SERIES = ("office", "set", "--name", "Ban Thư ký", "--place", "Hà Nội", "--series", "BC-BTK")


@pytest.fixture
def issue(office, tmp_path):
    """A function that issues a report as a paper, into a file of its own."""
    office(*SERIES, "--recipient", "Các bộ", "--recipient", "Các tỉnh")
    made = iter(range(100))

    def issue(report, *words, ending="html"):
        to = tmp_path / f"{next(made)}.{ending}"
        return to, office.json("paper", "issue", report, *words, "--output", to)

    return issue


def test_a_paper_gets_the_next_number_and_is_known_by_its_file(office, case, issue, tmp_path):
    case("assigned")
    head = office.head()
    file, paper = issue("overdue", "--before", "NFAC-21", "--as-of", "2023-01-31")
    told = {
        "full_number": "01/BC-BTK",
        "number": 1,
        "report": "overdue",
        "options": {"before": "NFAC-21"},
        "as_of": "2023-01-31",
        "known_at": head.recorded_at,
        "log_size": head.size,
        "log_root": head.root,
        "copied_to": ["Các bộ", "Các tỉnh"],
        "digest": sha256(file.read_bytes()).hexdigest(),
        "recalled_on": None,
    }

    assert {name: paper[name] for name in told} == told
    assert office.head().size == head.size + 1
    assert issue("progress", ending="xlsx")[1]["full_number"] == "02/BC-BTK"
    for words in ("1", "01", "01/BC-BTK", "1/bc-btk", f"1/{paper['issued_on'][:4]}", paper["code"]):
        assert office.json("paper", "show", words) == paper
    assert office.json("paper", "check", file) == paper
    assert [one["full_number"] for one in office.json("paper", "list")] == [
        "01/BC-BTK",
        "02/BC-BTK",
    ]
    assert office.json("paper", "list", "--year", "1999") == []
    file.write_bytes(file.read_bytes() + b" ")
    office.refused(7, "paper", "check", file)
    office.refused(3, "paper", "check", tmp_path / "none")
    for words in ("3", "1/BC-X", "1/1999", "x"):
        office.refused(3, "paper", "show", words)
    office("audit", "verify")


def test_a_draft_records_nothing_and_has_no_number(office, issue, tmp_path):
    file, _ = issue("progress", ending="docx")
    head, draft = office.head(), tmp_path / "draft.docx"
    office("report", "progress", "--output", draft, "--lang", "vi")

    assert office.head() == head
    office.refused(7, "paper", "check", draft)
    assert "01/BC-BTK" in words_of(file)
    assert "01/BC-BTK" not in words_of(draft)


def words_of(file):
    with ZipFile(file) as parts:
        return parts.read("word/document.xml").decode()


def test_a_number_is_taken_once_and_leaves_no_gap(office, issue, tmp_path):
    to = tmp_path / "x.html"
    words = ("paper", "issue", "progress", "--output", to)
    # Those before the first one were issued without the register.
    assert issue("progress", "--number", "47")[1]["full_number"] == "47/BC-BTK"

    assert "the next number is 48" in office.refused(5, *words, "--number", "47")["hint"]
    for number in ("46", "49", "1"):
        assert "the next number is 48" in office.refused(4, *words, "--number", number)["hint"]
    office.refused(2, *words, "--number", "0")
    assert not to.exists()
    office("office", "set", "--series", "TB-BTK")
    assert issue("progress", "--number", "48")[1]["full_number"] == "48/TB-BTK"
    assert issue("progress")[1]["full_number"] == "49/TB-BTK"


def test_numbers_begin_again_with_the_year_of_the_office(office, issue):
    with time_machine.travel(datetime(2031, 12, 31, 16, 59, tzinfo=UTC), tick=False):
        assert issue("progress")[1]["issued_on"] == "2031-12-31"
    with time_machine.travel(datetime(2031, 12, 31, 17, 0, tzinfo=UTC), tick=False):
        paper = issue("progress")[1]

    assert (paper["full_number"], paper["code"]) == ("01/BC-BTK", "2032-0001")
    assert office.json("paper", "show", "1") == paper
    assert office.json("paper", "show", "1/2031")["code"] == "2031-0001"


def test_a_withdrawn_paper_keeps_its_number(office, issue):
    file, _ = issue("progress")
    office.refused(2, "paper", "withdraw", "1")
    withdrawn = office.json("paper", "withdraw", "1", "--reason", "not yet signed")

    assert withdrawn["recalled_on"] is not None
    assert "withdrawn on" in office("paper", "check", file).stdout
    office.refused(4, "paper", "withdraw", "1", "--reason", "twice")
    assert issue("progress")[1]["full_number"] == "02/BC-BTK"
    office("audit", "verify")


@pytest.mark.usefixtures("issue")
def test_what_fails_leaves_neither_file_nor_number(office, tmp_path, monkeypatch):
    to = tmp_path / "x.html"
    words = ("paper", "issue", "progress", "--output")
    office.refused(6, *words, to, "--by", "lan")
    office.refused(2, *words, tmp_path / "x.csv")
    office.refused(2, "paper", "issue", "review", "--output", to, "--before", "NFAC-21")
    office.refused(2, *words, to, "--as-of", "2023-01-01", "--period", "2023")
    office.refused(3, "paper", "issue", "overdue", "--owner", "nobody", "--output", to)
    office.refused(8, *words, tmp_path / "no" / "x.html")
    office("paper", "issue", "progress", "--output", to, "--dry-run")
    with monkeypatch.context() as patch:
        patch.setattr(papers.os, "fsync", _full)
        office.refused(8, *words, to)
    assert [*tmp_path.glob("*.html")] == []
    to.write_text("mine")
    office.refused(5, *words, to)

    assert to.read_text() == "mine"
    assert office.json("paper", "list") == []
    assert office.json(*words, to, "--force")["full_number"] == "01/BC-BTK"


def _full(_):
    raise OSError(28, "No space left on device")


def someone_else(to):
    to.write_text("somebody was faster")


def gone(to):
    to.parent.rename(to.parent.with_name("gone"))


def full(_):
    raise OSError(28, "No space left on device")


@pytest.mark.usefixtures("issue")
@pytest.mark.parametrize("given", [(), ("--idempotency-key", "k1")])
@pytest.mark.parametrize(
    ("happens", "words"), [(someone_else, ()), (gone, ()), (full, ()), (full, ("--force",))]
)
def test_a_file_that_gets_no_name_is_written_by_the_command_that_is_advised(
    office, case, tmp_path, monkeypatch, happens, words, given
):
    folder, held = tmp_path / "papers", files._publish
    folder.mkdir()
    to, ref = folder / "x.html", case("assigned")
    if words:
        to.write_text("an earlier file")
    line = ("paper", "issue", "progress", "--output", to, *words)

    def hindered(*asked, **said):
        happens(to)
        held(*asked, **said)

    with monkeypatch.context() as patch:
        patch.setattr(files, "_publish", hindered)
        done = office.run(*line, *given, "--json")
    error = done.error
    assert done.exit_code == 8
    assert "01/BC-BTK is issued and recorded" in error["message"]
    key = re.search(r"repeat it with --idempotency-key (\w+)", error["hint"])[1]
    assert not given or key == "k1"
    assert office.json("paper", "list")[0]["full_number"] == "01/BC-BTK"

    if happens is someone_else:
        again = office.refused(8, *line, "--idempotency-key", key)
        assert again["hint"] == error["hint"]
        assert to.read_text() == "somebody was faster"
        to.unlink()
    folder.mkdir(exist_ok=True)
    office("advance", ref)
    paper = office.json(*line, "--idempotency-key", key)

    assert paper["digest"] == sha256(to.read_bytes()).hexdigest()
    assert len(office.json("paper", "list")) == 1
    assert office.json(*line, "--idempotency-key", key)["done_already"] is True
    assert [*folder.iterdir()] == [to]


def test_an_office_without_a_series_issues_nothing(office, tmp_path):
    words = ("paper", "issue", "progress", "--output", tmp_path / "x.html")
    office.refused(4, *words)
    office("office", "set", "--name", "Ban Thư ký")
    assert "--series" in office.refused(4, *words)["hint"]


@pytest.mark.usefixtures("issue")
def test_the_same_command_under_its_key_issues_one_paper(office, tmp_path):
    words = ("paper", "issue", "progress", "--output", tmp_path / "x.html")
    office(*words, "--idempotency-key", "k1")
    again = office.json(*words, "--idempotency-key", "k1")

    assert again["done_already"] is True
    assert len(office.json("paper", "list")) == 1


@pytest.mark.usefixtures("issue")
def test_papers_that_are_issued_at_once_get_numbers_of_their_own(office, tmp_path, monkeypatch):
    together, held, met = Barrier(3), papers.made, set()

    def made(*asked):
        # All of them have planned to take the first number.
        if get_ident() not in met:
            met.add(get_ident())
            together.wait(20)
        return held(*asked)

    def one(number):
        session = Session(target=office.url, rest=time.sleep)
        to = tmp_path / f"{number}.html"
        return session.attempt(
            lambda: papers.issue(session, "progress", lambda _: Question(), to, lang="en")
        )

    monkeypatch.setattr(papers, "made", made)
    with ThreadPoolExecutor(3) as pool:
        issued = [*pool.map(one, range(3))]

    assert sorted(one.paper_number for one in issued) == [1, 2, 3]
    for number, paper in enumerate(issued):
        held_file = (tmp_path / f"{number}.html").read_bytes()
        assert sha256(held_file).hexdigest() == paper.digest
    office("audit", "verify")


def test_two_issues_of_a_report_are_compared_by_what_was_known(office, case, issue):
    ref = case("assigned", due="2022-12-31")
    words = ("--before", "NFAC-21", "--as-of", "2023-01-31")
    issue("overdue", *words)
    office(
        "extend", ref, "--due", "2023-06-30", "--reason", "hearings", "--effective", "2022-12-01"
    )
    issue("overdue", *words)
    issue("progress", "--period", "2023-01")
    found = office.json("paper", "diff", "1", "2")

    gone = [one for one in found if one["row"] == ref and one["section"] == "overdue"]
    assert gone
    assert all(one["now"] is None for one in gone)
    assert {"title": "Rules for offices"}.items() <= {
        one["column"]: one["then"] for one in gone
    }.items()
    assert any(one["now"] == "2023-06-30" for one in found if one["row"] == ref)
    assert office.json("paper", "diff", "1", "1") == office.json("paper", "diff", "3", "3") == []
    office.refused(4, "paper", "diff", "1", "3")
    office.refused(3, "paper", "diff", "1", "9")


@pytest.mark.parametrize("lang", ["vi", "en"])
@pytest.mark.parametrize("kind", ["html", "xlsx", "docx", "pdf"])
def test_an_issued_paper_of_every_format_has_its_number_its_day_and_the_log(
    office, issue, tmp_path, kind, lang
):
    draft = tmp_path / f"draft.{kind}"
    office("report", "progress", "--output", draft, "--lang", lang)
    file, paper = issue("progress", "--number", "47", "--lang", lang, ending=kind)
    dated = f"Hà Nội, {'ngày ' if lang == 'vi' else ''}"
    day = paper["issued_on"].rpartition("-")[2]
    said, before = READ[kind](file), READ[kind](draft)

    for told in ("BAN THƯ KÝ", "47/BC-BTK", dated + day, paper["log_root"][:32]):
        assert told in said, told
    assert "47/BC-BTK" not in before


def _of_xlsx(path):
    sheets = openpyxl.load_workbook(path)
    rows = (row for sheet in sheets for row in sheet.iter_rows(values_only=True))
    return " ".join(str(cell) for row in rows for cell in row if cell is not None)


def _of_pdf(path):
    return " ".join(" ".join(page.extract_text() for page in pypdf.PdfReader(path).pages).split())


READ = {
    "html": lambda path: path.read_text("utf-8"),
    "xlsx": _of_xlsx,
    "docx": lambda path: re.sub(r"<[^>]*>", "", words_of(path)),
    "pdf": _of_pdf,
}


@pytest.mark.usefixtures("issue")
@pytest.mark.parametrize("ending", ["html", "docx", "xlsx"])
@pytest.mark.parametrize("words", [(), ("--as-of", "2024-06-30"), ("--known-at", "2099-01-01")])
def test_a_paper_whose_file_was_lost_is_written_again_under_its_key(
    office, case, tmp_path, ending, words
):
    """Its number was recorded, and the answer never came: the same command writes the same file."""
    ref, to = case("assigned"), tmp_path / f"x.{ending}"
    line = ("paper", "issue", "progress", "--output", to, *words, "--idempotency-key", "k1")
    paper = office.json(*line)
    before = to.read_bytes()
    to.unlink()
    office("advance", ref)
    again = office.json(*line)

    assert again == paper
    assert to.read_bytes() == before
    assert len(office.json("paper", "list")) == 1
    assert office.json("paper", "check", to)["full_number"] == "01/BC-BTK"


@pytest.mark.usefixtures("issue")
def test_what_cannot_be_made_again_with_its_bytes_is_not_written(office, tmp_path):
    to = tmp_path / "x.docx"
    line = ("paper", "issue", "progress", "--output", to, "--idempotency-key", "k1")
    office(*line)
    to.unlink()
    office("office", "set", "--name", "Another office")
    error = office.refused(8, *line)

    assert "01/BC-BTK is issued and recorded" in error["message"]
    assert "casework paper withdraw" in error["hint"]
    assert not to.exists()


@pytest.mark.usefixtures("issue")
def test_a_commit_whose_answer_is_lost_leaves_the_file_of_the_paper(office, tmp_path, monkeypatch):
    """The session begins the command again under the key it has made, and finds it was done."""
    to, held, lost = tmp_path / "x.html", papers.issue, []

    def issue(session, *asked, **said):
        issued = held(session, *asked, **said)
        if not lost:
            to.unlink()
            session.kept, session.unsure, session._made = False, True, key_of(office)
            lost.append(issued)
            raise AwayError("store.no-register", unsure=True)
        return issued

    monkeypatch.setattr(papers, "issue", issue)
    office("paper", "issue", "progress", "--output", to)

    assert to.exists()
    assert len(office.json("paper", "list")) == 1


def key_of(office):
    with office.store().reading() as connection:
        return [*audit_log.every_event(connection)][-1].command["key"]
