"""The statements for SQLite: made from their sources, made again, frozen, never half written."""

import ast
import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from casework.store import compiled
from casework.store.connections import Group
from casework.store.statements import compiling, every, records

ROOT = Path(__file__).parents[2]
ASK = f"""
import sys
from {compiled.__package__} import compiled
print(compiled.CODES.text)
print("sqlalchemy" in sys.modules)
"""


def asked(root, **kw):
    words = [sys.executable, "-P", "-c", ASK]
    env = {**os.environ, "PYTHONPATH": str(root), "PYTHONDONTWRITEBYTECODE": "1"}
    return subprocess.Popen(
        words, env=env, cwd="/", stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **kw
    )


def told(process):
    output, errors = process.communicate(timeout=120)
    assert process.returncode == 0, errors
    text, imported = output.splitlines()
    assert imported == "False"
    return text


@pytest.fixture
def checkout(tmp_path):
    """A copy of what is needed of a checkout, without the file that git ignores."""
    root = tmp_path / "checkout"
    ignored = shutil.ignore_patterns("__pycache__", f"{compiled.HELD.name}*")
    shutil.copytree(ROOT / "casework", root / "casework", ignore=ignored)
    shutil.copy(ROOT / "hatch_build.py", root)
    return root


def held(root):
    return root / compiled.HELD.relative_to(ROOT)


def parts(root):
    return sorted(file.name for file in held(root).parent.glob(f"{compiled.HELD.name}*"))


def sources(root):
    return json.loads(held(root).read_text("utf-8").partition("\n")[0].partition("\t")[2])


def test_every_statement_is_the_one_that_stands_in_its_source():
    lines = compiled._lines()
    assert len(every()) > 100
    for name, query in every().items():
        for side in ("", compiled.SERVER):
            held = json.loads(lines[side + name])
            kept = compiling.kept(query, narrow=held["place"] is not None, side=side)
            assert held == json.loads(json.dumps(kept))
            # What is bound to a list has no text before its length is known.
            assert "POSTCOMPILE" not in held["text"]


def test_a_server_is_sent_each_statement_with_what_narrows_and_orders_it():
    narrowed = compiled.narrowed(
        compiled.LIST,
        [[("owner", "mofa"), ("not says", "%a%")], [Group("AND", (("open", None), ("due <", 1)))]],
    )
    text, values = compiled.on_server(compiled.ordered(narrowed, ["due desc"]))

    assert values == {"value_0": "mofa", "value_1": "%a%", "value_2": 1}
    assert re.findall(r"%\((\w+)\)s", text) == ["value_0", "value_1", "value_2", "limit"]
    assert 'ORDER BY "case".due IS NULL, "case".due DESC, "case".ref_stem' in text
    assert "IS NOT TRUE" in text


def test_what_the_program_asks_for_is_there():
    for folder in ("casework", "tests", "benchmarks"):
        for file in sorted((ROOT / folder).rglob("*.py")):
            for node in ast.walk(ast.parse(file.read_text("utf-8"))):
                of = isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name)
                if of and node.value.id == "compiled":
                    assert getattr(compiled, node.attr), file
    for other in ("NOTHING", "nothing", "COD"):
        assert not hasattr(compiled, other)


def test_those_who_start_at_once_in_a_new_checkout_all_have_them(checkout):
    processes = [asked(checkout) for _ in range(4)]
    assert {told(one) for one in processes} == {compiled.CODES.text}
    assert parts(checkout) == [compiled.HELD.name]
    assert {Path(one).name for one in sources(checkout)} > {"records.py", "schema.py"}


def test_they_are_made_again_once_a_source_has_changed_and_only_then(checkout):
    told(asked(checkout))
    before = held(checkout).stat()
    told(asked(checkout))
    assert os.path.samestat(held(checkout).stat(), before)

    source = checkout / Path(records.__file__).relative_to(ROOT)
    text = source.read_text("utf-8")
    other = text.replace("CODES = (\n    select(NAME.code)", "CODES = (\n    select(NAME.kind)")
    source.write_text(other, "utf-8")
    assert told(asked(checkout)) == compiled.CODES.text.replace("name_key.code", "name_key.kind", 1)

    # An earlier source comes back with the time it had.
    source.write_text(text, "utf-8")
    os.utime(source, ns=(0, 0))
    assert told(asked(checkout)) == compiled.CODES.text


def test_a_checkout_that_cannot_be_written_is_served_and_left_as_it_is(checkout):
    held(checkout).mkdir()

    assert told(asked(checkout)) == compiled.CODES.text
    assert parts(checkout) == [compiled.HELD.name]
    assert not list(held(checkout).iterdir())


def test_half_a_file_is_not_taken_for_a_whole_one(checkout):
    told(asked(checkout))
    text = held(checkout).read_bytes()
    held(checkout).write_bytes(text[: text.index(b"\n") // 2])

    assert told(asked(checkout)) == compiled.CODES.text
    assert held(checkout).read_bytes() == text


def test_what_was_installed_has_them_for_good(checkout):
    frozen = compiled.make(frozen=True)
    held(checkout).write_text(frozen, "utf-8")
    (checkout / "hatch_build.py").unlink()
    Path(checkout, Path(records.__file__).relative_to(ROOT)).write_text("broken", "utf-8")

    assert told(asked(checkout)) == compiled.CODES.text
    assert held(checkout).read_text("utf-8") == frozen
    assert sources(checkout) == {}


def test_an_installation_that_lacks_them_says_so(checkout):
    (checkout / "hatch_build.py").unlink()

    process = asked(checkout)
    _, errors = process.communicate(timeout=120)

    assert "UnavailableError" in errors
    assert "cannot be read" in errors
    assert parts(checkout) == []


def test_a_wheel_has_them_and_the_checkout_it_was_built_from_has_not(checkout, tmp_path):
    pytest.importorskip("hatchling")
    for name in ("migrations", "seeds", "docs/vendor"):
        shutil.copytree(ROOT / name, checkout / name)
    for name in ("pyproject.toml", "README.md", "LICENSE", "docs/reader.html"):
        shutil.copy(ROOT / name, checkout / name)
    words = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run(words, cwd=checkout, check=True, capture_output=True)
    (wheel,) = tmp_path.glob("*.whl")
    shutil.unpack_archive(wheel, tmp_path / "installed", "zip")

    assert parts(checkout) == []
    assert sources(tmp_path / "installed") == {}
    assert told(asked(tmp_path / "installed")) == compiled.CODES.text


def test_wheels_are_built_with_the_program_s_own_sqlalchemy():
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    (needed,) = (one for one in settings["project"]["dependencies"] if "sqlalchemy" in one)
    assert needed in settings["build-system"]["requires"]
