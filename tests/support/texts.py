"""What the program says, read off its source: literals that reach a reader, and ids of texts."""

import ast
import re
from functools import cache
from pathlib import Path

import casework
from casework import errors

ROOT = Path(casework.__file__).parent
SHOWN = {"echo", "fail", "say", "tell", "BadParameter", "ClickException", "UsageError"}
ERRORS = {
    name
    for name, one in vars(errors).items()
    if isinstance(one, type) and issubclass(one, errors.CaseworkError)
}
WORDED = {"Text", "said", "Quoted"}
FACE = ".cli"
"""How the ids end of what the command line words itself."""
_WORD = re.compile(r"[^\W\d_]{2,}")


def in_catalogue():
    """Return the ids of the English catalogue, as it stands in its file."""
    entries = (ROOT / "words" / "en.po").read_text(encoding="utf-8").split('\nmsgid "')
    return [entry.partition('"')[0] for entry in entries[2:]]


@cache
def sources():
    """Return the path of every module, as it stands in the repository, and its tree."""
    return [
        (path.relative_to(ROOT).as_posix(), ast.parse(path.read_text(encoding="utf-8")))
        for path in sorted(ROOT.rglob("*.py"))
        if "_bundled" not in path.parts
    ]


def called(node):
    """Return what a call calls, without what stands before the last dot."""
    match node.func:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
    return ""


def calls():
    """Yield every call of the program, with the module it stands in."""
    for name, tree in sources():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call):
                yield name, node


def _texts(node):
    """Yield the texts that may become part of what an expression says."""
    match node:
        case ast.Constant(value=str(text)):
            yield text
        case ast.JoinedStr(values=parts):
            yield "".join(one.value if isinstance(one, ast.Constant) else "{}" for one in parts)
        case ast.BinOp(left=left, right=right):
            yield from (*_texts(left), *_texts(right))
        case ast.IfExp(body=body, orelse=other):
            yield from (*_texts(body), *_texts(other))
        case ast.BoolOp(values=values):
            for one in values:
                yield from _texts(one)
        case ast.Call(func=ast.Attribute(attr="format" | "join", value=value)):
            yield from _texts(value)


def is_literal(text, known):
    """Tell whether a text is one a person reads, and no id nor the beginning of one."""
    if text in known or not _WORD.search(text.replace("{}", "")):
        return False
    return not ("." in text and " " not in text and any(map(_matches(text), known)))


def _matches(text):
    return re.compile(re.escape(text).replace(r"\{\}", ".+")).fullmatch


def _writes_on(name, node):
    """Tell whether a call is one that says nothing to a reader: into a paper, or into a trace."""
    return called(node) == "say" and (
        not name.startswith("cli/") or ast.unparse(node.func).startswith("tracing.")
    )


def literals(known):
    """Return of each module the lines whose literals reach an error or a reader."""
    found = {}
    for name, node in calls():
        if called(node) in SHOWN | ERRORS and not _writes_on(name, node):
            texts = [text for one in node.args for text in _texts(one)]
            if any(is_literal(text, known) for text in texts):
                found.setdefault(name, []).append(node.lineno)
    return found


# --- sentences, wherever they stand ----------------------------------------------------------

ELSEWHERE = (
    "kinds/", "rules/dates/", "rules/invariants.py", "exchange/standings.py", "exchange/columns.py",
    "exchange/denials.py", "store/schema.py", "store/statements/", "system/tracing.py",
    "log/verify_bundle.py",
    "log/verify_labels.py",
    "log/verify_lines.py",
    "log/verify_page.py",
    "log/verify_signed.py",
    "log/verify_states.py",
)  # fmt: skip
"""Modules whose sentences are no messages: both languages of fields, forms of rules, what cells,
dates and denials are read by, comments of tables and columns, traces for whoever hunts a fault,
and a program that must stand alone. What they raise is looked at all the same."""

CODES = {
    "event field",
    "event act",
    "theme seen",
    "cause add",
    "office set",
    "casework request {} {}",
    "state:under_study not no-answered-on not on-hold",
    "moved_day",
    "redacts",
    "on",
    "off",
    "typst",
    "psycopg[binary]",
    "name_key",
}
"""Names of statements, packages, tables and members, and choices, that have no word."""

FOR_PROGRAMMERS = {"TypeError", "AttributeError", "AssertionError", "NotImplementedError"}
_CODE = re.compile(
    r"\b(SELECT|FROM|WHERE|PRAGMA|CREATE|DROP|GRANT|REVOKE|ALTER|INSERT|DELETE|UPDATE|COMMIT|BEGIN"
    r"|VACUUM|ORDER|SET|LOCK|JOIN|TABLE|ROLLBACK|ATTACH|DETACH|REFERENCES|CHECK)\b"
    r"|[\\|=<>]|::|\w\(|\[\w+(, |\])|/|%s|%\("
)
"""What makes a text one of SQL, an expression, a type, or a command of another program."""

_LOWER = re.compile(r"(?<![\w.{-])[a-z][a-z']+(?![\w.(}-])")


def sentences(known, written):
    """Return of each module the lines of sentences that stand in no catalogue.

    `known` are the ids; `written` tells whether a text is one the program writes into registers.
    """
    found = {}
    for name, tree in sources():
        if not name.startswith(ELSEWHERE):
            for line, text in _loose(tree):
                if _is_sentence(text, known) and not written(text):
                    found.setdefault(name, []).append((line, text))
    return found


def _is_sentence(text, known):
    if text in known | CODES or _CODE.search(text) or {f"word.{text}", f"act.{text}"} & known:
        return False
    return " " in text and len(_LOWER.findall(text)) > 1


def _loose(tree):
    """Yield line and text of every text but docstrings and what only programmers are told."""
    apart = {id(one) for node in ast.walk(tree) for one in _apart(node)}
    for node in ast.walk(tree):
        if id(node) not in apart and (isinstance(node, ast.JoinedStr) or _is_text(node)):
            for text in _texts(node):
                yield node.lineno, text


def _apart(node):
    """Yield what is no message, or is looked at as part of one."""
    body = getattr(node, "body", None)
    if isinstance(body, list):
        yield from (one.value for one in body if isinstance(one, ast.Expr) and _is_text(one.value))
    match node:
        case ast.Call() if called(node) in FOR_PROGRAMMERS:
            yield from (one for one in ast.walk(node) if not isinstance(one, ast.Call))
        case ast.Call() if ast.unparse(node.func) == "tracing.say":
            yield from ast.walk(node)
        case ast.Compare(left=left, ops=[ast.In(), *_]):
            # What a driver says is looked for in, not said.
            yield left
        case ast.JoinedStr(values=values):
            yield from values


def _is_text(node):
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


# --- literals that reach a message by a name -------------------------------------------------


def handed(known):
    """Return of each module the lines where a literal is handed to what says it, by one step.

    That is a value of a message, a constant of a module that is said, or an argument of a function
    that puts this parameter into a message.
    """
    trees = dict(sources())
    constants = {name: _constants(tree) for name, tree in trees.items()}
    sayers = _sayers(trees)
    found = {}
    for name, tree in trees.items():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call):
                for one in _given(node, sayers):
                    told = constants[name].get(one.id) if isinstance(one, ast.Name) else None
                    texts = [told] if told is not None else [*_texts(one)]
                    wrong = [text for text in texts if _reaches(text, known)]
                    if wrong:
                        found.setdefault(name, []).append((node.lineno, *wrong))
    return found


def _reaches(text, known):
    """Tell whether a text would be read as English: no id, and no code that has a word."""
    named = {f"{kind}.{text}" for kind in ("word", "act", "kind", "kinds", "rule", "rule.law")}
    codes = text.isupper() or text.startswith("-") or text in CODES or _CODE.search(text)
    return is_literal(text, known) and not named & known and not codes


def _constants(tree):
    """Return the texts that are constants of a module, by name."""
    return {
        target.id: node.value.value
        for node in tree.body
        if isinstance(node, ast.Assign) and _is_text(node.value)
        for target in node.targets
        if isinstance(target, ast.Name)
    }


def _sayers(trees):
    """Return the functions that put parameters into messages: their names, and which ones."""
    found = {}
    for tree in trees.values():
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef):
                names = [one.arg for one in node.args.args]
                said_of = {
                    inner.id
                    for call in ast.walk(node)
                    if isinstance(call, ast.Call) and called(call) in ERRORS | WORDED
                    for inner in ast.walk(call)
                    if isinstance(inner, ast.Name)
                }
                if places := [place for place, one in enumerate(names) if one in said_of]:
                    first = names[:1] in (["self"], ["cls"])
                    found.setdefault(node.name, set()).update(one - first for one in places)
    return found


PRIVATE = {"_run", "_row"}
"""Names of helpers that mean other things in other modules, where what they are given is looked
at by what it becomes: fields, and the words of commands."""


def _given(node, sayers):
    """Yield what a call hands on to a reader."""
    name = called(node)
    if name in ERRORS | WORDED:
        yield from node.args
        yield from (one.value for one in node.keywords)
    elif isinstance(node.func, ast.Name) and name in sayers and name not in PRIVATE:
        yield from (one for place, one in enumerate(node.args) if place in sayers[name])
