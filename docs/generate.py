"""What the documents take from the code: tables, the diagram, help, and a tour that is run.

The documents call this through cog; ``cog --check`` fails when one of them has drifted.
"""

from __future__ import annotations

import contextlib
import os
import re
import shlex
import tempfile
from pathlib import Path

import click
import time_machine
from click.testing import CliRunner

from casework import errors
from casework.acts.by_name import ACTS
from casework.cli import COMMANDS, casework
from casework.kinds.choices import State
from casework.kinds.records import KINDS
from casework.rules.secrecy import READERS
from casework.rules.workflow import OTHER_ACTS, REGISTERING, TRANSITIONS, Rule
from casework.words import Kind, Text, Verb, Word, has, said, word

FIELDS = {"due": "due date"}


def workflow_table(lang: str = "en") -> str:
    """Return the transitions as a table a lay person can read."""
    rows: dict[tuple[str, ...], list[str]] = {}
    for rule in TRANSITIONS:
        needs = ", ".join(_need(name, lang) for name in rule.needs) or "–"
        who = ", ".join(rule.who) if lang == "en" else _who(rule.who, lang)
        row = (_verb(rule.verb, lang), _state(rule.target, lang), who, needs)
        rows.setdefault(row, []).append(_state(rule.source, lang))
    heads = {
        "en": "| transition | from | to | who may | the case must have |",
        "vi": "| bước | từ | đến | ai được làm | vụ việc phải có |",
    }
    lines = [heads[lang], "|---|---|---|---|---|"]
    lines += [
        f"| {verb} | {', '.join(sources)} | {target} | {who} | {needs} |"
        for (verb, target, who, needs), sources in rows.items()
    ]
    return "\n".join(lines)


def _need(name: str, lang: str) -> str:
    """Return what a transition needs as people read it."""
    return FIELDS.get(name, name) if lang == "en" else word(name, lang)


def readers(lang: str = "en") -> str:
    """Return who may read the texts of a case, by its degree of secrecy."""
    heads = {"en": "| degree | may read its texts |", "vi": "| độ mật | ai được đọc nội dung |"}
    rows = [heads[lang], "|---|---|"]
    rows += [f"| {word(degree, lang)} | {_who(who, lang)} |" for degree, who in READERS.items()]
    return "\n".join(rows)


def rights(lang: str = "en") -> str:
    """Return who may do what, one row for all verbs of the same parties."""
    who: dict[tuple[str, ...], dict[str, list[str]]] = {}
    for rule in TRANSITIONS + OTHER_ACTS:
        verbs = who.setdefault(rule.who, {}).setdefault("case", [])
        verb = _verb(rule.verb, lang)
        told = f"{verb} ({_state(rule.source, lang)})" if _differs(rule) else verb
        if told not in verbs:
            verbs.append(told)
    for kind, registered in REGISTERING.items():
        for verb, may in registered.items():
            who.setdefault(may, {}).setdefault(kind, []).append(_verb(verb, lang))
    lines = [{"en": "| who | may |", "vi": "| ai | được làm |"}[lang], "|---|---|"]
    lines += [f"| {_who(may, lang)} | {_done(verbs, lang)} |" for may, verbs in who.items()]
    return "\n".join(lines)


def _done(verbs: dict[str, list[str]], lang: str) -> str:
    """Return verbs with the kind of record each is done to."""
    if lang == "en":
        return ", ".join(
            verb if kind == "case" else f"{verb} {kind}"
            for kind, listed in verbs.items()
            for verb in listed
        )
    return "; ".join(
        f"{Kind(kind).said(lang)}: {', '.join(listed)}" for kind, listed in verbs.items()
    )


def _verb(verb: str, lang: str) -> str:
    """Return an act as commands and logs name it, or in Vietnamese as people read it."""
    return verb if lang == "en" else Verb(verb).said(lang)


def _state(state: State, lang: str) -> str:
    return state.label if lang == "en" else word(state, lang)


def _who(parties: tuple[str, ...], lang: str) -> str:
    """Return parties and roles as people read them."""
    named = (Text(f"party.{one}") if has(f"party.{one}") else Word(one) for one in parties)
    return ", ".join(one.said(lang) for one in named)


def acts(lang: str = "en") -> str:
    """Return the acts on cases by name, with the fields of each; those it must have first."""
    heads = {"en": "| act | must have | may have |", "vi": "| việc | phải có | có thể có |"}
    lines = [heads[lang], "|---|---|---|"]
    for name, act in ACTS.items():
        must, may = (
            ", ".join(f"`{one.name}`" for one in act.fields if one.must is wanted) or "–"
            for wanted in (True, False)
        )
        lines.append(f"| `{name}` | {must} | {may} |")
    return "\n".join(lines)


def _differs(rule: Rule) -> bool:
    """Tell whether other parties may do the same from another state."""
    return any(
        rule.verb == other.verb and rule.who != other.who for other in TRANSITIONS + OTHER_ACTS
    )


def diagram(lang: str = "en") -> str:
    """Return the state diagram in Mermaid's notation."""
    begin = "propose" if lang == "en" else Verb("propose").said(lang)
    lines = ["```mermaid", "stateDiagram-v2", "    direction LR", f"    [*] --> proposed: {begin}"]
    lines += [
        f'    state "{label}" as {s.value}' for s in State if (label := _state(s, lang)) != s.value
    ]
    lines += [
        f"    {rule.source} --> {rule.target}: {_verb(rule.verb, lang)}" for rule in TRANSITIONS
    ]
    return "\n".join([*lines, "```"])


def exit_codes() -> str:
    """Return the exit codes, from the errors that carry them."""
    known = [
        error
        for error in vars(errors).values()
        if isinstance(error, type) and issubclass(error, errors.CaseworkError)
        # A special case of another error has that one's code, and its meaning.
        if error.exit > 1 and "exit" in vars(error)
    ]
    rows = {0: "Done."} | {1: "Unexpected: a defect, or the system refused."}
    rows |= {error.exit: (error.__doc__ or "").split("\n")[0] for error in known}
    rows |= {130: "Interrupted."}
    lines = ["| code | meaning |", "|---|---|"]
    return "\n".join([*lines, *(f"| {code} | {text} |" for code, text in sorted(rows.items()))])


def reference(lang: str = "en") -> str:
    """Return the help of every command."""
    return "\n\n".join(
        f"## casework {name}\n\n```\n{_help(name.split(), lang)}```" for name in _all_commands()
    )


def topic(name: str, lang: str = "en") -> str:
    """Return what `casework help` says of a topic."""
    runner = CliRunner(env={"COLUMNS": "100", "CASEWORK_LANG": lang})
    told = runner.invoke(casework, ["help", name], prog_name="casework")
    if told.exit_code:
        raise LookupError(name)
    _, _, text = told.stdout.partition("\n\n")
    return f"```\n{text.rstrip()}\n```"


def fields() -> str:
    """Return the fields of a case: their words in both languages, and their names for programs."""
    rows = ["| field | tiếng Việt | JSON, `correct --field` |", "|---|---|---|"]
    rows += [f"| {one.label[0]} | {one.label[1]} | `{one.name}` |" for one in KINDS["case"].fields]
    return "\n".join(rows)


def import_columns(kind: str, lang: str = "en") -> str:
    """Return the columns of an import file, with what their cells hold and mean."""
    from casework.exchange.columns import COLUMNS, LISTS, columns_of

    heads = {
        "en": "| column | or headed | holds | meaning |",
        "vi": "| cột | hoặc tiêu đề | ô ghi gì | ý nghĩa |",
    }
    rows = [heads[lang], "|---|---|---|---|"]
    for column in COLUMNS if kind == "case" else columns_of(KINDS[kind]):
        named = column.names and Kind(column.names).said(lang)
        holds = named or HOLDS.get(column.holds, A_WORD)[lang]
        if column.holds in LISTS:
            holds += SEVERAL_NAMES[lang] if named else SEVERAL[lang]
        # The words of every language, each once: those of the register stand last.
        headed = dict.fromkeys(one for one in reversed(column.headings) if one != column.name)
        means = said(f"column.{kind}.{column.name}", lang)
        rows.append(f"| `{column.name}` | {', '.join(headed)} | {holds} | {means} |")
    return "\n".join(rows)


def _both(en: str, vi: str) -> dict[str, str]:
    return {"en": en, "vi": vi}


A_CODE = _both("a code", "mã")
A_NAME = _both("text, at most 10,000 characters", "chữ, nhiều nhất 10.000 ký tự")
A_TEXT = _both("text", "chữ")
A_WORD = _both("a word", "một từ")
SEVERAL = _both(", several with `;`", ", nhiều giá trị thì cách nhau bằng `;`")
SEVERAL_NAMES = _both(", several with `;` or `,`", ", nhiều thì cách nhau bằng `;` hoặc `,`")
HOLDS = {
    "NewCode": A_CODE,
    "NewKey": A_CODE,
    "Title": A_NAME,
    "Term": A_NAME,
    "Login": _both("text, at most 64 characters", "chữ, nhiều nhất 64 ký tự"),
    "Mailbox": _both("a mail address", "địa chỉ thư"),
    "str": A_TEXT,
    "Due": _both(
        "a date in any form, periods too", "ngày viết theo mọi cách, kể cả tháng, quý, năm"
    ),
    "date": _both("a date in any form", "ngày viết theo mọi cách"),
    "Spans": _both("days", "ngày"),
    "list": A_TEXT,
    "int": _both("a number", "số"),
    "CountRule": _both("a length of time", "khoảng thời gian"),
    "doubt": _both("yes or no", "`yes` (có) hoặc `no` (không)"),
}
"""What the cells of columns hold, as people read it."""


def _all_commands() -> list[str]:
    names = []
    context = click.Context(casework, info_name="casework")
    for name in COMMANDS:
        command = casework.get_command(context, name)
        names.append(name)
        if isinstance(command, click.Group):
            names += [f"{name} {inner}" for inner in sorted(command.commands)]
    return names


def _help(words: list[str], lang: str) -> str:
    runner = CliRunner(env={"COLUMNS": "100", "CASEWORK_LANG": lang})
    result = runner.invoke(casework, [*words, "--help"], prog_name="casework")
    return result.stdout


def tour(commands: str, *, lang: str = "en", before: str = "") -> str:
    """Run commands one after the other in an empty home folder; return them with what they print.

    `before` are commands that are run first and not shown. A command that is refused stands behind
    an exclamation mark. What differs from run to run is shown as …: digests and times of recording.
    """
    shown = []
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        settings = dict.fromkeys(name for name in os.environ if name.startswith("CASEWORK_"))
        folders = {"XDG_DATA_HOME": str(home / ".local" / "share"), "HOME": folder}
        runner = CliRunner(env=settings | folders | {"CASEWORK_LANG": lang, "COLUMNS": "100"})
        # The day that the examples are told of, so that they say the same on every day.
        with contextlib.chdir(folder), time_machine.travel(TOLD_ON, tick=False):
            for line in before.strip().splitlines():
                _run(runner, line)
            for line in commands.strip().splitlines():
                printed = _run(runner, line).replace(folder, "~")
                shown.append(f"$ {line.removeprefix(REFUSED)}\n{_steady(printed)}".rstrip())
    return "```console\n" + "\n\n".join(shown) + "\n```"


def _run(runner: CliRunner, line: str) -> str:
    """Return what a command prints; ChildProcessError if it ends otherwise than its line says."""
    ran = runner.invoke(casework, shlex.split(line.removeprefix(REFUSED))[1:], prog_name="casework")
    if bool(ran.exit_code) != line.startswith(REFUSED):
        raise ChildProcessError(f"{line}\n{ran.output}")
    return ran.stdout + ran.stderr


REFUSED = "! "
"""What a line begins with whose command is refused."""

TOLD_ON = "2026-11-23T02:00:00Z"

OFFICE = (Path(__file__).parent / "office.txt").read_text("utf-8")
"""A small office in the middle of its work, for examples."""


def _steady(text: str) -> str:
    text = re.sub(r"\b[0-9a-f]{64}\b", "…", text)
    text = re.sub(r"\+[0-9a-f]{8}\+[\w+/=]{40,}", "+…", text)
    text = re.sub(r"recorded \d{4}-\d\d-\d\dT[\d:.]+Z", "recorded …", text)
    text = re.sub(r"[0-9a-f-]{36}\.casework", "…", text)
    return re.sub(r"\((?!Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z_][a-z0-9_-]*\)(.*  #)", r"(…)\1", text)
