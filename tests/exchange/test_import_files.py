"""Files as the world makes them: named for what they are, or read; and never more than fits."""

import io
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
import xlsxwriter

pytestmark = pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
"""A file is read before any store is asked, so that one engine tells for both."""

ROW = "title,proposer\nT,vufo\n"


def workbook():
    held = io.BytesIO()
    with xlsxwriter.Workbook(held) as book:
        book.add_worksheet().write_row(0, 0, ["title", "proposer"])
    return held.getvalue()


def archive(**files):
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as made:
        for name, text in files.items():
            made.writestr(name.replace("__", "/"), text)
    return held.getvalue()


KINDS = {
    "cannot be read as a workbook": workbook()[:-100],
    "an OpenDocument spreadsheet (ODS)": archive(
        mimetype="application/vnd.oasis.opendocument.spreadsheet"
    ),
    "a Word document": archive(word__document="<w/>"),
    "an archive (ZIP)": archive(cases=ROW),
    "an old Excel or Word file (XLS, DOC)": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504),
    "a PDF": b"%PDF-1.7\n%\xe2\xe3",
    "a SQLite database": b"SQLite format 3\0" + bytes(84),
    "a compressed file (gzip)": b"\x1f\x8b\x08\0",
    "a picture": b"\x89PNG\r\n\x1a\n",
    "a web page": b"\n <html><table><tr><td>title",
    "UTF-16 or UTF-32 text": ROW.encode("utf-16-be"),
    "UTF-32 text": ROW.encode("utf-32"),
    "begins as a JSON list": b' [{"title":"T"',
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("way", ["file", "stdin"])
def test_a_file_of_another_kind_is_called_what_it_is(office, tmp_path, kind, way):
    path = tmp_path / "list.csv"
    path.write_bytes(KINDS[kind])
    if way == "stdin":
        error = office.refused(2, "import", "-", input=KINDS[kind])
    else:
        error = office.refused(2, "import", path)
    assert kind in error["message"]
    assert error["hint"]
    assert "save the file as UTF-8" not in error["hint"] or "UTF" in kind


@pytest.mark.parametrize("encoding", ["cp1258", "latin-1"])
def test_an_older_encoding_is_refused_with_its_line_and_byte(office, encoding):
    written = f"{ROW}Rules,vufo\nD\u00ea,vufo\n".encode(encoding)
    error = office.refused(2, "import", "-", input=written)
    assert "line 4, byte 2 is 0xea" in error["message"]
    assert "Windows-1258" in error["message"]
    assert "CSV UTF-8" in error["hint"]


TABLES = {
    "a told mark": "sep=;\r\ntitle;proposer\r\nT, and more;vufo\r\n",
    "a told mark after a byte order mark": '\ufeff"sep=|"\ntitle|proposer\nT|vufo\n',
    "semicolons": "title;proposer\nT;vufo\n",
    "tabs": "title\tproposer\nT\tvufo\n",
    "empty headings at the end": "title,proposer,,\nT,vufo,,\nU,vufo,,\n",
    "empty cells beyond the header": "title,proposer\nT,vufo,, ,\n",
    "an empty heading in the middle": "title,,proposer\nT,,vufo\n",
    "short rows": "title,proposer,owner,due\nT,vufo\n",
    "headings in capitals": " TITLE ,Proposer\nT,vufo\n",
    "headings with marks": "Title,Pröposer,Title-VI\nT,vufo,Quy định\n",
    "headings with blanks": "title,proposer,Proposed on\nT,vufo,2022-01-03\n",
    "what ended files once": "title,proposer\r\nT,vufo\r\n\x1a",
    "carriage returns": "title,proposer\rT,vufo\r",
    "invisible edges": "\u200btitle,proposer\u200b\n\u200bT\ufeff,\u2060vufo\u200b\n",
    "lines before it": "\n\n title,proposer\nT,vufo\n",
    "a quoted mark": '"title","proposer"\n"T; and, more","vufo"\n',
}


@pytest.mark.parametrize("name", TABLES)
def test_a_table_is_read_as_spreadsheets_write_it(office, name):
    done = office.json("import", "-", input=TABLES[name].encode())
    made = office.json("list")

    assert done["created"] == len(made) >= 1
    assert made[0]["title"] in {"T", "T, and more", "T; and, more"}
    assert {one["proposer"] for one in made} == {"vufo"}


def test_blank_rows_are_counted_and_make_nothing(office):
    table = "title,proposer\n , \nT,vufo\n,\n\u00a0,\u200b\n"
    done = office.json("import", "-", input=table.encode())
    again = office.json("import", "-", input=table.encode())

    assert done == {"rows": 1, "created": 1, "skipped": 0, "blank": 2}
    assert again == {"rows": 1, "created": 0, "skipped": 1, "blank": 2}


def test_a_cell_under_no_heading_is_no_blank(office):
    error = office.refused(2, "import", "-", input=b"title,,proposer\nT,lost,vufo\n")
    assert "row 2, row: a cell: it has no heading" in error["message"]


@pytest.mark.parametrize("edge", ["\u200b", "\ufeff", "\u2068"])
def test_an_invisible_edge_that_is_registered_comes_back(office, new_office, tmp_path, edge):
    office("propose", "--title", f"{edge}T{edge}", "--proposer", "vufo", "--ref", "A.1")
    office("export", tmp_path / "out.csv")
    other = new_office()
    other("import", tmp_path / "out.csv")

    assert other.json("show", "A.1")["title"] == f"{edge}T{edge}"


# --- bounds ----------------------------------------------------------------------------------

MIB = 1 << 20
MEMORY = 100 * MIB
"""How much memory a refusal may take, whatever the file has."""


def of_cells(count, first=b"title,proposer\n"):
    yield first
    for _ in range(count // MIB):
        yield b"," * MIB
    yield b"\n"


def of_one_line(size, first):
    yield first
    for _ in range(size // MIB):
        yield b"x" * MIB


def of_quoted_lines(count):
    yield b'title,proposer\n"'
    for _ in range(count):
        yield b'\n",' + b"," * 999 + b'"'


HOSTILE = {
    "a gigabyte in one line of JSON": lambda: of_one_line(1000 * MIB, b'{"title":"'),
    "a long header": lambda: of_one_line(100 * MIB, b"title,"),
    "a row without an end": lambda: of_one_line(100 * MIB, b"title,proposer\n"),
    "50,000,000 empty headings": lambda: of_cells(48 * MIB, b""),
    "3,000,000 columns": lambda: [b",".join(b"%d" % n for n in range(3_000_000))],
    "5,000 columns": lambda: [b",".join(b"column-%d" % n for n in range(5_000))],
    "a row of 50,000,000 cells": lambda: of_cells(48 * MIB),
    "a row of 7,000,000 cells": lambda: of_cells(7 * MIB),
    "a row over many lines": lambda: of_quoted_lines(20_000),
    "seven million values": lambda: [b'{"theme":[' + b"[]," * (2 * MIB) + b"[]]}\n"],
    "nested a million times": lambda: [b'{"theme":' + b"[" * 1_000_000],
}


MEASURED = """
import resource, subprocess, sys
done = subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
sys.stderr.buffer.write(done.stderr)
print(done.returncode, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024)
"""
"""A process of its own, so that what the tests hold is not taken for what the program takes."""


@pytest.mark.timeout(120)
@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.parametrize("way", ["file", "stdin"])
def test_what_is_too_large_is_refused_before_memory_is_taken(office, tmp_path, name, way):
    if way == "stdin" and "gigabyte" in name and "JSON" not in name:
        pytest.skip("one gigabyte through a pipe is enough")
    path = tmp_path / "hostile"
    with path.open("wb") as file:
        file.writelines(HOSTILE[name]())
    before = office.head()
    program = Path(sys.executable).with_name("casework")
    words = [program, "--db", office.url, "import", "-" if way == "stdin" else path]
    with path.open("rb") as given:
        done = subprocess.run(
            [sys.executable, "-c", MEASURED, *words], stdin=given, capture_output=True, check=True
        )
    path.unlink()
    code, memory = map(int, done.stdout.split())

    assert code == 2, done.stderr[:500]
    assert len(done.stderr) < 2000
    assert memory < MEMORY, memory
    assert office.head() == before


def test_an_endless_pipe_is_refused(office):
    program = Path(sys.executable).with_name("casework")
    with (
        subprocess.Popen(["cat", "/dev/zero"], stdout=subprocess.PIPE) as endless,
        subprocess.Popen(
            [program, "--db", office.url, "import", "-"],
            stdin=endless.stdout,
            stderr=subprocess.PIPE,
        ) as reader,
    ):
        said = reader.communicate(timeout=60)[1]
        endless.kill()
    assert reader.returncode == 2
    assert b"UTF-8" in said


def test_unknown_columns_are_named_only_so_far(office):
    header = ",".join(f"c{number}" for number in range(900))
    error = office.refused(2, "import", "-", input=f"{header}\n".encode())
    assert "and 890 more" in error["message"]
    assert len(error["message"]) < 300
