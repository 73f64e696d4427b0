"""The documents, the help and the docstrings are free of the worst habits (docs/style.md)."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

HABITS = {
    r"(?<!there )\b(?:is|are|was|were) no (?!(?:longer|wider|later|more|other|such|less)\b)\w+":
        "say what it is not: is not a …",
    r"\bthat there (?:is|are) not\b": "that does not exist",
    r"\b(?:at most|of) so many\b|\bso many (?:of|cases|days|rows|characters)\b":
        "name the number: N",
    r"\bmend(?:s|ed|ing)?\b": "fix, correct",
    r"\ball else\b": "everything else",
    r"\bheard of\b|\bof each of which\b": "say it in the active voice",
    r"\bof chance\b": "random",
    r"\baffair\b": "depends on",
    r"(?:^|[.;] )Who(?:se)? (?![^.?]*\?)(?=\w+ (?:is|are|has|was)\b)": "anyone who …",
    r"\bbeside the (?:result|command's)\b": "besides",
    r"\bwho is asked\b": "name the person",
    r"\bis on hold since\b": "has been on hold since",
    r"\bat last\b": "finally; or leave it out",
    r"\bone's own\b": "a separate …; your own",
}  # fmt: skip
"""What nobody writes who writes English well, and what to write instead."""

EXCEPT = {"docs/style.md"}
"""Pages that quote them."""


def pages():
    """Yield the name and the text of each document; the help of every command is one of them."""
    for folder, pattern in ((ROOT, "*.md"), (ROOT / "docs", "*.md"), (ROOT / "seeds", "*.md")):
        for page in sorted(folder.glob(pattern)):
            name = str(page.relative_to(ROOT))
            if name not in EXCEPT:
                yield name, page.read_text("utf-8")


def docstrings():
    """Yield the place and the text of each docstring."""
    for module in sorted((ROOT / "casework").rglob("*.py")):
        name = module.relative_to(ROOT)
        for node in ast.walk(ast.parse(module.read_text("utf-8"))):
            if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef):
                text = ast.get_docstring(node)
                if text:
                    yield f"{name}:{getattr(node, 'lineno', 1)}", text


def found(texts):
    return [
        f"{where}: “{' '.join(hit[0].split())}” – {better}"
        for where, text in texts
        for habit, better in HABITS.items()
        for hit in re.finditer(habit, text, re.IGNORECASE | re.MULTILINE)
    ]


def test_the_documents_say_what_things_are():
    texts = list(pages())

    assert {"README.md", "docs/commands.md", "CHANGELOG.md"} <= {name for name, _ in texts}
    assert found(texts) == []


def test_the_docstrings_say_what_things_are():
    texts = list(docstrings())

    assert len(texts) > 1000
    assert found(texts) == []


def test_each_bad_half_of_the_ten_pairs_and_each_habit_is_known_when_it_is_seen():
    page = (ROOT / "docs" / "style.md").read_text("utf-8")
    pairs = re.findall(r"^\| (?!not so|---)(.+?) \| (.+?) \|$", page, re.MULTILINE)

    assert len(pairs) == 10
    assert [better for _, better in pairs if found([("", better)])] == []
    caught = [worse for worse, _ in pairs if found([("", worse)])]
    assert len(caught) >= 7


@pytest.mark.parametrize(
    ("text", "caught"),
    [
        ("'Moon' is no time zone.", True),
        ("It is no longer a case.", False),
        ("There is no case, and no such case.", False),
        ("It is no wider than the terminal.", False),
        ("a name that there is not", True),
        ("Who reads is told.", True),
        ("Who it is, is told.", True),
        ("Who is it?", False),
        ("fix and recommend", False),
        ("It was mended.", True),
    ],
)
def test_a_habit_is_told_from_what_is_right(text, caught):
    assert bool(found([("", text)])) is caught
