"""Make the register of a version: what later versions must open, and answer as this one did.

    python tests/registers/released.py
    python tests/registers/released.py --wrong "issue 16: the reason"

`make release` runs the first. It writes into a folder with the version's name `register.db.xz`, a
SQLite file with every kind of record and act, and `answers.json`: size and root of its log, when
it was asked, and what it answered. The second lists in `called_wrong.json` what this program says
otherwise than a version that was released, with the reason: what was said before is wrong.
"""

import argparse
import json
import lzma
import os
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from unittest.mock import patch

HERE = Path(__file__).parent
WRONG = HERE / "called_wrong.json"
GONE = "gone"
sys.path += [str(HERE.parent / "support"), str(HERE.parent / "faults")]

import ground  # noqa: E402
import time_machine  # noqa: E402
from offices import SCENARIO, Shell  # noqa: E402

import casework  # noqa: E402
from casework.kinds.records import KINDS  # noqa: E402
from casework.log import note  # noqa: E402
from casework.store import db  # noqa: E402
from casework.system.clock import now  # noqa: E402

BEGAN, ASKED = "2026-01-05T02:00:00Z", "2026-07-01T02:00:00Z"
"""When the first act is done, each other a minute after it; and when questions are asked."""

MORE = [json.loads(line) for line in (HERE / "more.jsonl").read_text("utf-8").splitlines()]
"""What is done after the scenario of the tests."""

BY_TWO = ("--basis", "Law 91/2025/QH15, art. 14", "--consent", "nga", "--by", "hoa")

DAY, KNOWN = ("--as-of", "2022-11-15"), ("--known-at", "{known}")
REPORTS = ("overdue", "progress", "review", "workload", "slippage", "forecast")
TOLD = ("003-21", "A.9", "I.2", "I.3", "K.1", "M.1", "NFAC-20.002", "OUT.1", "T.1")
QUESTIONS = [
    ("list",),
    ("list", "--count-by", "owner"),
    ("list", *DAY, *KNOWN),
    ("search", "van phong"),
    ("search", "entered twice"),
    ("org", "list"),
    ("person", "list"),
    ("conference", "list"),
    ("holiday", "list"),
    ("request", "list"),
    ("policy", "show"),
    ("audit", "log", "--act", "correct"),
    ("audit", "log", "--field", "due"),
    ("audit", "findings"),
    *[("report", name) for name in REPORTS],
    *[("report", name, *DAY) for name in REPORTS],
    *[("report", name, *KNOWN) for name in ("overdue", "slippage")],
    ("report", "diff", *DAY, *KNOWN),
    *[("history", ref) for ref in TOLD],
    ("show", "OUT.1"),
    ("show", "T.1"),
    ("show", "NFAC-20.002", *DAY),
    ("show", "NFAC-20.002", *DAY, *KNOWN),
    ("show", "K.1", "--as-of", "2024-10-01"),
    ("show", "K.1", *KNOWN),
    ("due", "explain", "H.1"),
    ("due", "explain", "H.2"),
    ("export", "-"),
]
"""What is asked of every register; the answer is JSON. What is known is what was so before the
first correction of case K.1."""


@contextmanager
def at_home(began):
    """Be nobody in particular, in a folder that is gone afterwards, at a time."""
    here = Path.cwd()
    with tempfile.TemporaryDirectory() as home:
        places = {"HOME": home, "XDG_DATA_HOME": home, "LANGUAGE": "en", "LC_ALL": "C.UTF-8"}
        with (
            patch.dict(os.environ, places),
            patch("pwd.getpwuid", lambda _: SimpleNamespace(pw_name="office")),
            time_machine.travel(began, tick=False) as clock,
        ):
            for name in [name for name in os.environ if name.startswith("CASEWORK_")]:
                del os.environ[name]
            os.chdir(home)
            try:
                yield Path(home), clock
            finally:
                os.chdir(here)


class Told(Shell):
    """A command line that is told to do one thing after the other, a minute after each other."""

    def __init__(self, url, clock):
        super().__init__(url)
        self._clock = clock

    def __call__(self, *words, input=None):
        self._clock.shift(60)
        return super().__call__(*words, input=input)


def play(told):
    """Do all there is to do on a register that nobody has made yet."""
    told("init", "--no-holidays")
    for words in SCENARIO:
        told(*words)
    for words in MORE:
        given = words[-1] if isinstance(words[-1], dict) else {}
        told(*[word for word in words if word is not given], **given)
    for kind in KINDS:
        events = [one["seq"] for one in told.json("audit", "log") if one["kind"] == kind]
        told("redact", "--event", events[0], "--field", "login", *BY_TWO)
    _witnessed(told)
    _lost(told)


def _witnessed(told):
    """Let another office sign a checkpoint."""
    path = Path("checkpoint.txt")
    told("audit", "checkpoint", "--to", path)
    witness, text = note.SigningKey.generate("inspectorate", note.COSIGNATURE), path.read_text()
    path.write_text(text + witness.sign(note.parse(text).text, int(now().timestamp())))
    told("audit", "accept", path, "--vkey", witness.verifier)
    told("audit", "key", "new", "--reason", "the old one was on a laptop")


def _lost(told):
    """Lose what was signed for, and record it."""
    before = Path(told.url).read_bytes()
    told("note", "P.1", "it will be lost", "--by", "hoa")
    told("audit", "checkpoint", "--to", "later.txt")
    Path(told.url).write_bytes(before)
    told("audit", "loss", "--reason", "the disk failed", "--consent", "nga", "--by", "hoa")


def questions(shell):
    """Return what is asked of a register that was just made."""
    extended = [one for one in shell.json("history", "K.1") if one["act"] == "extend"]
    known = extended[0]["recorded_at"]
    return [tuple(word.replace("{known}", known) for word in words) for words in QUESTIONS]


def answers(shell, asked):
    """Return what is asked of a register, and what it answers."""
    return [[list(words), _answer(words, shell(*words, "--json").stdout)] for words in asked]


def _answer(words, said):
    if words[0] == "export":
        return [json.loads(line) for line in said.splitlines()]
    found = json.loads(said)
    if words == ("audit", "findings"):
        # What one is told of a finding is said better one day; what it is about is the answer.
        return [{name: one[name] for name in one if name != "text"} for one in found]
    return found


def keep(path, about, answered):
    """Write what is known of a register and what it answered, one answer a line."""
    lines = ",\n".join(json.dumps(one, ensure_ascii=False) for one in answered)
    path.write_text(
        json.dumps(about, indent=1)[:-2] + f',\n "answers": [\n{lines}\n]\n}}\n', "utf-8"
    )


def write(folder):
    """Write the register of this version and its answers into a folder; return their names."""
    with at_home(BEGAN) as (home, clock):
        told = Told(str(home / "register.db"), clock)
        play(told)
        clock.move_to(ASKED)
        head, file = told.head(), Path(told.url).read_bytes()
        shell = Shell(told.url)
        answered = answers(shell, questions(shell))
    about = {"schema": db.REVISION, "size": head.size, "root": head.root, "asked_at": ASKED}
    folder.mkdir(exist_ok=True)
    (folder / "register.db.xz").write_bytes(lzma.compress(file, preset=9 | lzma.PRESET_EXTREME))
    keep(folder / "answers.json", about, answered)


def differences(was, now, place=""):
    """Yield where an answer is not what it was, and both; of a longer list what is gone and new.

    An answer may have new names.
    """
    if isinstance(was, dict) and isinstance(now, dict):
        for name, value in was.items():
            if name in now:
                yield from differences(value, now[name], f"{place}.{name}")
            else:
                yield [f"{place}.{name}", value, GONE]
    elif isinstance(was, list) and isinstance(now, list):
        if len(was) == len(now):
            for number, (one, other) in enumerate(zip(was, now, strict=True)):
                yield from differences(one, other, f"{place}[{number}]")
        else:
            yield [
                place,
                [one for one in was if one not in now],
                [one for one in now if one not in was],
            ]
    elif type(was) is not type(now) or was != now:
        yield [place, was, now]


def kept(version):
    """Return what is known of the register of a version, and what it answered."""
    return json.loads((HERE / version / "answers.json").read_text("utf-8"))


def versions():
    """Return the versions that have a register."""
    return sorted(path.parent.name for path in HERE.glob("*/answers.json"))


def called_wrong():
    """Return the answers that are no longer given, each with the reason."""
    return json.loads(WRONG.read_text("utf-8"))


def _before_the_upgrade(value, head, told, at=None):
    """Return answers without the event by which an upgrade enters this program's rules."""
    if isinstance(value, dict):
        if value.get("root") == head.root:
            was = {name: told[name] for name in ("size", "root")}
            return value | was | ({"recorded_at": at} if "recorded_at" in value else {})
        return {name: _before_the_upgrade(one, head, told, at) for name, one in value.items()}
    if isinstance(value, list):
        entered = [one for one in value if isinstance(one, dict) and _is_entry(one, told)]
        return [_before_the_upgrade(one, head, told, at) for one in value if one not in entered]
    return value


def _is_entry(one, told):
    """Tell whether something is the event that an upgrade entered, or is said of it."""
    return told["size"] in (one.get("seqs") or [one.get("seq")])


def changed(shell, version):
    """Bring the register of a version up to date; return how its answers differ, by question."""
    told = kept(version)
    ground.old_store(shell.url, version)
    with at_home(told["asked_at"]):
        shell("db", "upgrade")
        shell("audit", "verify", "--size", told["size"], "--root", told["root"])
        given = answers(shell, [tuple(words) for words, _ in told["answers"]])
        last = shell.json("audit", "log")[told["size"] - 1]["recorded_at"]
        now = _before_the_upgrade(given, shell.head(), told, last)
    pairs = zip(told["answers"], now, strict=True)
    found = {" ".join(words): [*differences(was, now)] for (words, was), (_, now) in pairs}
    return {asked: wrong for asked, wrong in found.items() if wrong}


def call_wrong(reason):
    """List every answer that is not what it was, with the reason, unless it is listed as it is."""
    listed = []
    for version in versions():
        known = {one["asked"]: one for one in called_wrong() if one["version"] == version}
        with tempfile.TemporaryDirectory() as folder:
            found = changed(Shell(f"{folder}/register.db"), version)
        for asked, wrong in found.items():
            new = {"version": version, "asked": asked, "reason": reason, "differences": wrong}
            same = asked in known and known[asked]["differences"] == wrong
            listed.append(known[asked] if same else new)
    lines = ",\n".join(json.dumps(one, ensure_ascii=False) for one in listed)
    WRONG.write_text(f"[\n{lines}\n]\n", "utf-8")


def main():
    """Write the register of this version, or list what is called wrong."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--wrong", metavar="REASON", help="list the answers that are not the same")
    reason = parser.parse_args().wrong
    if reason:
        call_wrong(reason)
    else:
        write(HERE / casework.__version__)


if __name__ == "__main__":
    main()
