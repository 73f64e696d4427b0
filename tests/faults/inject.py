"""Let each system call fail that a writing command makes on its files, and look what is left.

    python tests/faults/inject.py                     every command, call and fault
    python tests/faults/inject.py --only note --every 7
    python tests/faults/inject.py --only "db backup" --fault link:error=EIO:when=1

A command is run once under strace, which tells the calls it makes on files of its own; then again
for each of them: killed before the call, or the call fails with EIO or ENOSPC. Afterwards

- what was to be done is done entirely or not at all, and done if the command said so;
- the command ended with a documented code and one error, without a traceback;
- no file is half written under its name, and none left behind but a hidden one by a kill;
- the same command, given once more, with a key where the error names one, does what was not done,
  and the store verifies.

Needs strace. Commands that only ask are named in `ASKS`; one that is in neither list is a fault.
"""

import argparse
import re
import shutil
import sys
from hashlib import sha256
from itertools import chain
from multiprocessing import Pool, cpu_count
from pathlib import Path
from shlex import split

import ground
from command_tree import commands

from casework.errors import CaseworkError
from casework.log.note import SigningKey

CASES = "ref,title,proposer\nB.1,Six,vufo\nB.2,Seven,vufo\n"
ACTS = 'note A.1 text\n{"act": "hold", "ref": "A.2", "reason": "r"}\n'
HOLIDAYS = "day,name\n2031-01-01,New Year\n"
ORGS = "code,name,parent\nsea,Department of the Sea,mofa\nharbours,Harbours,sea\n"
PEOPLE = "code,name,org\nhoa,Hoa,vufo\n"
CONFERENCES = "code,number,date\nNFAC-30,30,2099-12-05\n"
WITNESS = "audit witness submission.txt --name inspectorate --vkey VKEY --to out.txt"
WRITES = f"""
init --db new/new.db
propose --title T --proposer vufo --conference NFAC-20
assign A.1 --owner mofa --due 2087-06-30
advance A.3 --outcome implemented --answer done
answer A.3 --outcome implemented --answer done
return A.3 --reason r
close A.1 --outcome withdrawn --reason r
reopen A.4 --reason r
reassign A.2 --owner vufo --reason r
extend A.2 --due 2087-06-30 --reason r
extend A.3 --due 2099-06-30 --reason r --by lan
return A.3 --not-ours --reason r --by lan
uphold A.7 --reason r
request grant A.7
request refuse A.7.T1 --reason r
request withdraw A.7 --by lan
policy reply-days 3 --reason r
hold A.2 --reason r
resume A.5
verdict A.4 satisfied
edit A.1 --title Other
coordinate A.2 --with vufo
link A.2 --repeats A.1
note A.1 text
correct A.2 --field due --to 2023-12-30 --reason r
redact A.4 --field answer --basis "the law" --consent chi
redact --person lan --basis "the law" --consent chi
policy four-eyes on --reason r
policy next-working-day on --reason r
request confirm A.6.R1
request refuse A.6.R1 --reason r
conference add NFAC-22 --number 22 --date 2099-12-01 --previous NFAC-21
conference import conferences.csv
conference move NFAC-21 --date 2024-01-18 --reason r
holiday add 2031-09-02 --name "National Day"
holiday import holidays.csv
holiday recompute --reason r
holiday remove 2030-01-01 --reason r
org add new --name New
org edit gone --name "Committee that was"
org import orgs.csv
org end gone --on 2026-01-01 --successor vufo --reason r
person add minh --name Minh --org vufo
person edit lan --name Lan
person import people.csv
person away lan --to 2099-01-01 --deputy chi
person back nga
person deactivate lan --reason r
cause add opinions --name "Opinions came late" --objective no
cause edit storm --name "Storm or flood" --db causes.db
cause retire storm --reason r --db causes.db
office set --name Secretariat
paper issue progress --output out.html --db papers.db
paper withdraw 1 --reason r --db papers.db
import cases.csv
batch acts.txt
undo A.1 --yes
remind --from office@office.example --to letters
letter assignment --from office@office.example --to letters --owner mofa
letter reply A.4 --from office@office.example --to letters --db mailed.db
export out.csv
export out.jsonl
list --output out.csv
show A.1 --output out.html
history A.1 --output out.json
audit findings --output out.csv
audit log --output out.csv
report overdue --output out.xlsx
report progress --output out.html
report review --of NFAC-20 --for NFAC-21 --output out.docx
report slippage --output out.csv
report workload --output out.json
report forecast --output out.json
audit checkpoint --to out.txt
audit submit --since 0 --to out.txt
{WITNESS}
audit accept answer.txt --vkey WKEY
audit export --to out
audit export A.4 --to out
audit export --owner mofa --to out
paper reader --to out.html
db backup out.db
db restore backup.db --db new.db
db copy trial.db --trial
db moved --db moved.db
audit loss --reason r --consent nga --db lost.db
db upgrade --db old.db
db upgrade --db new.db
demo
config set lang en
config unset alias.mine
view save other --overdue
view drop mine
view save late --open --shared
view save all --sort due --shared --reason r --db viewed.db
view drop all --shared --reason r --db viewed.db
template save other --text t
template drop lan
template save late --text t --shared
template save all --text u --shared --reason r --db viewed.db
template drop all --shared --reason r --db viewed.db
man workflow --to pages
"""
ASKS = frozenset(
    {"doctor", "completion", "search", "due explain", "report diff"}
    | {"cause list", "cause show", "office show", "next", "status"}
    | {"paper list", "paper show", "paper check", "paper diff"}
    # What their lines do is tried as commands of its own.
    | {"shell", "sit", "view list", "template list", "template show"}
    | {"conference list", "conference show", "holiday list", "org list", "org show"}
    | {"person list", "person show", "audit key", "audit replay"}
    | {"audit status", "audit verify", "db check", "db path"}
    | {"policy show", "request list", "request show", "config list", "config get", "help"}
)
REFUSED = frozenset({"db grant", "db revoke"})
"""What a SQLite file has not: logins."""
CHANGING = (
    *("openat", "write", "pwrite64", "ftruncate", "fsync", "fdatasync", "rename", "renameat"),
    *("link", "linkat", "unlink", "unlinkat", "mkdir", "mkdirat", "rmdir", "chmod", "fchmod"),
)
READING = ("read", "pread64", "newfstatat", "fcntl", "access", "getdents64", "close")
KILL, EIO, ENOSPC = "signal=KILL", "error=EIO", "error=ENOSPC"
DOCUMENTED = {-9, 0, 1, *(one.exit for one in CaseworkError.__subclasses__())}
UNCHANGED = "othing was changed"
ADMITTED = ("but not signed", "could not be noted")
"""What `db backup` says of what is missing beside a copy that is whole."""

UNMET = "the fault was not met: the command does not repeat itself"
SIGNED, NOTED = "/checkpoints/", "stays noted"
"""Where signatures are noted, and what a paper that failed says of the one that was for it."""

STRIDE = 97
"""How far apart the faults are that are tried of one line and of the next."""
AGAIN = 3
"""How often a fault is tried again that was not met: what is random may spare a page."""
REPEAT = re.compile(r"repeat it with (--idempotency-key) (\w+)")
"""What an error says of a command that was, or may have been, done in part: so it is done once."""

CALL = re.compile(r"(\w+)\((.*)\) += ")
KEYS = "home/.local/share/casework/keys"
OWN = ("home/.local", "home/.config")
"""Folders whose names begin as those of what is left behind."""

HIDDEN = re.compile(r"(^|/)(\.|tmp/)")
TIMED = (".eml", ".txt", "seen", "signed", "witnessed", "place", "backed-up")
CLEARING = re.compile(
    r"unlink|rmdir|getdents|newfstatat|close|fcntl.*_(DUPFD|GETFL|SETFD)|openat.*O_RDONLY"
)
STAMP = re.compile(r"\d{8}T\d+Z?")


def forgotten():
    """Return the commands that stand in neither list."""
    written = WRITES.strip().splitlines()
    return [
        name
        for name in map(" ".join, dict(commands()))
        if name not in ASKS | REFUSED
        and not any(f"{line} ".startswith(f"{name} ") for line in written)
    ]


def prepare():
    """Make, in the place of this process, what the commands work on."""
    ground.furnish()
    Path("cases.csv").write_text(CASES, encoding="utf-8")
    Path("holidays.csv").write_text(HOLIDAYS, encoding="utf-8")
    Path("acts.txt").write_text(ACTS, encoding="utf-8")
    for name, text in (("orgs", ORGS), ("people", PEOPLE), ("conferences", CONFERENCES)):
        Path(f"{name}.csv").write_text(text, encoding="utf-8")
    ground.must("audit key")
    ground.must("config set alias.mine list")
    ground.must("template save lan --text t")
    # A copy that lacks what is signed for next.
    shutil.copy(ground.STORE, "lost.db")
    ground.must("holiday add 2032-01-01 --name Later")
    ground.must("audit checkpoint --to checkpoint.txt")
    ground.must("audit submit --since 0 --to submission.txt")
    Path("vkey").write_text(ground.must("audit key").strip(), encoding="utf-8")
    here = Path.cwd()
    with ground.scratch(here) as elsewhere:
        ground.at_home(elsewhere)
        ground.must(split(line_of(WITNESS)))
        shutil.copy("out.txt", here / "answer.txt")
        shutil.copytree(elsewhere / KEYS, here / KEYS, dirs_exist_ok=True)
        (own,) = (elsewhere / KEYS).rglob("inspectorate.key")
        (here / "wkey").write_text(str(SigningKey.parse(own.read_text("utf-8")).verifier))
        ground.at_home(here)
    shutil.copy(ground.STORE, "moved.db")
    shutil.copy(ground.STORE, "causes.db")
    for name in ("mailed.db", "papers.db"):
        shutil.copy(ground.STORE, name)
    ground.must("org edit vufo --email office@vufo.example --db mailed.db")
    for line in ("office set --name Ban --series BC", "paper issue progress --output paper.html"):
        ground.must(f"{line} --db papers.db")
    ground.must('cause add storm --name "Natural disaster" --objective yes --db causes.db')
    shutil.copy(ground.STORE, "viewed.db")
    ground.must("view save all --open --shared --db viewed.db")
    ground.must("template save all --text t --shared --db viewed.db")
    ground.must("db backup backup.db")
    ground.old_store("old.db")
    # Each fault is tried in a folder of its own, where the log was never signed before.
    for place in Path("home").rglob("checkpoints/*/place"):
        place.unlink()


def line_of(line):
    """Return a line with the log's key put in, or the witness's."""
    for word in ("VKEY", "WKEY"):
        if word in line:
            line = line.replace(word, Path(word.lower()).read_text("utf-8"))
    return line


def seen(folder):
    """Return what stands in a folder: of a store the size of its log, of other files what is in."""
    found = {}
    for path in sorted(folder.rglob("*")):
        name = STAMP.sub("*", str(path.relative_to(folder)))
        if path.is_dir():
            found[name] = "a folder" if path.name.startswith(".") and name not in OWN else None
        elif path.suffix == ".db" or ".db.0001" in path.name:
            found[name] = ground.log_size(path)
        elif path.name.endswith("-journal"):
            # Beside its store it is SQLite's; without one it was left behind.
            found[name] = None if path.with_name(path.name[:-8]).exists() else "a journal"
        elif path.is_file():
            data = path.read_bytes()
            # Letters and signatures have times of their own; their lines are still counted.
            found[name] = data.count(b"\n") if name.endswith(TIMED) else sha256(data).digest()[:4]
    return {name: what for name, what in found.items() if what is not None}


def unopened(folder):
    """Return what stands in a folder, of whose stores none is mended by looking at it."""
    if not any(path.stat().st_size for path in folder.rglob("*-journal")):
        return seen(folder)
    with ground.scratch(folder) as copy:
        return seen(copy)


class Trial:
    """One command, on copies of one folder."""

    def __init__(self, base, line):
        self.base, self.line, self.words = base, line, split(line)
        self.before = seen(base)
        self.learn()
        # Twice the same: one run alone may be unlike the others.
        runs = [self._calls(), self._calls()]
        while runs[-1] != runs[-2]:
            runs.append(self._calls())
        self.calls = runs[-1]

    def learn(self):
        """Run the command in this process, so that its forks have nothing left to import."""
        with ground.scratch(self.base) as folder:
            ground.at_home(folder)
            ground.must(self.words)

    def _calls(self):
        with ground.scratch(self.base) as folder:
            ground.at_home(folder)
            done, trace = ground.traced(["-y", "-s", "0"], self.words)
            if done.code:
                raise AssertionError(self.words, done)
            self.after = seen(folder)
            return list(calls(trace, folder))

    def faults(self):
        """Yield each fault to try, as strace wants it told."""
        for call, number, changes in self.calls:
            for fault in (KILL, EIO, ENOSPC) if changes else (EIO,):
                yield f"{call}:{fault}:when={number}"

    def wrong(self, fault):
        """Try a fault; yield what is not as it must be."""
        with ground.scratch(self.base) as folder:
            ground.at_home(folder)
            done, trace = ground.traced(["-y", "-e", f"inject={fault}"], self.words)
            killed = KILL in fault
            met = [line for line in trace if "(INJECTED)" in line or "killed by SIGKILL" in line]
            if not met:
                yield UNMET
            # Who is killed cannot clear up, nor who is hindered in just that.
            untidy = killed or bool(CLEARING.match(met[0] if met else ""))
            left = unopened(folder)
            yield from self._between(left, done, untidy=untidy)
            if not killed:
                yield from told(done)
            keyed = found.groups() if (found := REPEAT.search(done.err)) else ()
            again = ground.forked(*self.words, *keyed)
            # What is done already, or the first of two files, may stand in its way.
            allowed = {0} if keyed or left == self.before else {0, 2, 3, 4, 5}
            if again.code not in allowed:
                yield f"the same once more says {again}"
            once = keyed or (self._partly(left) and not untidy)
            if once and (odd := self._odd(seen(folder), untidy=untidy)):
                yield f"after the next command: {odd}"
            for store in folder.rglob("*.db"):
                if store.name == "old.db" or not self._touched(store, folder):
                    continue
                if ground.log_size(store) is not None:
                    ground.check(store)

    def _touched(self, store, folder):
        """Tell whether a store is no longer, byte for byte, the one that was there before."""
        was = self.base / store.relative_to(folder)
        return not was.exists() or was.read_bytes() != store.read_bytes()

    def _partly(self, left):
        return any(left.get(name) != what for name, what in self.after.items())

    def _odd(self, left, *, untidy):
        # What the command takes away may be gone.
        kept = self.before.keys() & self.after.keys()
        return {
            name: what
            for name, what in left.items()
            if what not in {self.before.get(name), self.after.get(name)}
            and not (untidy and HIDDEN.search(name))
        } | dict.fromkeys(kept - left.keys())

    def _between(self, left, done, *, untidy):
        if odd := self._odd(left, untidy=untidy):
            yield f"neither as before nor as after: {odd}"
        if done.code == 0 and self._partly(left) and not any(one in done.err for one in ADMITTED):
            yield "the command said it was done, and it was not"
        changed = {name for name in left if left[name] != self.before.get(name) and "*" not in name}
        if NOTED in done.err:
            changed = {name for name in changed if SIGNED not in name}
        if UNCHANGED in done.err and changed:
            yield f"something was changed, and the command said: {done.err}"


def told(done):
    """Yield what is wrong with how a command that was not killed ended."""
    if done.code not in DOCUMENTED - {-9}:
        yield f"it ended with {done}"
    if "Traceback" in done.err or "defect" in done.err:
        yield f"it said: {done.err}"
    if done.code and done.err.count("casework: ") != 1:
        yield f"not one error: {done}"


def calls(trace, folder):
    """Yield the calls of a trace on files of a folder: name, number, whether it may change them."""
    counts = {}
    for line in trace:
        if (found := CALL.match(line)) is None:
            continue
        name, told = found.groups()
        counts[name] = counts.get(name, 0) + 1
        # Names without a folder are those of the command's own place.
        ours = str(folder) in told or (told.startswith('"') and not told.startswith('"/'))
        ours = ours or (told.startswith("AT_FDCWD") and '"/' not in told)
        if ours and name in CHANGING:
            yield name, counts[name], name != "openat" or "O_CREAT" in told
        elif ours and name in READING:
            yield name, counts[name], False


def begin(task):
    """Return the trial of a command."""
    return Trial(*task)


def chosen(faults, every, place):
    """Return each `every`th fault of the line at a place, and one at least.

    With each line it is begun elsewhere, so that not the first call of all is tried.
    """
    step = max(min(every, len(faults)), 1)
    return faults[place * STRIDE % step :: step]


def sweep(task):
    """Try a share of the faults of one command; return how many, and what was wrong."""
    trial, faults = task
    if not faults:
        return 0, []
    trial.learn()
    wrong = []
    for fault in faults:
        try:
            found = list(trial.wrong(fault))
            for _ in range(AGAIN):
                if found == [UNMET]:
                    found = list(trial.wrong(fault))
            wrong += [f"{fault}: {what}" for what in found]
        except (CaseworkError, ground.sqlite3.Error) as error:
            wrong.append(f"{fault}: {type(error).__name__}: {error}")
    return len(faults), wrong


def main():
    """Try the faults, print what was seen, and fail where something was wrong."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", default="", metavar="COMMAND", help="commands that begin so")
    parser.add_argument("--every", type=int, default=1, metavar="N", help="each Nth fault")
    parser.add_argument("--fault", metavar="SPEC", help="this one, as it was printed")
    parser.add_argument("--processes", type=int, default=cpu_count(), metavar="N")
    asked = parser.parse_args()
    if missing := forgotten():
        raise SystemExit(f"no scenario for: {', '.join(missing)}")
    bad = total = 0
    with ground.scratch() as base:
        ground.at_home(base)
        prepare()
        lines = [line for line in WRITES.strip().splitlines() if line.startswith(asked.only)]
        with Pool(asked.processes, maxtasksperchild=1) as pool:
            begun = pool.imap(begin, [(base, line_of(line)) for line in lines])
            for place, trial in enumerate(begun):
                faults = chosen(list(trial.faults()), asked.every, place)
                faults = [asked.fault] if asked.fault else faults
                # Some commands make ten times as many calls as others: each is everybody's work.
                shares = [faults[share :: asked.processes] for share in range(asked.processes)]
                counts, wrong = zip(*pool.map(sweep, [(trial, one) for one in shares]), strict=True)
                found = list(chain.from_iterable(wrong))
                calls = f"{len(trial.calls)} calls, {sum(counts)} faults, {len(found)} wrong"
                sys.stdout.write(f"{trial.line}: {calls}\n")
                sys.stdout.writelines(f"  {what}\n" for what in found)
                sys.stdout.flush()
                bad += len(found)
                total += sum(counts)
    sys.stdout.write(f"{total:,} faults, {bad} wrong\n")
    return bool(bad)


if __name__ == "__main__":
    sys.exit(main())
