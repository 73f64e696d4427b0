"""What the program says, read off its source: literals that reach a reader, and ids of texts."""

import ast
import re
from pathlib import Path

import casework
from casework import errors

ROOT = Path(casework.__file__).parent
SHOWN = {"echo", "fail", "say", "tell", "BadParameter", "ClickException", "UsageError"}
ERRORS = {name for name, one in vars(errors).items() if isinstance(one, type)} - {
    "Any",
    "Kind",
    "Text",
}
WORDED = {"Text", "said"}
_WORD = re.compile(r"[^\W\d_]{2,}")


def in_catalogue():
    """Return the ids of the English catalogue, as it stands in its file."""
    entries = (ROOT / "words" / "en.po").read_text(encoding="utf-8").split('\nmsgid "')
    return [entry.partition('"')[0] for entry in entries[2:]]


def sources():
    """Yield the path of every module, as it stands in the repository, and its tree."""
    for path in sorted(ROOT.rglob("*.py")):
        if "_bundled" not in path.parts:
            yield path.relative_to(ROOT).as_posix(), ast.parse(path.read_text(encoding="utf-8"))


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
