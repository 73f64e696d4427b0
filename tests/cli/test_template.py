"""Texts that are kept under a name, and what begins with them."""

import subprocess
import sys
from email import message_from_bytes, policy
from pathlib import Path

import pytest
from terminals import shown

from casework.cli.editing import SCISSORS

pytestmark = pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
SHARED = ("template", "save", "giao-việc", "--shared", "--text")
TEXT = "Giao {owner} xử lý {ref}.\n\nHạn: {due}."


@pytest.fixture
def register(office, monkeypatch, tmp_path):
    monkeypatch.setenv("CASEWORK_CONFIG", str(tmp_path / "set" / "config.toml"))
    return office


def kept(office):
    return [(one["name"], one["kept_in"], one["value"]) for one in office.json("template", "list")]


def test_a_template_of_the_register_is_everybodys_and_ones_own_comes_first(register):
    register(*SHARED, TEXT)
    assert register("template", "show", "giao-viec").stdout == f"{TEXT}\n"
    register("template", "save", "giao-việc", "--text", "Own")

    told = register("template", "show", "giao-việc", "--json")
    assert told.json == {"name": "giao-việc", "kept_in": "yours", "value": "Own"}
    assert "giao-việc" in register("template", "show", "giao-việc").stderr
    assert [one["hidden"] for one in register.json("template", "list")] == [False, True]
    register("template", "drop", "giao-việc")
    assert kept(register) == [("giao-việc", "register", TEXT)]
    assert register.json("template", "list", "--by", "lan") == register.json("template", "list")


def test_what_was_done_to_a_template_of_the_register_stands_in_its_log(register):
    register(*SHARED, "One\r\ntwo")
    register(*SHARED, TEXT, "--reason", "asked")
    register.refused(4, *SHARED, TEXT)
    register("template", "drop", "GIAO-VIEC", "--shared", "--reason", "no use")
    register.refused(3, "template", "show", "giao-việc")
    register.refused(3, "template", "drop", "giao-việc", "--shared")
    register(*SHARED, TEXT)

    told = [one for one in register.json("audit", "log") if one["kind"] == "template"]
    assert [(one["act"], one["reason"]) for one in told] == [
        *(("add", None), ("edit", "asked"), ("retire", "no use"), ("edit", None)),
    ]
    assert [one["key"] for one in told] == ["giao-việc"] * 4
    register("audit", "verify")
    lines = register("audit", "log").stdout.split("\n")
    assert "Hạn: {due}." in {line.strip() for line in lines}


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("save", "x", "--text", "{secret}"), 2),
        (("save", "x", "--text", "{secret}", "--shared"), 2),
        (("save", "../x", "--text", "t"), 2),
        (("save", "a b", "--text", "t", "--shared"), 2),
        (("save", "CON", "--text", "t"), 2),
        (("save", "x"), 2),
        (("save", "x", "--text", " ", "--shared"), 2),
        (("save", "x", "--text", " "), 2),
        (("save", "x", "--text", "y" * 200_000), 2),
        (("save", "x", "--text", "t", "--reason", "r"), 2),
        (("save", "x", "--text", "t", "--dry-run"), 2),
        (("save", "x", "--text", "t", "--shared", "--by", "lan"), 6),
        (("show", "x"), 3),
        (("drop", "x"), 3),
        (("drop", "x", "--shared"), 3),
    ],
)
def test_what_no_template_can_be_is_refused(register, words, code):
    assert register.refused(code, "template", *words)["message"]
    assert kept(register) == []


def test_a_rehearsal_keeps_no_template(register):
    head = register.head()
    register(*SHARED, TEXT, "--dry-run")

    assert register.head() == head
    assert kept(register) == []


def test_a_template_is_written_anew_from_its_present_text(register, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    tool = tmp_path / "editor"
    tool.write_text('#!/bin/sh\ncp "$1" given\nprintf "Dưới\\n" | cat - given > "$1"\n')
    tool.chmod(0o700)

    def begun(*words):
        told = []
        shown(register.url, 80, "template", "save", *words, ended=told, EDITOR=str(tool))
        assert told == [0]
        return Path("given").read_text("utf-8").partition(SCISSORS)[0].strip()

    assert begun("của-tôi") == ""
    assert begun("của-tôi") == "Dưới"
    register(*SHARED, TEXT)
    assert begun("giao-việc") == ""
    assert begun("giao-việc", "--shared") == TEXT
    assert register.json("template", "show", "giao-việc")["value"] == "Dưới"
    assert ("giao-việc", "register", f"Dưới\n{TEXT}") in kept(register)


def test_assignments_begin_with_a_template_of_the_register(register, case, tmp_path):
    case(ref="A.1")
    register(*SHARED, TEXT)
    tool = tmp_path / "editor"
    tool.write_text('#!/bin/sh\nprintf "Trên\\n" | cat - "$1" > "$1.n" && mv "$1.n" "$1"\n')
    tool.chmod(0o700)
    given = ("--owner", "mofa", "--due", "2999-01-31", "--template", "giao-việc")
    told = []
    shown(register.url, 80, "assign", "A.1", *given, ended=told, EDITOR=str(tool))

    assert told == [0]
    reason = register.json("history", "A.1")[-1]["reason"]
    assert reason == "Trên\nGiao … xử lý A.1.\n\nHạn: …."
    assert register.refused(2, "assign", "A.1", *given, "--reason", "r")["message"]


@pytest.fixture
def posted(register, case, tmp_path):
    """A function that writes letters, and returns their texts by the name of their file."""
    for code in ("mofa", "hcmc-pc"):
        register("org", "edit", code, "--email", f"{code}@office.example")
    case("resolved", ref="A.1", title="Rules")
    case("assigned", ref="A.2")

    def write(*words):
        folder = tmp_path / "letters"
        register("letter", *words, "--from", "register@office.example", "--to", folder)
        found = [
            message_from_bytes(one.read_bytes(), policy=policy.default)
            for one in sorted(folder.iterdir())
        ]
        texts = (one.get_body(("plain",)).get_content() for one in found)
        return "\n".join(text.replace("\r\n", "\n") for text in texts)

    return write


def test_letters_begin_with_a_template(register, posted):
    register("template", "save", "l", "--shared", "--text", "To {name}:\n\nanswer by {by}, please.")
    told = posted("assignment", "--template", "l")

    assert "To Ministry of Foreign Affairs:\n\nanswer by " in told
    assert "Since the last letter" not in told
    assert "A.2" in told


def test_a_reply_says_what_its_template_says_of_the_case(register, posted):
    register(
        "template", "save", "l", "--text", "On {ref} ({title}) of {proposer}: {due}, {document}"
    )
    told = posted("reply", "A.1", "--template", "l")

    assert "On A.1 (Rules) of " in told
    assert "…" in told


@pytest.mark.usefixtures("posted")
def test_a_letter_that_its_template_cannot_begin_is_not_written(register, tmp_path):
    register("template", "save", "l", "--text", "{ref}")
    words = ("--from", "register@office.example", "--to", tmp_path / "letters")

    for name, code in (("l", 2), ("none", 3)):
        register.refused(code, "letter", "assignment", *words, "--template", name)
    assert not (tmp_path / "letters").exists() or not any((tmp_path / "letters").iterdir())


def test_a_register_with_views_and_templates_is_handed_on_whole(register, case, tmp_path):
    case("assigned", ref="A.1")
    register(*SHARED, TEXT)
    register("view", "save", "late", "--text", "Nguyễn", "--shared")
    register("audit", "export", "--to", tmp_path / "bundle")
    register("db", "backup", tmp_path / "copy.db")

    copy = type(register)(f"sqlite:///{tmp_path / 'copy.db'}")
    assert kept(copy) == kept(register)
    assert copy.json("view", "list") == register.json("view", "list")
    told = (tmp_path / "bundle" / "events.jsonl").read_text("utf-8")
    assert '\\"template\\"' in told or '"template"' in told
    assert not any(text in told for text in ("Giao", "Nguyễn"))
    check = [
        sys.executable,
        "-I",
        "verify_bundle.py",
        ".",
        "--key",
        register("audit", "key").stdout.strip(),
    ]
    done = subprocess.run(check, cwd=tmp_path / "bundle", capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
