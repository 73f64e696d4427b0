"""`shell`: command lines one after the other, through a pipe and on a terminal."""

import json
import os
import select
import signal
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from casework.cli import casework
from casework.cli.lines import Current
from casework.cli.lines import Shell as Lines
from casework.cli.prompt import completions
from casework.cli.settings import Settings
from casework.store.db import Store


@pytest.fixture
def piped(office):
    """A function that gives lines to the shell through a pipe."""

    def run(*lines, code=0, words=()):
        result = office.run(*words, "shell", input="".join(f"{line}\n" for line in lines))
        assert result.exit_code == code, result.stderr + result.stdout
        return result

    return run


def notes(office, ref):
    return [one["note"] for one in office.json("history", ref) if one["note"]]


def test_lines_are_run_as_command_lines_are(office, piped, case):
    ref = case()
    line = f'note {ref} "Ghi chú # một"   # từ cuộc họp'
    result = piped("# nothing", "", line, f"casework show {ref} --json", "exit", "list")

    assert notes(office, ref) == ["Ghi chú # một"]
    printed, _, shown = result.stdout.partition("\n")
    assert printed.startswith(f"{ref}  proposed")
    assert json.loads(shown) == office.json("show", ref)
    assert result.stderr == ""


def test_an_error_does_not_end_it_and_the_first_one_is_the_exit_code(office, piped, case):
    ref = case()
    lines = ["show NONE.1", "fly", f"advance {ref}", "note 'open", f"note {ref} on"]
    result = piped(*lines, code=3)

    assert result.stderr.count("casework: ") == 4
    assert notes(office, ref) == ["on"]
    piped("fly", "show NONE.1", code=2)


def test_options_of_the_shell_count_for_every_line_and_a_line_may_have_its_own(piped, case):
    ref = case("assigned")
    words = ["--json", "--lang", "vi"]
    result = piped(f"show {ref}", f"show {ref} --format table", "show NONE.1", code=3, words=words)

    assert json.loads(result.stdout.partition("\n}\n")[0] + "}")["ref"] == ref
    assert "trạng thái" in result.stdout
    assert "không có vụ việc" in json.loads(result.stderr)["error"]["message"]


def test_a_current_case_is_meant_where_a_line_names_none(office, piped, case):
    ref, other = case("assigned"), case("assigned")
    result = piped(
        f"use {ref}",
        "note một",
        "note 'hai từ'",
        f"note {other} x",
        "extend --due 2040-01-31 --reason r",
        f"extend {other} --due 2041-01-31 --reason r",
        "show --json",
        "use",
        "use nothing",
        "show",
        code=2,
    )

    assert notes(office, ref) == ["một", "hai từ"]
    assert notes(office, other) == ["x"]
    assert [office.json("show", one)["due"] for one in (ref, other)] == ["2040-01-31", "2041-01-31"]
    assert f'"ref": "{ref}"' in result.stdout
    assert f"\n{ref}\n" in f"\n{result.stderr}"


def test_what_cannot_be_used_is_not_done_on_what_was_used_before(office, piped, case):
    ref = case()
    piped(f"use {ref}", "use NONE.1", "note lost", code=3)

    assert notes(office, ref) == []


def test_a_current_conference_and_a_filter_narrow_what_is_listed(office, piped, case):
    ref = case("assigned")
    office("propose", "--title", "Elsewhere", "--proposer", "mofa", "--ref", "X.1")
    listed = piped("use conference nfac-20", "list --json").stdout
    assert [one["ref"] for one in json.loads(listed)] == [ref]
    listed = piped("use where state:proposed", "list --json").stdout
    assert [one["ref"] for one in json.loads(listed)] == ["X.1"]
    listed = piped("use where state:proposed", "list --where owner:mofa --json").stdout
    assert [one["ref"] for one in json.loads(listed)] == [ref]
    for line, code in (("use conference NONE", 3), ("use where nobody:x", 2), ("use a b", 2)):
        piped(line, code=code)


def test_a_pipe_is_read_by_the_shell_alone(office, piped, case):
    ref = case()
    piped(f"note {ref} -", f"note {ref} after", "batch -", code=2)

    assert notes(office, ref) == ["after"]


def test_help_tells_of_the_commands_and_of_one(piped):
    told = piped("help", "help assign", ".help", ".quit").stdout

    assert told.count("use REF") == 2
    assert "casework assign [OPTIONS]" in told
    assert "already" in piped("shell", code=2).stderr


def test_what_is_no_text_ends_it(office):
    before = office.head()
    error = office.refused(2, "shell", input=b"note A.1 \xff\n")

    assert "UTF-8" in error["message"]
    assert office.head() == before


def test_the_register_is_opened_once(office, piped, case, monkeypatch):
    ref, opened = case(), []
    own = Store.at.__func__
    monkeypatch.setattr(
        Store, "at", classmethod(lambda cls, *given: opened.append(given) or own(cls, *given))
    )
    piped(*[f"note {ref} n"] * 3, f"show {ref}")

    assert len(opened) == 1
    assert notes(office, ref) == ["n"] * 3


@pytest.mark.parametrize("engine", ["sqlite"])
def test_a_tab_gives_commands_options_values_and_what_can_be_used(office, case):
    ref = case()
    shell = Lines(Settings(db=office.url), casework)

    assert completions(shell, "sho") == ["show "]
    assert completions(shell, "us") == ["use "]
    assert completions(shell, "") == [*completions(shell, "")]
    assert "--owner" in completions(shell, "assign x --o")[0]
    assert completions(shell, f"show {ref[:-1]}") == [f"{ref} "]
    assert completions(shell, "assign x --owner mof") == ["mofa "]
    assert completions(shell, "use con") == ["conference "]
    assert completions(shell, "use conference NFAC-21") == ["NFAC-21 "]
    assert completions(shell, f"use {ref[:-1]}") == [f"{ref} "]
    assert completions(shell, "help assi") == ["assign "]
    assert completions(shell, "show NONE") == []


def test_words_that_are_not_understood_are_left_as_they_are():
    current = Current(ref="A.1")

    for words in (["fly"], ["org"], ["assign", "--nothing"], [], ["list"]):
        assert current.meant(casework, words) == words
    assert current.meant(casework, ["due", "explain"]) == ["due", "explain", "A.1"]


# --- on a terminal ---------------------------------------------------------------------------

BIN = Path(sys.executable).parent


class Typist:
    """Somebody who types into a shell on a terminal, and waits for what it shows."""

    def __init__(self, store, home):
        import pty

        self.master, slave = pty.openpty()
        own = {"HOME": str(home), "TERM": "xterm", "NO_COLOR": "1", "COLUMNS": "200"}
        own |= {"XDG_STATE_HOME": str(home / "state"), "INPUTRC": os.devnull}
        command = [BIN / "casework", "--db", store, "shell"]
        streams = dict.fromkeys(("stdin", "stdout", "stderr"), slave)
        self.process = subprocess.Popen(command, env={**os.environ, **own}, **streams)
        os.close(slave)
        self.shown = ""

    def until(self, text, *, calling_off=False):
        """Read until a text was shown; return what was shown until then.

        A signal that comes between two keys is heard of with the next one only: it is given again.
        """
        while text not in self.shown:
            while calling_off and not select.select([self.master], [], [], 0.5)[0]:
                self.process.send_signal(signal.SIGINT)
            self.shown += os.read(self.master, 1 << 16).decode(errors="replace")
        seen, _, self.shown = self.shown.partition(text)
        return seen

    def types(self, keys):
        os.write(self.master, keys.encode())

    def ends(self):
        try:
            while os.read(self.master, 1 << 16):
                pass
        except OSError:
            pass
        os.close(self.master)
        return self.process.wait()


@pytest.mark.parametrize("engine", ["sqlite"])
def test_somebody_types_recalls_and_completes(office, case, tmp_path, request):
    pytest.importorskip("pty")
    pytest.importorskip("readline")
    ref = case("assigned")
    for time in ("first", "second"):
        typist = Typist(office.url, tmp_path)
        request.addfinalizer(typist.process.kill)
        typist.until("casework> ")
        if time == "first":
            typist.types(f"use {ref[:-1]}\t")
            typist.until(ref)
            typist.types("\n")
            typist.until(f"casework {ref}> ")
            typist.types("lis\t")
            typist.until("list ")
            typist.types("--overdue --limit 1\n")
            assert ref in typist.until(f"casework {ref}> ")
            typist.types("note 'một bí mật'\n")
            typist.until(f"casework {ref}> ")
            typist.types("show not-there\n")
            assert "no case" in typist.until(f"casework {ref}> ")
            # A line that is called off is not done.
            typist.types("note lost")
            typist.until("note lost")
            typist.process.send_signal(signal.SIGINT)
            typist.until(f"casework {ref}> ", calling_off=True)
        else:
            # Up, up: what was typed the last time, but for the note.
            typist.types("\x1b[A\x1b[A\n")
            assert "days late" in typist.until("casework> ")
        typist.types("\x04")
        assert typist.ends() == 0

    assert notes(office, ref) == ["một bí mật"]
    (kept,) = (tmp_path / "state").rglob("shell-history")
    lines = kept.read_text("utf-8").splitlines()
    assert lines[:3] == [f"use {ref}", "list --overdue --limit 1", "show not-there"]
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600


NOT_KEPT = """
note A.1 text
answer A.1 --outcome explained --answer text
assign A.1 --owner mofa --due 2030-01-01 --reason text
propose --title T --proposer mofa
redact A.1 --field answer --basis law --consent lan
org add x --name X
show A.1 --with-secret
list --db postgresql://u:password@host/x
fly away
note 'never closed
exit
"""


def test_no_text_and_no_secret_is_kept_on_the_disk():
    from casework.cli.prompt import _may_be_kept

    shell = Lines(Settings(), casework)
    kept = [line for line in NOT_KEPT.strip().splitlines() if _may_be_kept(shell, line)]
    assert kept == []
    for line in ("show A.1", "assign A.1 --owner mofa --due 2030-01-01", "use A.1", "help list"):
        assert _may_be_kept(shell, line)
        assert not _may_be_kept(Lines(Settings(with_secret=True), casework), "show A.1")
