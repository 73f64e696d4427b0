"""The catalogues: complete in both languages, read rightly, and the only place of words."""

import ast
import re
import subprocess
import sys
from functools import cache
from pathlib import Path
from string import Formatter

import click
import pytest
import texts
from click.testing import CliRunner
from command_tree import commands

from casework.cli import casework
from casework.cli.wording import told
from casework.errors import RefusedError
from casework.words import (
    LANGUAGES,
    Both,
    Choice,
    Given,
    Text,
    Verb,
    _written,
    has,
    said,
    word,
)
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
        if any(hint not in english for hint in hints if "." in hint):
            wrong.append((name, key, hints))
        own = [key, f"{key}.hint", *hints]
        told = [english.get(one, ()) for one in (*own, *(one + texts.FACE for one in own))]
        needed = {place for forms in told for place in places(forms)}
        if said_of is None or (None not in given and not needed <= given):
            wrong.append((name, key, needed ^ given))
    assert wrong == []


# Other tests compare these with what they are made of: commands, options, fields, functions of a
# server, sentences of click; docs/importing.vi.md says what columns mean.
MADE = ("help.", "click.", "option.", "filter.", "word.", "written.", "denied.", "column.")


def _ids_in_the_source(*, below=False):
    """Return the texts of the program that may be ids, and those that ids may begin with.

    Of the whole program, or of what is `below` the command line.
    """
    whole, begun = set(), set()
    for name, tree in texts.sources():
        if below and name.startswith(("cli/", "words/")):
            continue
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant):
                whole.add(node.value)
            elif isinstance(node, ast.JoinedStr) and isinstance(node.values[0], ast.Constant):
                begun.add(node.values[0].value)
    return whole, tuple(one for one in begun if one.endswith(".") and " " not in one)


def _named(key, whole, begun):
    """Tell whether a text is said: by its id, or as the way out of an error that has it."""
    plain = key.removesuffix(texts.FACE)
    return key.startswith(begun) or not {plain, plain.removesuffix(".hint")}.isdisjoint(whole)


def test_no_text_is_kept_that_nothing_says():
    whole, begun = _ids_in_the_source()

    assert [key for key in texts.in_catalogue() if not _named(key, whole, MADE + begun)] == []


VERBS = "|".join(sorted({words[0] for words, _ in commands()}))
GROUPS = "|".join(" ".join(words) for words, _ in commands() if len(words) > 1)
OF_THE_COMMAND_LINE = re.compile(
    rf"(?:^|[\s(\"'])--[a-z]|\bcasework (?:{VERBS})\b|(?<!the )(?<!in )\b(?:{GROUPS})\b"
)


def speaks_of_the_command_line(text):
    return OF_THE_COMMAND_LINE.search(text) is not None


@pytest.mark.parametrize("lang", LANGUAGES)
def test_nothing_below_the_command_line_speaks_of_its_options(lang):
    whole, begun = _ids_in_the_source(below=True)
    below = [
        key
        for key in texts.in_catalogue()
        if _named(key, whole, begun)
        and not key.endswith(texts.FACE)
        # The page beside a bundle is about a program of its own.
        and not key.startswith("evidence.readme")
    ]
    wrong = [key for key in below if any(map(speaks_of_the_command_line, ids()[lang][key]))]

    assert len(below) > 500
    assert wrong == []


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("give a later --due", True),
        ("(--idle-days) of them", True),
        ("see casework audit log", True),
        ("run casework init", True),
        ("see org show", True),
        ("see the audit log", False),
        ("this is not a casework store", False),
        ("not signed - yet", False),
    ],
)
def test_what_speaks_of_the_command_line_is_known(text, found):
    assert speaks_of_the_command_line(text) is found


def test_the_command_line_words_the_way_out_itself():
    error = RefusedError("extend.not-later", ref="A.1", due="x", day="y")
    needs = RefusedError(
        "workflow.needs", verb=Verb("assign"), missing=Both([Given("owner")]), asked=[]
    )

    assert (error.hint, told(error, "en")[1]) == ("give a later due date", "give a later --due")
    assert told(error, "vi")[1] == "n\u00eau --due mu\u1ed9n h\u01a1n"
    assert told(needs, "vi")[0] == (
        "\u0111\u1ec3 giao, v\u1ee5 vi\u1ec7c ph\u1ea3i c\u00f3 ch\u1ee7 tr\u00ec"
    )


def test_no_literal_reaches_an_error_or_a_reader():
    found = texts.literals(frozenset(ids()["en"]))

    assert sum(map(len, found.values())) <= MOST, found


def written(text):
    """Tell whether a text is one that the program writes into registers."""
    patterns = [*_written().values()]
    return any(one.fullmatch(text.replace("{}", "x")) for one in patterns)


def test_what_is_written_into_registers_is_written_by_the_program():
    loose = {text for _, tree in texts.sources() for _, text in texts._loose(tree)}
    told = [re.sub(r"\{\w*\}", "{}", text) for text in loose]

    assert [key for key, one in _written().items() if not any(map(one.fullmatch, told))] == []


def test_no_sentence_stands_in_the_source_but_in_the_catalogues():
    assert texts.sentences(frozenset(ids()["en"]), written) == {}


def test_no_literal_reaches_a_reader_by_another_name():
    assert texts.handed(frozenset(ids()["en"])) == {}


@pytest.mark.parametrize(
    "code",
    [
        'HINT = "take another backup"\nraise_it(HINT)',
        'def f(x):\n    return "open it again" if x else None',
        'way = f"{x} holds no keys"',
        '_MARKS = ((b"PK", "an archive of files"),)',
        'def f(name, what="correct the file"):\n    pass',
    ],
)
def test_a_sentence_is_found_wherever_it_stands(code):
    loose = [text for _, text in texts._loose(ast.parse(code))]

    assert [one for one in loose if texts._is_sentence(one, frozenset(ids()["en"]))] != []


@pytest.mark.parametrize(
    ("code", "literal"),
    [
        ('HINT = "later on"\ndef f():\n    raise RefusedError("days", HINT)', True),
        ('def f():\n    raise RefusedError("days", now="somebody")', True),
        ('def f(what):\n    raise RefusedError("days", what=g(what))\nf("alias")', True),
        ('def f(what):\n    raise RefusedError("days", what=g(what))\nf(f"the {x}")', True),
        ('def f(what):\n    raise RefusedError("days", what=g(what))\nf("name.alias")', False),
        ('def f(verb):\n    raise RefusedError("days", verb=verb)\nf("resolve")', False),
        ('def f(what):\n    return what\nf("alias")', False),
        ('class C:\n    def f(self, what):\n        raise UsageError("days", x=what)', False),
    ],
)
def test_a_literal_is_followed_by_one_step(code, literal, monkeypatch):
    monkeypatch.setattr(texts, "sources", lambda: [("acts/x.py", ast.parse(code))])

    assert bool(texts.handed(frozenset(ids()["en"]))) is literal


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
