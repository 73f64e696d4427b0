"""The catalogues: complete in both languages, read rightly, and the only place of words."""

import ast
import subprocess
import sys
from functools import cache
from pathlib import Path
from string import Formatter

import click
import pytest
import texts
from click.testing import CliRunner

from casework.cli import casework
from casework.errors import RefusedError
from casework.words import LANGUAGES, Choice, Text, has, said, word
from casework.words.catalogue import Catalogue, entries_of

REPOSITORY = Path(__file__).parents[2]

MOST = 0
"""How many calls still have a literal that is in no catalogue; it only falls."""


@cache
def ids():
    """Return the forms of every text, by language and id, as Babel reads them."""
    pofile = pytest.importorskip("babel.messages.pofile")
    found = {}
    for lang in LANGUAGES:
        file = REPOSITORY / "casework" / "words" / f"{lang}.po"
        with file.open("rb") as stream:
            told = pofile.read_po(stream, locale=lang, abort_invalid=True)
        assert not any(one.fuzzy or one.context for one in told if one.id)
        found[lang] = {
            one.id if isinstance(one.id, str) else one.id[0]: (
                one.string if isinstance(one.string, tuple) else (one.string,)
            )
            for one in told
            if one.id
        }
    return found


def places(forms):
    return {name for form in forms for _, name, _, _ in Formatter().parse(form) if name}


def test_both_languages_say_everything_with_the_same_values():
    english, vietnamese = (ids()[lang] for lang in LANGUAGES)

    assert english.keys() == vietnamese.keys()
    assert [key for key in english if not all(english[key] + vietnamese[key])] == []
    # Of a sentence of click's, what is counted has a name of its own in each form.
    ours = [key for key in english if not key.startswith("click.")]
    assert {key: places(english[key]) for key in ours} == {
        key: places(vietnamese[key]) for key in ours
    }
    assert [key for key in english if places(vietnamese[key]) - places(english[key])] == []


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_program_reads_its_catalogues_as_gettext_does(lang):
    ours = entries_of(lang)

    assert {key: ours[key] for key in ids()[lang]} == ids()[lang]
    assert ours["no.such-id"] is None


def test_a_catalogue_is_read_however_an_editor_left_it():
    left = (
        '# head\r\nmsgid ""\r\nmsgstr ""\r\n"Language: vi\\n"\r\n\r\n#, fuzzy\r\n#: x.py:1\r\n'
        'msgid "a.one"\r\nmsgstr "M\u1ed9t "\r\n"\\"hai\\"\\n\\tba \\\\n"\r\n\r\n'
        'msgid "a.empty"\r\nmsgstr ""\r\n\r\n'
        'msgid "a.many"\r\nmsgid_plural "a.many"\r\nmsgstr[0] "one"\r\nmsgstr[1] "several"\r\n\r\n'
        '#~ msgid "a.gone"\r\n#~ msgstr "Xo\u00e1"\r\n'
    )
    read = Catalogue(left.encode())

    assert read["a.one"] == ('M\u1ed9t "hai"\n\tba \\n',)
    assert read["a.many"] == ("one", "several")
    assert read["a.empty"] is None
    assert read["a.gone"] is None
    assert read[""] is None


def test_the_catalogues_are_in_order():
    pytest.importorskip("babel")
    sys.path.insert(0, str(REPOSITORY / "docs"))
    try:
        import catalogues
    finally:
        sys.path.pop(0)
    for lang, file in catalogues.in_order().items():
        assert (catalogues.WORDS / f"{lang}.po").read_bytes() == file, "run make docs"


def _ids_named():
    """Yield the module, the id and the names of the values of each text that is named outright."""
    for name, node in texts.calls():
        if texts.called(node) not in texts.ERRORS | texts.WORDED or not node.args:
            continue
        first = node.args[0]
        if isinstance(first, ast.Constant) and isinstance(first.value, str):
            given = {one.arg for one in node.keywords} - {"passing", "unsure"}
            yield name, first.value, [one.value for one in node.args[1:] if _is_text(one)], given


def _is_text(node):
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def test_what_is_named_is_in_the_catalogue_with_the_values_it_is_given():
    english = ids()["en"]
    wrong = []
    for name, key, hints, given in _ids_named():
        if " " in key or "." not in key:
            continue
        said_of = english.get(key)
        if any(hint not in english for hint in hints):
            wrong.append((name, key, hints))
        told = [english.get(one, ()) for one in (key, f"{key}.hint", *hints)]
        needed = {place for forms in told for place in places(forms)}
        if said_of is None or (None not in given and not needed <= given):
            wrong.append((name, key, needed ^ given))
    assert wrong == []


# Other tests compare these with what they are made of: commands, options, fields, click's own.
MADE = ("help.", "click.", "option.", "filter.", "word.")


def _ids_in_the_source():
    """Return the texts of the program that may be ids, and those that ids may begin with."""
    whole, begun = set(), set()
    for _, tree in texts.sources():
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant):
                whole.add(node.value)
            elif isinstance(node, ast.JoinedStr) and isinstance(node.values[0], ast.Constant):
                begun.add(node.values[0].value)
    return whole, tuple(one for one in begun if one.endswith(".") and " " not in one)


def test_no_text_is_kept_that_nothing_says():
    whole, begun = _ids_in_the_source()
    left = [
        key
        for key in texts.in_catalogue()
        if not key.startswith(MADE + begun) and not {key, key.removesuffix(".hint")} & whole
    ]

    assert left == []


def test_no_literal_reaches_an_error_or_a_reader():
    found = texts.literals(frozenset(ids()["en"]))

    assert sum(map(len, found.values())) <= MOST, found


@pytest.mark.parametrize(
    ("code", "literal"),
    [
        ('RefusedError("it is late")', True),
        ('RefusedError(f"{ref} is late")', True),
        ('RefusedError("days", "wait")', True),
        ('RefusedError(f"word.{state}")', False),
        ('RefusedError("days" if one else "it is late")', True),
        ('click.echo("late", err=True)', True),
        ('settings.tell(", ".join(many))', False),
        ('echo(settings, f"  {ref}: {day}")', False),
        ('RefusedError("days", count=1)', False),
        ('RefusedError(f"finding.{rule}.title")', False),
        ('RefusedError("no.such-text")', True),
    ],
)
def test_a_literal_is_found_wherever_it_stands(code, literal):
    node = ast.parse(code).body[0].value
    known = frozenset(ids()["en"])
    said_of = [text for one in node.args for text in texts._texts(one)]

    assert any(texts.is_literal(text, known) for text in said_of) is literal


def test_an_error_is_worded_in_the_language_of_its_reader():
    error = RefusedError("days", "list.or", count=1, first="a", last="b")

    assert str(error) == error.message == "1 day"
    assert error.told("vi") == ("1 ng\u00e0y", "a ho\u1eb7c b")
    assert Text("days", count=21914).said("vi") == "21.914 ng\u00e0y"
    assert str(Text("days", count=21914)) == "21,914 days"
    assert Choice(["a", "b", "c"]).said("vi") == "a, b ho\u1eb7c c"
    assert str(Choice(["a"])) == "a"


def test_a_word_that_has_no_entry_is_its_own():
    assert word("4711", "vi") == "4711"
    with pytest.raises(KeyError):
        said("no.such-text")


def test_nothing_is_read_until_a_text_is_shown():
    code = (
        "import casework.cli, casework.errors as e, casework.words.catalogue as c;"
        "e.RefusedError('days', 'list.or', count=2);"
        "print(c.entries_of.cache_info().currsize)"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert run.stdout == "0\n"


def test_every_sentence_of_clicks_has_its_translation():
    ours = {forms[0]: forms for key, forms in ids()["en"].items() if key.startswith("click.")}
    for path in sorted(Path(click.__file__).parent.glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and texts.called(node) in {"_", "ngettext"}:
                said_of = [one.value for one in node.args if isinstance(one, ast.Constant)]
                if said_of and said_of[0] not in FOR_PROGRAMMERS and path.name not in UNUSED:
                    assert ours.get(said_of[0], ())[: len(said_of)] == tuple(said_of), path


UNUSED = {"_termui_impl.py", "_winconsole.py", "utils.py"}
"""Modules of click that casework does not use: an editor, a pager, consoles of old Windows."""

FOR_PROGRAMMERS = {
    "DeprecationWarning: The command {name!r} is deprecated.{extra_message}",
    "DeprecationWarning: The {param_type} {name!r} is deprecated.{extra_message}",
    "Could not determine name for option with declarations {decls!r}",
    (
        "No options defined but a name was passed ({name}). Did you mean to declare an argument"
        " instead? Did you mean to pass '--{name}'?"
    ),
    "Arguments take exactly one parameter declaration, got {length}: {decls}.",
    "Name '{name}' defined twice",
    "Boolean option {decl!r} cannot use the same flag for true/false.",
    "Unknown color {colour!r}",
}
"""What click says of a command that is declared wrongly."""


@pytest.mark.parametrize(
    ("words", "env", "told"),
    [
        (["--lang", "vi", "assign"], {}, "Thi\u1ebfu tham s\u1ed1 'REF'."),
        (["assign", "--lang=vi"], {}, "Thi\u1ebfu tham s\u1ed1 'REF'."),
        (["assign"], {"CASEWORK_LANG": "vi"}, "Thi\u1ebfu tham s\u1ed1 'REF'."),
        (["assign"], {"LANGUAGE": "", "LANG": "vi_VN.UTF-8"}, "Thi\u1ebfu tham s\u1ed1 'REF'."),
        (["assign"], {"LANGUAGE": "", "LC_ALL": "C", "LANG": "vi_VN"}, "Missing argument 'REF'."),
        (["assign", "--lang", "en"], {"CASEWORK_LANG": "vi"}, "Missing argument 'REF'."),
        (["assign"], {}, "Missing argument 'REF'."),
    ],
)
def test_click_speaks_the_language_that_was_asked_for(words, env, told, monkeypatch):
    for name, value in env.items():
        monkeypatch.setenv(name, value)
    result = CliRunner().invoke(casework, words)

    assert (result.exit_code, told in result.stderr) == (2, True), result.stderr


@pytest.mark.parametrize("text", ["\udcff", "no \ud800 id", "there is no id like this", "\0", ""])
def test_a_text_that_is_no_id_has_no_entry(text):
    assert not has(text)
