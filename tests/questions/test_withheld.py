"""No text of a secret case leaves the register by any command, unless who may read it asks."""

import re
import shlex
import zipfile
from email import message_from_bytes
from email.policy import default
from pathlib import Path

import pytest
from command_tree import commands
from forging import read_log, write_log
from offices import desk_of, strict_office

import casework
from casework.kinds.records import Case, shape
from casework.log.event import MEMBERS, SAID
from casework.store.loading import load
from casework.system.text import WITHHELD

TEXTS = sorted(shape(Case.kind).texts)
MARK, REF = "qzx", "NFAC-20.001"
VI = "[nội dung mật]"
ENDINGS = ("json", "csv", "html", "xlsx", "docx", "ics")
REVIEW = "report review --of NFAC-20 --for NFAC-21"
FORECAST = "report forecast --until 2040-01-01"
AHEAD = "report overdue --until 2040-01-01"

QUESTIONS = (
    *("list", "list --json", "list --format csv", "list --sort title", "list --lang vi"),
    *("list --text qzx", "list --theme 'qzx theme'", "list --as-of 2030-01-01 --json"),
    *("list --known-at 2999-01-01 --json", "search qzx", "search mofa", f"search {REF} --json"),
    *(
        f"show {REF}",
        f"show {REF} --json",
        f"show {REF} --lang vi",
        f"show {REF} --as-of 2030-01-01",
    ),
    *(f"history {REF}", f"history {REF} --json", f"history {REF} --lang vi"),
    *("audit log", "audit log --json", "audit findings", "audit findings --lang vi --json"),
    *(f"{line} --output {{to}}.html" for line in (f"show {REF}", "audit findings")),
    *(f"{line} --output {{to}}.docx" for line in ("list", f"history {REF}", "audit log")),
    *(f"{line} --output {{to}}.json" for line in ("list", f"history {REF}", "audit log")),
    *(f"{line} --output {{to}}.csv" for line in (f"show {REF}", "list --columns ref,title")),
    *(f"due explain {REF}", f"due explain {REF} --json"),
    *(
        AHEAD,
        f"{AHEAD} --json",
        f"{AHEAD} --lang vi",
        *(f"{AHEAD} --output {{to}}.{one}" for one in ENDINGS),
    ),
    *("next --limit 1000", "next --limit 1000 --json", "next --limit 1000 --lang vi"),
    *("report progress", "report progress --json", "report slippage", "report slippage --json"),
    *(
        "report review --of NFAC-20 --for NFAC-21",
        "report review --of NFAC-20 --for NFAC-21 --json",
    ),
    *(
        "report workload",
        "report forecast --until 2040-01-01",
        "report forecast --until 2040-01-01 --json",
    ),
    *("report diff --as-of 2030-01-01 --known-at 2020-01-01 --json", "request list"),
    *("export {to}.csv", "export {to}.jsonl", "redact --person lan --mentions"),
)
"""Lines that read; with --with-secret those that withhold something tell it."""

ACTS = (
    *(f"edit {REF} --priority yes", f"note {REF} x", f"coordinate {REF} --with vufo"),
    *(f"extend {REF} --due 2041-01-01 --reason x", f"hold {REF} --reason x"),
    *(f"reassign {REF} --owner vufo --reason x", f"return {REF} --reason x"),
    f"extend {REF} --due 2041-01-01 --reason x --ask",
    f"return {REF} --not-ours --reason x",
    *(
        f"correct {REF} --field priority --to yes --reason x",
        f"link {REF} --relates-to NFAC-20.002",
    ),
    *(f"answer {REF} --outcome explained --answer x", f"advance {REF}"),
    *(f"undo {REF}", f"undo {REF} --json", f"undo {REF} --lang vi"),
    f"redact {REF} --field summary --basis x --consent chi",
    *("import {list}", "import {list} --update", "remind --from a@b.example --to {to}"),
)
"""Lines that write, rehearsed: nothing of the case as they leave it is told."""

ELSEWHERE = {
    *("propose", "assign", "close", "verdict", "reopen", "resume", "audit export", "audit verify"),
    *("uphold", "request grant", "request withdraw"),
    *("audit replay", "request confirm", "request refuse", "request show", "batch", "shell"),
    *("sit", "paper issue", "paper diff", "letter assignment", "letter reply"),
}
"""Commands that other tests below, or of the same code, try."""

OF_NO_CASE = {
    *("cause add", "cause edit", "cause list", "cause retire", "cause show"),
    *("config list", "config get", "config set", "config unset"),
    *("office set", "office show", "status", "view save", "view list", "view drop"),
    *("template save", "template list", "template show", "template drop"),
    *("conference import", "org import", "person import"),
    *("config list", "config get", "config set", "config unset", "help", "man"),
    *("office set", "office show", "paper list", "paper show", "paper check", "paper withdraw"),
    "paper reader",
    *("init", "demo", "doctor", "completion", "policy four-eyes", "policy next-working-day"),
    *(
        "policy reply-days",
        "policy show",
        "conference add",
        "conference list",
        "conference move",
        "conference show",
    ),
    *("holiday add", "holiday import", "holiday list", "holiday recompute", "holiday remove"),
    *("org add", "org edit", "org end", "org list", "org show", "person add", "person deactivate"),
    *("person away", "person back", "person edit", "person list", "person show"),
    *("audit accept", "audit checkpoint", "audit key"),
    *("audit loss", "audit status", "audit submit", "audit witness", "db backup", "db check"),
    *("db copy", "db grant", "db moved", "db path", "db restore", "db revoke", "db upgrade"),
}
"""Commands that tell of cases nothing but references, dates and numbers."""


@pytest.fixture
def engine():
    return "sqlite"


def mark(name):
    return f"{MARK} {name}"


@pytest.fixture
def secret(office):
    """Return an office with an overdue secret case, all of whose texts are marked."""
    said = ("--reason", mark("reason"), "--document", mark("document"))
    day = ("--effective", "2022-01-10")
    office(
        *("propose", "--title", mark("title"), "--title-vi", mark("title_vi")),
        *("--proposer", "hcmc-pc", "--ref", REF, "--conference", "NFAC-20"),
        *("--summary", mark("summary"), "--words", mark("due_words")),
        *(
            "--source",
            mark("source"),
            "--theme",
            mark("theme"),
            "--instrument",
            mark("instruments"),
        ),
        *("--secrecy", "secret", "--effective", "2021-12-13", *said),
    )
    office("assign", REF, "--owner", "mofa", "--due", "2022-06-30", *day, *said)
    office("extend", REF, "--due", "2022-12-31", *day, *said)
    office("advance", REF, *day)
    office("note", REF, mark("note"))
    answer = ("--outcome", "implemented", "--answer", mark("answer"))
    office("advance", REF, *answer, *said)
    office("reopen", REF, *said)
    office("answer", REF, *answer, *said)
    office("org", "edit", "mofa", "--email", "mofa@office.example")
    with office.store().writing() as connection:
        desk = desk_of(connection)
        case = load(connection, Case, REF)
        lacking = [name for name in TEXTS if not getattr(case, name)]
        many = shape(Case.kind).lists
        rest = {name: (mark(name),) if name in many else mark(name) for name in lacking}
        if rest:
            told = {"source": mark("reported")}
            desk.record(desk.act("edit", case, rest, reported=told))
    return office


def told(office, line, folder):
    """Return all that a command line gives, in files too."""
    to = folder / f"{len(list(folder.iterdir()))}"
    done = office.run(*shlex.split(line.format(to=to, list=folder / "list.csv")))
    written = (one for one in folder.rglob("*") if one.is_file())
    files = [one for one in written if one.relative_to(folder).parts[0].startswith(to.name)]
    return done.exit_code, "\n".join((done.stdout, done.stderr, *map(text_of, files)))


def text_of(file):
    if file.suffix in {".xlsx", ".docx"}:
        with zipfile.ZipFile(file) as held:
            return "".join(held.read(one).decode(errors="replace") for one in held.namelist())
    if file.suffix == ".eml":
        return (
            message_from_bytes(file.read_bytes(), policy=default).get_body(("plain",)).get_content()
        )
    return file.read_text("utf-8").replace("\r\n ", "")


def test_every_command_is_tried_or_tells_of_no_case():
    tried = {name for name in NAMES if any(line.startswith(name) for line in QUESTIONS + ACTS)}
    assert tried | ELSEWHERE | OF_NO_CASE == NAMES


NAMES = {" ".join(words) for words, _ in commands()}


def test_every_member_of_an_event_that_people_write_is_withheld():
    free = {name for name, form in MEMBERS.items() if form == MEMBERS["note"]}
    assert free | {"reported"} == set(SAID)


ALL_TOLD = {
    "proof/inspection.py": "rows are compared with the log",
    "questions/audit_log.py": "every event, to be folded or looked through",
    "questions/reading.py": "the gate itself",
    "questions/replay.py": "a day is folded, and asked through the gate",
    "questions/searching.py": "notes are found of cases that are seen",
    "questions/working_calendar.py": "days off",
    "store/timelines.py": "records are folded for who writes and verifies",
}
"""Where events are read with all they say, and why that is told to nobody."""


def test_events_are_read_for_people_at_the_gate_alone():
    root = Path(casework.__file__).parent
    texts = {str(one.relative_to(root)): one.read_text("utf-8") for one in root.rglob("*.py")}
    reads = {
        name for name, text in texts.items() if re.search(r"\b(audit\.read|read_event)\(", text)
    }
    assert reads == ALL_TOLD.keys()


def test_no_way_out_tells_a_text_and_whoever_may_read_it_is_told(secret, tmp_path):
    folder = tmp_path / "out"
    folder.mkdir()
    events = secret.json("history", REF, "--with-secret")
    tried = {name for one in events for name, pair in one["changes"].items() if MARK in str(pair)}
    tried |= {name for one in events for name in SAID if MARK in str(one[name])}
    assert tried == {*TEXTS, *SAID}

    for line in QUESTIONS:
        code, said = told(secret, line, folder)
        assert code == 0, f"{line}: {said}"
        assert MARK not in said.casefold(), line
        hidden = WITHHELD in said or VI in said
        assert (VI not in said) if "--lang vi" not in line else (WITHHELD not in said), line
        code, said = told(secret, f"{line} --with-secret", folder)
        assert code == 0, f"{line}: {said}"
        assert (MARK in said.casefold()) or not hidden, line


def test_no_act_tells_a_text_of_the_case_it_leaves(secret, tmp_path):
    folder = tmp_path / "out"
    folder.mkdir()
    secret("propose", "--title", "Other", "--proposer", "hcmc-pc", "--ref", "NFAC-20.002")
    rows = (
        "ref,title,proposer,conference,answer",
        f"{REF},Guess,hcmc-pc,NFAC-20,Guess",
        f",{mark('title').upper()},hcmc-pc,NFAC-20,",
    )
    (folder / "list.csv").write_text("\n".join(rows), "utf-8")
    for line in ACTS:
        code, said = told(secret, f"{line} --dry-run --json", folder)
        assert code == 0 or line.startswith("import"), said
        assert MARK not in said.casefold(), line
    code, said = told(secret, "remind --from a@b.example --to {to}", folder)
    assert code == 0
    assert WITHHELD in said
    assert MARK not in said.casefold()
    secret.refused(4, "remind", "--from", "a@b.example", "--to", folder / "x", "--with-secret")


def bundle(office, folder, *words):
    office("audit", "export", *words, "--to", folder)
    return {one.name: one.read_text("utf-8") for one in folder.iterdir()}


def test_a_bundle_discloses_no_text_and_refuses_what_tells_one_in_clear(office, tmp_path):
    office("propose", "--title", mark("title"), "--proposer", "hcmc-pc", "--ref", REF)
    office("note", REF, mark("note"))
    office("edit", REF, "--secrecy", "secret")
    for number, refs in enumerate(((REF,), ())):
        files = bundle(office, tmp_path / f"bundle-{number}", *refs)
        assert MARK not in "".join(files.values())
        files = bundle(office, tmp_path / f"whole-{number}", *refs, "--with-secret")
        assert files["disclosed.jsonl"].count(MARK) == 2

    office("propose", "--title", "Other", "--proposer", "hcmc-pc", "--ref", "A.1")
    office("edit", "A.1", "--theme", mark("theme"), "--document", mark("document"))
    bundle(office, tmp_path / "bundle", "A.1")
    office("edit", "A.1", "--secrecy", "confidential")
    for refs in (("A.1",), ()):
        to = ("--to", tmp_path / "refused")
        error = office.refused(4, "audit", "export", *refs, *to)
        assert error["message"].endswith("tells in clear: theme, document")
        assert not (tmp_path / "refused").exists()
    bundle(office, tmp_path / "asked", "A.1", "--with-secret")
    bundle(office, tmp_path / "other", REF)


def test_a_request_that_tells_a_secret_in_clear_is_in_no_bundle(office, tmp_path):
    strict_office(office)
    office("propose", "--title", "x", "--proposer", "hcmc-pc", "--ref", REF, "--secrecy", "secret")
    office("propose", "--title", "Other", "--proposer", "hcmc-pc", "--ref", "A.1")
    asks = ("close", REF, "--outcome", "withdrawn", "--reason", mark("reason"), "--by", "nga")
    office(*asks)
    office("request", "refuse", f"{REF}.R1", "--reason", mark("why"))
    entries = read_log(office)
    body, values = next(one for one in entries if one[0]["act"] == "refuse")
    # No command of ours writes it so.
    body["reason"] = values.pop("reason")[1]
    write_log(office, entries)

    for refs in ((REF,), ("A.1", REF), ()):
        error = office.refused(4, "audit", "export", *refs, "--to", tmp_path / "refused")
        assert f"request {REF}.R1, which has a degree of secrecy" in error["message"]
        assert error["message"].endswith("tells in clear: reason")
        assert not (tmp_path / "refused").exists()
    told = bundle(office, tmp_path / "asked", REF, "--with-secret")
    assert mark("why") in told["events.jsonl"]
    assert MARK not in "".join(bundle(office, tmp_path / "other", "A.1").values())


def test_all_that_is_said_of_a_secret_case_is_committed_to(office, tmp_path):
    said = ("--document", mark("document"), "--reason", mark("reason"))
    texts = ("--theme", mark("theme"), "--instrument", mark("instruments"))
    office(
        *("propose", "--title", mark("title"), "--proposer", "hcmc-pc", "--ref", REF),
        *("--secrecy", "secret", *texts, *said),
    )
    office("edit", REF, "--theme", mark("other"), "--theme", "more", *said)
    office("edit", REF, "--secrecy", "none", *said)
    office("edit", REF, "--secrecy", "confidential", *said)
    office("audit", "verify")
    assert MARK not in "".join(bundle(office, tmp_path / "bundle", REF).values())
    told = bundle(office, tmp_path / "asked", REF, "--with-secret")
    assert MARK not in told["events.jsonl"]
    assert all(mark(name) in told["disclosed.jsonl"] for name in ("theme", "document", "other"))
    first, *_ = office.json("history", REF, "--with-secret")
    assert (first["document"], first["changes"]["theme"][1]) == (mark("document"), [mark("theme")])

    office("edit", REF, "--secrecy", "none")
    office("note", REF, "x")
    office("edit", REF, "--document", "12/TB", "--priority", "yes")
    assert "12/TB" in bundle(office, tmp_path / "clear", REF)["events.jsonl"]
