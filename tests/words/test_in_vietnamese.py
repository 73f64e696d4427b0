"""With --lang vi nothing English is left, but names, codes, options, and what people typed."""

import html
import os
import re
import shutil
import tempfile
from email import message_from_bytes
from email.policy import default
from pathlib import Path
from shlex import split
from zipfile import ZipFile

import click
import ground
import icalendar
import inject
import pypdf
import pytest
import texts
import xlsxwriter
from click.testing import CliRunner
from command_tree import commands
from vietnamese import TYPED, english

from casework.cli import COMMANDS, casework
from casework.cli.lines import NOTHING, OWN
from casework.cli.sit import SAYS
from casework.cli.topics import TOPICS
from casework.exchange.columns import COLUMNS, columns_of
from casework.kinds.choices import Outcome
from casework.kinds.forms import FORMS
from casework.kinds.records import KINDS, names_of
from casework.papers.model import Paper
from casework.rules.workflow import ACTS
from casework.system.configuration import KEYS
from casework.words import said
from casework.words.catalogue import entries_of

NAMES = [" ".join(words) for words, _ in commands()]
ISO = re.compile(r"\b\d{4}-\d\d-\d\d\b")


def choices():
    """Return the words of the command line that are chosen from lists, which are codes."""
    for _, command in commands():
        for one in command.params:
            if isinstance(one.type, click.Choice):
                yield from map(str, one.type.choices)


CODES = {
    *(str(value) for form in FORMS.values() if "among" in form for value in form["among"]),
    *(name for kind in KINDS for name in names_of(kind)),
    *(column.name for column in COLUMNS),
    *("json", "ndjson", "csv", "html", "xlsx", "docx", "pdf", "ics", "jsonl", "eml", "bashrc"),
    "macro",
    *("zshrc", "ref", "day", "login", "reason", "note", "registrar", "standby", "new", "mark"),
    *(
        "erased",
        "withheld",
        "true",
        "false",
        "sql",
        "off",
        "on",
        "asign",
        "always",
        "auto",
        "never",
        "primary",
        "kind",
    ),
    *ACTS,
    *KEYS,
    *OWN,
    *SAYS,
    *("end", "session"),
    *("where", NOTHING),
    *("alias", "late"),
    *(word for topic in TOPICS for word in topic.split("-")),
    *(word for name in NAMES for word in name.split()),
    *choices(),
}
"""What stays as it is in both languages: choices, names of columns, fields, acts and formats."""

IN_TOPICS = {
    *("table", "Linux", "macOS", "June", "open", "today", "tomorrow", "monday", "next", "week"),
    *("before", "the", "conference", "and", "or", "not", "message", "hint", "exit", "code", "quy"),
    "changed",
}
"""Dates, and other words of English, that topics of help show."""

NAMED_IN_FILES = {
    *("act", "actor", "cases", "changes", "commitment", "document", "events", "disclosed", "from"),
    *("hash", "key", "kind", "last", "login", "note", "prev", "proofs", "reason", "recorded_at"),
    *("redacts", "to", "tool", "values", "version", "effective_on", "checkpoint", "seq", "v"),
    *("cosignature", "time", "case", "field", "tag", "byte", "of", "list", "salt", "path", "value"),
    *("LF", "CR", "BOM", "UTC", "jsonl", "txt", "null", "amends", "strikes", "command", "what"),
    *("reported", "deputy", "deputy_of", "document_date", "kinds", "date"),
}

HELP = ("help.", "option.", "filter.", "column.")


def test_no_text_of_the_catalogue_has_an_english_word():
    vietnamese, wrong = entries_of("vi"), {}
    for key in texts.in_catalogue():
        # Help, hints, and what columns mean name choices and columns; others only in values.
        codes = CODES if key.startswith(HELP) or key in WITH_CODES else ()
        codes = codes or (CODES | IN_TOPICS if key.startswith("topic.") else ())
        # It names the members of files, byte for byte.
        codes = NAMED_IN_FILES if key == "evidence.readme.specification" else codes
        if found := english(" ".join(vietnamese[key] or ()), *codes):
            wrong[key] = found

    assert wrong == {}


WITH_CODES = {
    *("acts.on-no-case.hint", "acts.takes.mark", "calendar.not-one.hint", "cell.needs-title"),
    *("demo.next", "due.none.hint.cli", "export.format", "finding.self-confirmed.meaning"),
    *("ics.no-dates.hint.cli", "key.new-reason", "paper.too-long.hint", "paper.too-long.hint.cli"),
    *("tracing.not-a-trace.hint", "xlsx.rows.hint"),
    *("xlsx.rows.hint.cli", "file.kind.gzip", "click.version-of", "evidence.readme"),
    *("text.withheld", "query.fields", "query.hint"),
    *("template.ending", "template.ending.hint", "template.live.hint", "template.not-word.hint"),
    *("alias.no-command.hint", "config.alias-name.hint", "config.no-table"),
    *("config.alias.hint", "config.alias.hint.cli", "config.relative", "config.no-text.hint"),
    *("shell.help", "shell.use-what.hint"),
    *("sit.how", "sit.unknown.hint", "sit.whose.hint"),
}
"""Texts in which a code, a format or the name of a rule stands."""


@pytest.mark.parametrize("name", ["", *NAMES])
def test_no_english_word_is_left_in_the_help(name):
    words = [*name.split(), "--lang", "vi", "--help"]
    result = CliRunner().invoke(casework, words, terminal_width=10_000)

    assert result.exit_code == 0
    told = re.sub(r"Ví dụ:\n(.|\n)*?\n\n", "", result.stdout)
    names = {*NAMES, *name.split(), *(word for one in NAMES for word in one.split())}
    found = english(told, *CODES, *names)
    assert found == set(), (found, told)


# --- every command, with a result and refused ------------------------------------------------

DATA = """
Ministry of Foreign Affairs|Union of Friendship Organizations|Committee of the past
Committee that was|Registrar|National Day|New Year|Decision 12|Decision 13|Circular 3|the law
Nguyễn Thị Lan|Phạm Chi|Vũ Nga|they said|Other|Later|Minh|Lan|New|One
Natural disaster|Weather|Two|Three|Four|Five|Six|Seven|Eight
"""
"""What people typed into the register of `ground`: names, titles, reasons."""

SAID = {
    *("waits", "text", "done", "root", "registrar", "vufo", "mofa", "lan", "chi", "nga", "minh"),
    *("gone", "hcmc", "inspectorate", "nobody", "soon", "xyz", "unknown", "utf", "truncate"),
    *(
        "cryptography",
        "python",
        "sqlite",
        "weather",
        "letters",
        "missing",
        "out",
        "new",
        "Directory",
    ),
    *("proposer", "title", "doubted", "extensions", "reassign", "answer", "Directory"),
    *("office", "mine", "list", "progress"),
    *(column.name for kind in KINDS.values() if kind.common for column in columns_of(kind)),
}
"""Codes and words of that register, of its files, and settings of SQLite that doctor shows."""

ASKS = """
doctor
completion bash
shell
sit NFAC-21
config list --show-origin
help secrecy
man
config get format
view list
view save mine --overdue
view save mine --open --shared
list --view mine
template save mine --text {title}
template save mine --text {title} --shared
template show lan
template list
list
show A.4
history A.4
search Four
next
status
due explain A.2
report diff --as-of 2023-01-01 --known-at 2024-01-01
conference list
conference show NFAC-20
holiday list
org list
org show mofa
person list
person show lan
audit findings
audit findings --explain
audit key
audit log --case A.4
audit replay
audit status
audit status --db papers.db
audit verify
db check
db path
policy show
request list
request show A.6.R1
cause add weather --name Weather --objective yes
cause list
office set --name Ban
paper list --db papers.db
paper show 1 --db papers.db
paper check paper.html --db papers.db
paper diff 1 1 --db papers.db
paper reader --to reader.html
report overdue --until 2099-12-31
report progress
report review --of NFAC-20 --for NFAC-21
report slippage
report workload
report forecast --until 2099-12-31
remind --from office@office.example --to letters --dry-run
note A.1 text --dry-run
extend A.2 --due 30/6/2099 --reason r
request grant A.7 --dry-run
request withdraw A.7 --dry-run
uphold A.7 --reason r --dry-run
policy reply-days 3 --reason r
request show A.7.T1
show A.7
history A.7
assign A.1 --owner mofa --due +30d
"""

WRONG = """
init --zone Moon
demo register.db
doctor --db missing.db
completion tcsh
config list --format xyz
config get colour
config get by
config set lang xyz
config set columns "  "
config set alias.list list
config set alias.mine nothing
config set alias.mine "list 'x"
config set alias.mine mine
config set "alias.a b" list
config set langg xyz
config unset lang
help nothing
man nothing
propose --title T --proposer nobody
propose --ref A.1 --title T --proposer vufo
assign A.2 --owner mofa --due 2030-01-01
verdict A.2 not
assign A.1 --owner mofa
assign A.1 --owner mofa --due soon
assign A.1 --owner nobody --due 2030-01-01
assign A.1 --owner mofa --due 31/2/2027
assign A.1 --owner mofa --due "mùng 3 tết"
assign A.1 --owner mofa --due 2020-01-01
advance A.1
advance A.2 --outcome explained --answer done
answer A.1 --outcome explained --answer done
answer A.3 --outcome xyz --answer done
return A.1 --reason r
close A.2 --outcome implemented --reason r
reopen A.1 --reason r
reassign A.2 --owner mofa --reason r
extend A.2 --due 2020-01-01 --reason r
extend A.7 --due 2099-12-31 --reason r --ask
extend A.2 --due 2099-12-31 --reason r --ask --late-cause storm
return A.7 --not-ours --reason r
uphold A.2 --reason r
request grant A.7 --due 2100-12-31
request grant missing
request withdraw A.2
policy reply-days 0 --reason r
hold A.5 --reason r
hold A.1 --reason r
resume A.2
edit A.1 --title One
coordinate A.2 --with mofa
link A.2 --repeats A.2
note A.1 ""
note A.1 text --effective 2001-01-01
note missing text
correct A.2 --field xyz --to y --reason r
correct A.1 --field outcome --to explained --reason r
redact A.4 --field theme --basis "the law" --consent chi
redact --person lan --basis "the law" --consent registrar
request confirm A.6.R1 --by nga
request confirm missing
request refuse missing --reason r
request show missing
request list --limit x
policy four-eyes off --reason r
policy next-working-day xyz --reason r
policy show --db missing.db
list --owner nobody
list --state xyz
list --due-before soon
show missing
history missing
search ""
next --by nobody
status --limit 3
due explain A.1
report diff --as-of soon --known-at 2024-01-01
report forecast --before nobody
report overdue --output out.txt
report overdue --before NFAC-21 --until 2099-01-01
report progress --as-of soon
report review --of NFAC-21 --for NFAC-20
report slippage --owner nobody
report workload --known-at soon
remind --to letters
remind --from office --to letters
conference add NFAC-20 --number 20 --date 2021-12-13
conference list --as-of soon
conference move nobody --date 2024-01-18 --reason r
conference show nobody
holiday add 2030-01-01 --name "New Year"
org import missing.csv
org import bad-orgs.csv
org import wide.csv
org import empty.csv
org import broken.xlsx
org import merged.xlsx
org import orgs.csv --map x
org import orgs.csv --map x=y
org import orgs.csv --map x=name
person import bad-people.csv
conference import bad-conferences.csv
holiday import missing.csv
holiday import broken.ics
holiday import bad-days.csv
holiday list --year x
holiday recompute
holiday remove 2031-01-01 --reason r
org add mofa --name New
org edit nobody --name New
org edit mofa --name "Ministry of Foreign Affairs"
org end nobody --on 2026-01-01 --reason r
org list --as-of soon
org show nobody
person add lan --name Lan
person edit nobody --name Lan
person away nobody --to 2099-01-01 --deputy lan
person away lan --to 2099-01-01 --deputy lan
person away lan --to 2099-01-01 --deputy thanh
person away thanh --to 2099-01-01 --deputy lan
person away lan --to 2020-01-01 --deputy minh
person away lan --from 2098-01-01 --to 2097-01-01 --deputy minh
person away lan
person back lan
note A text --for lan
person deactivate nobody --reason r
person list --limit x
person show nobody
audit accept missing.txt
audit accept cases.csv
audit checkpoint --key missing.key
audit export missing --to out
audit findings --case missing
audit key --key missing.key
audit log --act xyz
audit loss --reason r --consent nga
audit replay --db missing.db
audit status --db cases.csv
audit submit --since 99999
audit verify --checkpoint cases.csv
audit verify --size 3 --root abc
audit witness cases.csv --name inspectorate
undo nobody --yes
undo A.2
shell extra
sit nowhere
view list extra
view save x --nope
view save x --shared --owner nobody
view save x --shared --output x.csv
view save x --reason r
view drop nobody
view drop nobody --shared
template save x --text {secret}
template save x --text t --reason r
template list extra
template show nobody
template drop nobody
template drop nobody --shared
letter assignment --from a@office.example --to letters --template nobody
batch missing.txt
batch bad.csv
import missing.csv
import bad.csv
import bad.jsonl
import wide.csv
import utf16.csv
import picture.png
export out.txt
export register.db
db backup register.db
db check --db missing.db
db copy out.db
db grant lan
db moved --db missing.db
db path extra
db restore cases.csv --db new.db
db revoke lan --reason r
db upgrade --db cases.csv
cause add "a b" --name x --objective yes
cause edit nobody --name x
cause retire nobody --reason r
cause list --as-of soon
cause show nobody
office set --name "" --place x
office show
paper issue progress --output out.html
paper list --as-of soon
paper show 9
paper check paper.html
paper check
paper check --code CWS1/1/1/00000000/A/
paper check --code x
paper diff 1 9
paper reader --to nowhere/reader.html
paper withdraw 9 --reason r
letter assignment --from office@office.example --to letters --owner nobody
letter reply A.1 --from office@office.example --to letters
asign A.1
org
assign A.1 --ownr x
"""

FILES = {
    "broken.ics": "BEGIN:VCALENDAR\nBEGIN:VEVENT\nSUMMARY:x\nEND:VEVENT\nEND:VCALENDAR\n",
    "bad-days.csv": "day,name\nsoon,x\n",
    "bad.csv": "ref,title,proposer,owner,due\nB.9,Eight,nobody,mofa,soon\n",
    "bad.jsonl": '{"title": 3}\n[1]\n{x\n{"xyz": "1"}\n{"title":"a","title":"b"}\n',
    "wide.csv": "ref,title,proposer\nB.8,Eight,vufo,4,5\n",
    "picture.png": "\x89PNG",
    "empty.csv": "",
    "bad-orgs.csv": "code,name,kind,parent,successor\na,,,,\n,B,,,\nc,C,shop,,\nc2,C,,c3,\n"
    "c3,D,,c2,\nmofa,Other,,,\ne,E,,nobody,\nf,F,,a,\ng,G,,,mofa\n",
    "bad-people.csv": "code,name,org,role\na,A,,\nb,B,vufo,king\n",
    "bad-conferences.csv": "code,number,date\na,0,\nb,x,soon\n",
    "broken.xlsx": "PK\x03\x04xl/",
}
"""Files that are wrong in as many ways."""


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """A folder with a register that has every kind of record, and files to import and to check."""
    folder, before = tmp_path_factory.mktemp("vi"), (dict(os.environ), Path.cwd())
    try:
        ground.at_home(folder)
        inject.prepare()
        for name, text in FILES.items():
            Path(name).write_text(text, encoding="latin-1")
        with xlsxwriter.Workbook("merged.xlsx") as book:
            book.add_worksheet().merge_range("A1:A2", "code")
        Path("utf16.csv").write_text("ref,title,proposer\nB.9,x,nobody\n", encoding="utf-16")
        yield folder
    finally:
        os.environ.clear()
        os.environ |= before[0]
        os.chdir(before[1])
        tempfile.tempdir = None


@pytest.fixture
def told(place, tmp_path, monkeypatch):
    """A function that runs a command line in a copy of the place; it returns code and words."""
    here = tmp_path / "here"
    shutil.copytree(place, here, symlinks=True)
    monkeypatch.chdir(here)
    monkeypatch.setenv("HOME", str(here / "home"))
    monkeypatch.delenv("XDG_DATA_HOME")
    monkeypatch.setenv("CASEWORK_DB", ground.STORE)

    def run(line):
        words = split(inject.line_of(line))
        result = CliRunner().invoke(casework, [*words, "--lang", "vi"])
        return result.exit_code, result.stdout + result.stderr

    with pytest.MonkeyPatch.context() as patch:
        # Where the keys of the log and of the witness are.
        patch.chdir(here)
        yield run


def left(words, *names):
    """Return the English words and dates of what a command said."""
    for one in sorted(DATA.strip().replace("\n", "|").split("|"), key=len, reverse=True):
        words = re.sub(rf"\b{re.escape(one)}\b", " ", words)
    found = english(words, *SAID, *names)
    return found | set(ISO.findall(words))


LINES = [line for line in inject.WRITES.strip().splitlines() if line] + ASKS.strip().splitlines()


def named(line):
    """Return the command of a line."""
    return next((name for name in NAMES if f"{line} ".startswith(f"{name} ")), line)


NEED_MORE = {"cause edit", "cause retire", "cause show", "office show"}
"""Commands that need what this register does not have: they are refused below."""


def test_every_command_is_run_with_a_result_and_refused():
    ran, refused = ({named(line) for line in lines} for lines in (LINES, WRONG.splitlines()))

    assert set(NAMES) - ran - NEED_MORE == {"db grant", "db revoke"}
    assert set(NAMES) - refused == set()


GIVES_A_FILE = (
    "completion",
    "man",
    "audit key",
    "audit checkpoint",
    "audit submit",
    "audit witness",
)


@pytest.mark.parametrize("line", LINES)
def test_no_english_word_is_left_in_what_a_command_says(line, told):
    code, words = told(line)

    assert code in {0, 10}, words
    if not line.startswith(GIVES_A_FILE):
        if line == "demo":
            # What its documents say is shown as they say it, in the codes of another register.
            assert "Sổ minh họa: " in words
            return
        given = split(line)[len(named(line).split()) :]
        typed = {word for one in given if one[:2] != "--" for word in re.findall(r"\w+", one)}
        found = left(words, *OF_LINE.get(named(line), ()), *typed)
        assert found == set(), (found, words)
        assert set(LABEL.findall(words)) <= {*PRAGMAS, *KEYS}, words


LABEL = re.compile(r"^([a-z]+(?:_[a-z]+)+)  ", re.MULTILINE)
"""What stands before a value, where it is a name for programs and no word."""

PRAGMAS = {"journal_mode", "foreign_keys", "recursive_triggers", "trusted_schema", "secure_delete"}
"""Settings of SQLite that `doctor` shows by their names."""

OF_LINE = {
    "doctor": {"synchronous", "bash"},
    "audit log": {*ACTS},
    "config list": {*KEYS, *COMMANDS, "alias", "mine", "default", "auto", "table", "vi", "less"},
    "config get": {"table"},
    "help": {"withheld"},
    "undo": {"propose"},
    "audit findings": {*inject.ASKS, *("back", "dated", "late", "idle", "unsupported", "reopened")}
    | {"unlike", "unlawful"},
}
"""Settings and rules that are called by their names."""


@pytest.mark.parametrize("line", [line for line in WRONG.splitlines() if line])
def test_no_english_word_is_left_in_what_is_refused(line, told):
    code, words = told(line)
    typed = {word for word in re.findall(r"\w+", line) if word not in {"due", "owner", "state"}}
    # A command that is not there is likened to others; so is an act.
    typed |= {
        "asign": {"assign"},
        "audit": {"as", "witness"},
        "config": {*KEYS, *COMMANDS, "due", "overdue", "late"},
    }.get(line.split()[0], set())
    # What may be chosen, and which columns and commands there are, is listed by name.
    words = TYPED.sub(" ", words)
    words = re.sub(r"(?:[\w'-]+, )+(?:hoặc )?[\w'-]+(?: hoặc [\w'-]+)?", " ", words)

    assert code > 1, words
    found = left(words, *typed)
    assert found == set(), (found, words)


def test_what_is_english_is_found_and_what_is_vietnamese_is_not():
    assert english("the case is late") == {"the", "case", "is", "late"}
    assert english("vụ việc 1 đã giao, hạn 30/06/2027 (Thứ Tư)") == set()
    assert english("chạy casework db upgrade --db FILE rồi làm lại") == set()
    assert english("không đọc được 'the file'") == set()
    assert english("owner: mofa") == {"owner", "mofa"}
    assert english("owner: mofa", "owner", "mofa") == set()
    assert left("hạn 2027-06-30") == {"2027-06-30"}
    assert Outcome.IMPLEMENTED in CODES
    assert Paper is not None
    assert said("weekday.3", "vi") == "Thứ Năm"


# --- what is written into files ----------------------------------------------------------------

REPORTS = {
    "overdue": "--until 2099-12-31",
    "progress": "",
    "review": "--of NFAC-20 --for NFAC-21",
    "slippage": "",
    "workload": "",
    "forecast": "--until 2099-12-31",
}
ENDINGS = ("docx", "xlsx", "pdf", "html", "ics")


def written(file):
    """Return the words that a person reads in a file, with its title."""
    match file.suffix:
        case ".docx" | ".xlsx":
            with ZipFile(file) as parts:
                texts = [
                    parts.read(one).decode() for one in parts.namelist() if read_by_people(one)
                ]
            said = re.sub(r"<c:formatCode>.*?</c:formatCode>|<[^>]+>", " ", "\n".join(texts))
            return html.unescape(said)
        case ".pdf":
            book = pypdf.PdfReader(file)
            said = [page.extract_text() for page in book.pages]
            return "\n".join((*said, str((book.metadata or {}).get("/Title", ""))))
        case ".html":
            return told_by_a_page(file.read_text("utf-8"))
        case ".ics":
            book = icalendar.Calendar.from_ical(file.read_bytes())
            return "\n".join(
                str(part[name])
                for part in book.walk()
                for name in ("SUMMARY", "DESCRIPTION", "X-WR-CALNAME", "LOCATION", "COMMENT")
                if name in part
            )
        case ".eml":
            mail = message_from_bytes(file.read_bytes(), policy=default)
            bodies = {kind: mail.get_body((kind,)).get_content() for kind in ("plain", "html")}
            return "\n".join((mail["subject"], bodies["plain"], told_by_a_page(bodies["html"])))
    return file.read_text("utf-8")


def told_by_a_page(text):
    """Return the words that a browser shows of a page."""
    text = re.sub(r"<style.*?</style>|<script.*?</script>", " ", text, flags=re.DOTALL)
    return html.unescape(re.sub(r"<[^>]+>", " ", text))


def read_by_people(name):
    """Tell whether a part of a document or a workbook holds words that people read."""
    return re.fullmatch(
        r"word/(?:document|header\d*|footer\d*|footnotes)[.]xml"
        r"|xl/(?:sharedStrings|workbook|worksheets/sheet\d+|charts/chart\d+)[.]xml"
        r"|docProps/core[.]xml",
        name,
    )


@pytest.mark.parametrize("ending", ENDINGS)
@pytest.mark.parametrize("report", REPORTS)
def test_no_english_word_is_left_in_a_report_that_is_written(report, ending, told):
    code, words = told(f"report {report} {REPORTS[report]} --output out.{ending}")
    if ending == "ics" and code != 0:
        assert code == 2, words
        return

    assert code == 0, words
    text = written(Path(f"out.{ending}"))
    assert len(text) > 40
    found = left(text)
    assert found == set(), (found, text)


def test_no_english_word_is_left_in_a_letter(told):
    code, words = told("remind --from office@office.example --to letters")

    assert code == 0, words
    files = [one for one in Path("letters").rglob("*") if one.is_file()]
    assert {".eml"} <= {one.suffix for one in files}
    for file in files:
        assert left(written(file)) == set(), (file, written(file))
