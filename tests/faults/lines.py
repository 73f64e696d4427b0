"""Random command lines, made from the program's own commands: none is a defect, none hangs.

Each line is a command with some of its options and arguments, right, wrong or hostile, on a small
register in a folder with files of all sorts. What must hold of each:

- it ends within `SECONDS`, with a documented exit code that is not 1, and prints no traceback;
- where it is refused, no file is another than before;
- after it the register verifies (asked of every `--verify`th line that changed it).

`--seed` repeats what was random.
"""

import argparse
import io
import os
import random
import shlex
import shutil
import signal
import sys
import tempfile
from contextlib import contextmanager, suppress
from hashlib import sha256
from pathlib import Path

import click
import ground
from command_tree import commands

from casework import errors

SECONDS = 20
DOCUMENTED = {0, 10, 130} | {
    one.exit for one in vars(errors).values() if isinstance(one, type) and hasattr(one, "exit")
}
FRESH = 400
"""After how many lines the folder is made anew."""

NETWORK = {"--smtp", "--db", "--server"}
"""Options that may name another machine."""

TEXTS = (
    *("x", "Rules for offices", "Quy chế đối ngoại", "Quy che\u0302\u0301", "a\nb", "\t=1+1", "@a"),
    *("-", "--", "@missing.txt", "@list.csv", "\u202e\u2066", "\x1b[31m", "\udcff", "😀", "", " "),
    *("'; drop table event; --", "<script>", "%s%d{}", "x" * 10_001, "../../x", "0", "\u200b"),
)
REFS = ("A.1", "A.2", "A.3", "A.4", "A.5", "A.6", "a.1", "NFAC-20.001", "A.99", "register.R1", "A")
ORGS = ("mofa", "vufo", "gone", "Ministry of Foreign Affairs", "bo ngoai giao", "nobody")
PEOPLE = ("registrar", "lan", "nga", "chi", "Nguyễn Thị Lan", "nobody")
MEETINGS = ("NFAC-20", "NFAC-21", "nfac-21", "NFAC-99")
DAYS = (
    *("2022-06-30", "30/6/2027", "2099-12-31", "0001-01-01", "9999-12-31", "2027-02-30", "today"),
    *("yesterday", "next friday", "+30d", "+30wd", "+999999999d", "quý 1/2027", "trước hội nghị"),
    *("before NFAC-21", "2022-11-01T10:00:00Z", "2026-13-01T99:99:99", "T6", "cuối tháng", "1e9"),
)
NUMBERS = ("0", "1", "2", "3", "-1", "5", "99999999999999999999", "1e3", "٣", "0x10", "")
PATHS = (
    *(
        "o.json",
        "o.csv",
        "o.html",
        "o.xlsx",
        "o.docx",
        "o.ics",
        "o.txt",
        "o",
        "list.csv",
        "c.jsonl",
    ),
    *("days.ics", "key.bin", "empty", "folder", "missing/o.csv", "fifo", "link.db", "loop", "-"),
    *(ground.STORE, f"./{ground.STORE}", f"{ground.STORE}-journal", "/dev/null", "/dev/full"),
    *("n" * 300 + ".csv", "\udcff.csv", "checkpoint.txt", "bundle", "copy.db", "/dev/zero"),
)
OTHERS = (
    "implemented",
    "withdrawn",
    "desk",
    "secretariat",
    "on",
    "off",
    "en",
    "vi",
    "due",
    "title",
)
LIKELY = {
    "ref": REFS,
    "other": REFS,
    "org": ORGS,
    "owner": ORGS,
    "with": ORGS,
    "proposer": ORGS,
    "successor": ORGS,
    "parent": ORGS,
    "person": PEOPLE,
    "by": PEOPLE,
    "officer": PEOPLE,
    "consent": PEOPLE,
    "conference": MEETINGS,
    "previous": MEETINGS,
    "before": MEETINGS,
    "due": DAYS,
    "date": DAYS,
    "day": DAYS,
    "effective": DAYS,
    "since": DAYS,
    "reason": ("Decision 12",) * 5 + TEXTS,
    "title": ("Rules for offices",) * 5 + TEXTS,
    "until": DAYS,
    "as_of": DAYS,
    "known_at": DAYS,
    "limit": NUMBERS,
    "number": NUMBERS,
    "size": NUMBERS,
    "event": NUMBERS,
    "to": (*PATHS, *DAYS, *TEXTS),
}
NOUNS = {
    ("org", "code"): ORGS,
    ("person", "code"): PEOPLE,
    ("conference", "code"): MEETINGS,
    ("request", "code"): ("A.6.R1", "register.R1", "A.1.R1"),
    ("db", "code"): PEOPLE,
}
EVERYTHING = (TEXTS, REFS, ORGS, PEOPLE, MEETINGS, DAYS, NUMBERS, PATHS, OTHERS)


class Hang(BaseException):
    """The time of a line is over; no handler of the program's takes it for an error."""


def line_of(chance, words, command):
    """Return a random line of one command, as words."""
    options, arguments = [], []
    # Half of the lines have few options, so that some get through.
    often = chance.choice((0.05, 0.3))
    for one in command.params:
        if isinstance(one, click.Argument):
            count = chance.choice((0, 1, 1, 2, 3)) if one.nargs == -1 else 1
            count = count if chance.random() < 0.97 else 0
            arguments += [value_of(chance, words, one) for _ in range(count)]
        elif NETWORK.isdisjoint(one.opts) and chance.random() < (0.97 if one.required else often):
            for _ in range(1 + (one.multiple and chance.random() < 0.3)):
                options += option_of(chance, words, one)
    if chance.random() < 0.02:
        arguments.append(chance.choice(TEXTS))
    line = [*words, *options, *arguments]
    if chance.random() < 0.1:
        line += chance.choice((["--json"], ["--lang", "vi"], ["--quiet"], ["--format", "csv"]))
    if chance.random() < 0.1:
        line += ["--by", chance.choice(PEOPLE)]
    # No shell can pass a NUL, and none is passed here.
    return [word.replace("\x00", "") for word in line]


def option_of(chance, words, one):
    name = chance.choice([*one.opts, *one.secondary_opts])
    return [name] if one.is_flag or one.count else [name, value_of(chance, words, one)]


def value_of(chance, words, one):
    """Return a value for a parameter: most often one it could take."""
    if chance.random() < 0.08:
        return chance.choice(chance.choice(EVERYTHING))
    if isinstance(one.type, click.Choice):
        return str(chance.choice(list(one.type.choices)))
    if isinstance(one.type, click.Path):
        return chance.choice(PATHS)
    name = one.name or ""
    pool = (
        NOUNS.get((words[0], name))
        or LIKELY.get(name)
        or next((pool for part, pool in LIKELY.items() if part in name.split("_")), None)
    )
    if pool is None:
        pool = NUMBERS if isinstance(one.type, click.types.IntParamType) else TEXTS
    return chance.choice(pool)


def prepare(template):
    """Fill the folder of this process with a register and files of all sorts."""
    for path in Path().iterdir():
        if path.name not in {"home", "tmp"}:
            remove(path)
    Path(ground.STORE).write_bytes(template)
    Path("list.csv").write_text("title,proposer\nOne more,vufo\nAnother,mofa\n", "utf-8")
    Path("c.jsonl").write_text('{"title":"T","proposer":"vufo"}\n', "utf-8")
    Path("days.ics").write_text(
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nBEGIN:VEVENT\r\nUID:1\r\nDTSTART;VALUE=DATE:20290212\r\n"
        "SUMMARY:Tết\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n",
        "utf-8",
    )
    Path("key.bin").write_bytes(bytes(range(256)))
    Path("empty").touch()
    Path("folder").mkdir()
    Path("link.db").symlink_to(ground.STORE)
    Path("loop").symlink_to("loop")
    os.mkfifo("fifo")
    with suppress(SystemExit):
        ground.run("audit", "checkpoint", "--to", "checkpoint.txt")


def remove(path):
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink()


def files():
    """Return what every file of the folder holds, by its path; the journal's rest is nothing."""
    found = {}
    for path in sorted(Path().rglob("*")):
        name = str(path)
        if path.is_symlink():
            found[name] = str(path.readlink())
        elif path.is_file() and path.stat().st_size:
            found[name] = sha256(path.read_bytes()).hexdigest()
        elif not path.is_file():
            found[name] = "folder" if path.is_dir() else "other"
    return found


@contextmanager
def limited():
    """Raise Hang where what stands here takes too long."""

    def over(*_):
        raise Hang

    before = signal.signal(signal.SIGALRM, over)
    signal.setitimer(signal.ITIMER_REAL, SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def run(line):
    sys.stdin = io.TextIOWrapper(io.BytesIO(b"title,proposer\nFrom input,vufo\n"), "utf-8")
    with limited():
        return ground.run(*line)


def wrong(line, before):
    """Run a line; return what is wrong with how it ended, and whether it changed the register."""
    try:
        done = run(line)
    except Hang:
        return f"still running after {SECONDS} s", False
    except BaseException as error:  # noqa: BLE001 - whatever it is, it passed the program's handler
        return f"{type(error).__name__}: {error}", False
    if done.code not in DOCUMENTED or done.code == 1:
        return f"exit {done.code}: {done.err.strip()[-300:]}", False
    if "Traceback" in done.err + done.out:
        return "a traceback", False
    after = files()
    if done.code not in {0, 10} and after != before:
        changed = [name for name in {*after, *before} if after.get(name) != before.get(name)]
        return f"refused with {done.code}, but changed {sorted(changed)[:5]}", True
    return None, after.get(ground.STORE) != before.get(ground.STORE)


def shown(line):
    return shlex.join(line).encode("utf-8", "backslashreplace").decode()


def tried(chance, count, verify, report):
    """Try lines; return how many were wrong, and how many changed the register."""
    found, changed, bad = list(commands()), 0, 0
    ground.furnish()
    template = Path(ground.STORE).read_bytes()
    for number in range(count):
        if number % FRESH == 0:
            prepare(template)
        line = line_of(chance, *chance.choice(found))
        said, wrote = wrong(line, files())
        if said:
            bad += 1
            report(f"line {number}: casework {shown(line)}\n    {said}")
            prepare(template)
            continue
        changed += wrote
        if wrote and changed % verify == 0 and (said := wrong(["audit", "verify"], files())[0]):
            bad += 1
            report(f"after line {number}: casework {shown(line)}\n    audit verify: {said}")
            prepare(template)
    return bad, changed


def say(text):
    print(text, flush=True)  # noqa: T201 - what people who run it read


def main():
    """Try as many lines as asked for; exit with 1 where one is wrong."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--lines", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=14)
    parser.add_argument("--verify", type=int, default=25)
    asked = parser.parse_args()
    # Not a thing of the machine is a command's to change: the folder is all it may write to.
    with tempfile.TemporaryDirectory(prefix="casework-lines-") as folder:
        ground.at_home(Path(folder))
        bad, changed = tried(random.Random(asked.seed), asked.lines, asked.verify, say)
        os.chdir("/")
    say(f"{asked.lines} lines, {changed} changed the register, {bad} wrong")
    sys.exit(bool(bad))


if __name__ == "__main__":
    main()
