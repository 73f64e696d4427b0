"""What is asked and done without SQLAlchemy: importing it takes longer than most commands."""

import json
import os
import shlex
import subprocess
import sys

import pytest
from click.testing import CliRunner
from command_tree import commands

from casework.cli import casework

CHANGE_A_SCHEMA = {"init", "demo", "db upgrade", "db restore"}
"""What makes or changes a schema, which is SQLAlchemy's and Alembic's work."""

OF_A_SERVER = {"db grant", "db revoke"}
"""What a file refuses: it has no logins."""

WAITS = "policy four-eyes on --reason R ;; close 000-02 --outcome superseded --reason R"
SUBMITTED = "audit key ;; audit submit --to s.txt"
WITNESSED = f"{SUBMITTED} ;; audit witness s.txt --name hanoi --vkey KEY --to w.txt"
LOST = "! register.db o.db ;; note 000-08 x ;; audit checkpoint --to c.txt ;; ! o.db register.db"
AWAY = (
    "person add lan --name Lan --org mofa ;; person add nga --name Nga --org vufo"
    " ;; person away lan --to 2999-01-01 --deputy nga"
)
SECOND = "--name Chi --org mofa --role secretariat --login chi"
MAILED = "org edit hcmc-pc --email a@b.example"
ISSUED = "office set --name Ban --series BC ;; paper issue progress --output p.html"
CAUSED = "cause add storm --name Storm --objective yes"

ASKED = "extend 003-07 --due 2999-12-31 --reason hearings --ask"
FILES = {
    "o.csv": "code,name\nnew,New\n",
    "p.csv": "code,name,org\nlan,Lan,mofa\n",
    "c.csv": "code,number,date\nNFAC-22,22,2999-12-18\n",
    "acts.txt": "note 000-08 text\n",
}

LINES = (
    # questions
    *("list", "list --state proposed", "list --owner mofa", "list --proposer hcmc"),
    *("list --conference NFAC-20", "list --overdue", "list --due-before 2023-01-01"),
    *("list --theme tourism", "list --text 'van phong'", "list --sort title --owner mofa"),
    *("list --owner mofa --overdue --sort due --limit 3", "list --overdue --count-by owner"),
    *("list --state assigned --state proposed --count-by proposer", "list --as-of 2022-01-01"),
    *("list --owner mofa --known-at 2999-01-01", "show 000-08 --as-of 2022-01-01"),
    *("search van phong", "search 'bo ngoai giao'", "search 'second draft'", "show 000-08"),
    *("history 000-08", "due explain 003-21", "policy show", "request list"),
    *(f"{WAITS} ;; request show 000-02.R1", "conference list", "conference show NFAC-20"),
    *("holiday list --year 2026", "org list", "org show 'bo ngoai giao'", "person list"),
    *("person show to-anh-dung", "report workload", "report progress", "report overdue"),
    *("report overdue --before NFAC-21 --as-of 2023-12-08", "report slippage --owner mofa"),
    *("report diff --as-of 2023-12-08 --known-at 2023-12-08", "report slippage"),
    "report review --of NFAC-20 --for NFAC-21",
    *("report forecast --before NFAC-21 --as-of 2023-12-08", "export cases.jsonl"),
    f"{CAUSED} ;; cause list ;; cause show storm",
    "office set --name Secretariat ;; office show",
    f"{ISSUED} ;; paper list ;; paper show 1 ;; paper check p.html ;; paper diff 1 1",
    f"{ISSUED} ;; paper withdraw 1 --reason late",
    *("next", "status", "list --where 'owner:mofa and not overdue' --sort -due", "shell"),
    *("config set lang en ;; config list ;; config get lang ;; config unset lang", "help dates"),
    *("view save late --overdue ;; view list ;; list --view late ;; view drop late", "man advance"),
    "view save late --overdue --shared ;; list --view late ;; view drop late --shared",
    "template save late --text t --shared ;; template show late ;; template drop late --shared",
    "template save late --text t ;; template list ;; template drop late",
    *("completion bash", "doctor", "remind --from a@b.example --to letters --dry-run"),
    "letter assignment --from a@b.example --to letters --dry-run",
    "org edit gov --email a@b.example ;; letter reply 003-21 --from a@b.example --to letters",
    # acts
    "propose --title Rules --proposer hcmc-pc",
    "assign 000-02 --owner mofa --due 2999-06-30 --with hcmc-pc",
    "advance 000-08 --outcome implemented --answer 'in force'",
    "answer 000-08 --outcome explained --answer 'see Decree 6'",
    "return 003-07 --reason 'not ours'",
    "close 000-02 --outcome superseded --reason 'asked again'",
    "verdict 003-21 not",
    "reopen 003-21 --reason 'one way only'",
    "reassign 000-08 --owner vufo --reason theirs",
    "extend 000-08 --due 2999-12-31 --reason hearings",
    "hold 000-08 --reason waits ;; resume 000-08",
    "edit 000-08 --title Rules",
    "coordinate 000-08 --with cer",
    "link 000-02 --repeats 003-32",
    "note 000-08 text",
    "correct 000-08 --field title --to Rules --reason misread",
    "redact 000-08 --field title --basis 'Decree 13' --consent chi",
    "redact --person chi --mentions",
    f"{WAITS} ;; chi: request confirm 000-02.R1",
    f"{WAITS} ;; chi: request refuse 000-02.R1 --reason 'not yet'",
    "policy four-eyes on --reason 'Decision 12'",
    "policy next-working-day off --reason 'as before'",
    "remind --from register@office.example --to letters",
    "conference add NFAC-22 --number 22 --date 2999-12-18 --previous NFAC-21",
    "conference move NFAC-21 --date 2023-12-19 --reason snow",
    "holiday add 2999-01-01 --name 'New Year'",
    "holiday import",
    "holiday recompute --reason decided",
    "holiday remove 2027-02-10 --reason 'a day less'",
    f"{CAUSED} ;; cause edit storm --name Flood ;; cause retire storm --reason wide",
    "org add new --name New",
    "org edit mofa --name 'Foreign Ministry'",
    "org end vufo --on 2999-01-01 --reason merged",
    "person add lan --name Lan --org mofa --role desk --login lan",
    "person edit to-anh-dung --name Dung",
    f"{AWAY} ;; note 000-08 text --by nga --for lan ;; person back lan",
    "person deactivate to-anh-dung --reason left",
    "advance 003-07 000-05 --yes",
    "sit NFAC-21",
    "note 000-08 text ;; undo --yes",
    f"{ASKED} ;; request grant 003-07.T1",
    f"{ASKED} ;; request withdraw 003-07.T1",
    "return 003-07 --not-ours --reason theirs ;; uphold 003-07 --reason 'it is'",
    "policy reply-days 7 --reason 'as agreed'",
    *("org import o.csv", "person import p.csv", "conference import c.csv", "batch acts.txt"),
    "import -",
    "import - --update --dry-run",
    # the log and the store
    *("audit log", "audit log --act extend", "audit log --field due_basis --since 2021-12-13"),
    *("audit log --actor registrar --case 000-08 --until 2999-01-01", "audit findings"),
    *("audit replay", "audit status", "audit verify", "audit verify --log-only", "audit key"),
    *("audit checkpoint --to checkpoint.txt", "audit export 000-08 --to evidence"),
    *(f"{WITNESSED} ;; audit accept w.txt --vkey KEY", "audit key new --reason stolen"),
    f"{LOST} ;; audit loss --reason 'the disk failed' --consent chi",
    *("db path", "db check", "db backup copy.db", "db copy trial.db --trial"),
    "audit checkpoint --to c.txt ;; paper reader --to r.html ;; db moved --db register.db",
)
SERVED = (
    *("list", "list --owner mofa --sort=-due --limit 3", "list --text rules --json"),
    "list --where 'owner:mofa and not overdue' --count-by owner",
    "propose --ref A.1 --title Rules --proposer hcmc-pc",
    "assign A.1 --owner mofa --due 2999-06-30",
    "extend A.1 --due 2999-12-31 --reason more",
    *("note A.1 text", "show A.1", "history A.1", "show A.1 --as-of 2999-01-01"),
    *("next", "status", "search rules", "report overdue", "report progress", "report slippage"),
    *("audit log --act note", "audit verify", "audit findings", "export -", "import -"),
    *("advance A.1", "undo A.1 --yes", "batch - --each --help", "db check", "doctor", "db path"),
)
"""What is done on a server, one after the other."""

BLOCK = """
import json, os, shlex, shutil, sys
from importlib.abc import MetaPathFinder

class Blocked(MetaPathFinder):
    def find_spec(self, name, path, target=None):
        if name.partition(".")[0] in {"sqlalchemy", "alembic"}:
            raise AssertionError(f"{name} is imported")

sys.meta_path.insert(0, Blocked())
"""
SERVE = f"""{BLOCK}
from click.testing import CliRunner
from casework.cli import casework
found = {{}}
for line in json.load(sys.stdin):
    done = CliRunner().invoke(casework, shlex.split(line), input=sys.argv[1])
    if done.exit_code:
        found[line] = f"{{done.exit_code}} {{done.output}}"
json.dump(found, sys.stdout)
"""
RUN = (
    BLOCK
    + """
from click.testing import CliRunner
from casework.acts import actors
from casework.cli import casework
found, login = {}, actors.os_login
for line in json.load(sys.stdin):
    shutil.copy(sys.argv[1], "register.db")
    for name, text in json.loads(sys.argv[3]).items():
        with open(name, "w", encoding="utf-8") as file:
            file.write(text)
    key = ""
    for part in line.split(" ;; "):
        who, _, part = part.rpartition(": ")
        actors.os_login = (lambda: who) if who else login
        words = shlex.split(part.replace("KEY", key))
        if words[0] == "!":
            shutil.copy(*words[1:])
            continue
        typed = {"shell": "status\\n", "sit": "hcmc: One more\\n"}.get(words[0], sys.argv[2])
        done = CliRunner().invoke(casework, words, input=typed)
        if done.exit_code:
            found[line] = f"{done.exit_code} {done.output}"
            break
        key = next((word for word in done.output.split() if word.count("+") > 1), key)
    for name in os.listdir():
        shutil.rmtree(name) if os.path.isdir(name) else os.remove(name)
json.dump(found, sys.stdout)
"""
)
ROWS = "title,proposer\nOne more,hcmc\n"


@pytest.fixture
def register(tmp_path, monkeypatch):
    """The demonstration, in which a second person may confirm, as a file to be copied."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CASEWORK_STATE", str(tmp_path / "state"))
    for words in (
        ["demo", "demo"],
        [
            "--db",
            "demo/register.db",
            *shlex.split("person add chi --name Chi --org mofa --role secretariat"),
        ],
        ["--db", "demo/register.db", *shlex.split("person edit chi --login chi")],
    ):
        done = CliRunner().invoke(casework, words)
        assert done.exit_code == 0, done.output
    return tmp_path / "demo" / "register.db"


def test_only_what_changes_a_schema_imports_sqlalchemy(register, tmp_path):
    folder = tmp_path / "run"
    folder.mkdir()
    words = [sys.executable, "-c", RUN, str(register), ROWS, json.dumps(FILES)]
    done = subprocess.run(
        words,
        cwd=folder,
        env={**os.environ, "CASEWORK_DB": "register.db", "CASEWORK_STATE": str(folder / "state")},
        input=json.dumps(LINES),
        capture_output=True,
        text=True,
    )

    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found == {}, "\n".join(f"{line}: {told}" for line, told in found.items())


@pytest.mark.parametrize("engine", ["postgresql"], indirect=True)
def test_nor_is_it_imported_for_a_server(office, tmp_path):
    done = subprocess.run(
        [sys.executable, "-c", SERVE, "title,proposer\nOne more,hcmc-pc\n"],
        cwd=tmp_path,
        env={**os.environ, "CASEWORK_DB": office.url},
        input=json.dumps(SERVED),
        capture_output=True,
        text=True,
    )

    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == {}


def test_every_command_is_among_the_lines():
    parts = [shlex.split(part.rpartition(": ")[2]) for line in LINES for part in line.split(" ;; ")]
    tried = {
        " ".join(words)
        for words, _ in commands()
        if any(p[: len(words)] == [*words] for p in parts)
    }

    assert {" ".join(words) for words, _ in commands()} - tried == CHANGE_A_SCHEMA | OF_A_SERVER
