"""A plain field is a row and a line of migration: tried on a copy of the program."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[2]
ROW = """    programme: str | None = row(
        "programme",
        "chương trình",
        default=None,
        option=("The programme it belongs to.", "Chương trình liên quan."),
        file="the programme it belongs to",
        correct=True,
        filter=("Only cases of this programme.", "Chỉ vụ việc thuộc chương trình này."),
        sort=True,
        counted=True,
        search=12,
        shown=THEN,
    )
"""
MIGRATION = """import sqlalchemy as sa
from alembic import op

revision, down_revision, branch_labels, depends_on = "{new}", "{old}", None, None


def upgrade():
    op.add_column("case", sa.Column("programme", sa.Text(), nullable=True))
"""


@pytest.fixture
def copy(tmp_path):
    """Return a copy of the program in which a case has one more field, and what runs it."""
    pytest.importorskip("babel")
    pytest.importorskip("cogapp")
    root = tmp_path / "copy"
    for part in ("casework", "migrations", "docs", "seeds"):
        ignored = shutil.ignore_patterns("__pycache__", "compiled.tsv", "_bundled")
        shutil.copytree(REPOSITORY / part, root / part, ignore=ignored)
    # By it a checkout is known, which makes its statements anew.
    shutil.copy(REPOSITORY / "hatch_build.py", root)
    case = root / "casework" / "kinds" / "case.py"
    before, links, after = case.read_text("utf-8").partition("    links: Links = row(")
    case.write_text(before + ROW + links + after, "utf-8")
    old = max(path.name[:4] for path in (root / "migrations" / "versions").glob("*.py"))
    new = f"{int(old) + 1:04d}"
    migration = root / "migrations" / "versions" / f"{new}_programme.py"
    migration.write_text(MIGRATION.format(new=new, old=old), "utf-8")

    def run(*words):
        env = os.environ | {
            "PYTHONPATH": str(root),
            "CASEWORK_DB": str(tmp_path / "register.db"),
            "PYTHONUTF8": "1",
        }
        done = subprocess.run(
            [sys.executable, *words], cwd=root, env=env, capture_output=True, text=True
        )
        assert done.returncode == 0, f"{words}: {done.stdout}{done.stderr}"
        return done.stdout

    # What make docs runs.
    run("docs/catalogues.py")
    for file in ("db.py", "door/number.py"):
        run("-m", "cogapp", "-P", "-r", f"casework/store/{file}")
    return run


@pytest.mark.timeout(600)
def test_a_plain_field_takes_a_row_and_a_line_of_migration(copy, tmp_path):
    def casework(*words):
        return copy("-m", "casework", *words)

    def told(*words):
        return json.loads(casework(*words, "--json"))

    casework("init")
    casework("org", "add", "hcmc-pc", "--name", "People's Committee")
    given = ("--title", "Rules", "--proposer", "hcmc-pc", "--ref")
    casework("propose", *given, "A.1", "--programme", "Đường 2030")
    casework("propose", *given, "A.2")
    casework("edit", "A.2", "--programme", "Bridges")

    assert told("show", "A.1")["programme"] == "Đường 2030"
    assert "chương trình" in casework("show", "A.1", "--lang", "vi")
    assert [one["ref"] for one in told("list", "--programme", "Bridges")] == ["A.2"]
    assert [one["ref"] for one in told("list", "--sort", "programme")] == ["A.2", "A.1"]
    assert told("list", "--count-by", "programme")[0]["cases"] == 1
    assert [one["ref"] for one in told("search", "duong 2030")] == ["A.1"]
    assert len(told("audit", "log", "--field", "programme")) == 2
    assert "Only cases of this programme." in casework("list", "--help")
    assert "Chương trình liên quan." in casework("edit", "--help", "--lang", "vi")

    file = tmp_path / "cases.csv"
    casework("export", str(file))
    file.write_text(file.read_text("utf-8").replace("Bridges", "Ports"), "utf-8")
    casework("import", str(file), "--update")
    assert told("show", "A.2")["programme"] == "Ports"
    casework("correct", "A.1", "--field", "programme", "--to", "", "--reason", "another case's")
    assert told("show", "A.1")["programme"] is None
    casework("audit", "verify")
