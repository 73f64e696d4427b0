"""A PDF is set in Times New Roman where the machine has it, else in what comes with casework."""

import struct

import pypdf
import pytest

from casework.papers import pdf

FAMILY = b"Liberation Serif", b"Times New Roman"


def renamed(data):
    """Return a font under the name that the decree asks for, its table of names at its end.

    The licence of the fonts (OFL) lets them be changed under another name. Nothing keeps this one.
    """
    made = bytearray(data)
    (tables,) = struct.unpack_from(">H", data, 4)
    for place in range(12, 12 + 16 * tables, 16):
        if data[place : place + 4] == b"name":
            start, length = struct.unpack_from(">II", data, place + 8)
            table = _names(data[start : start + length])
            made += b"\0" * (-len(made) % 4)
            struct.pack_into(">II", made, place + 8, len(made), len(table))
            made += table
    return bytes(made)


def older(data):
    """Return a font without the letters of Vietnamese, as its versions before 2.0 were."""
    made = bytearray(data)
    first, last = struct.pack(">H", 0x1EA0), struct.pack(">H", 0x1EF9)
    (tables,) = struct.unpack_from(">H", data, 4)
    for place in range(12, 12 + 16 * tables, 16):
        if data[place : place + 4] == b"cmap":
            start, length = struct.unpack_from(">II", data, place + 8)
            table = data[start : start + length]
            assert table.count(first) == table.count(last) == 1
            made[start : start + length] = table.replace(first, last)
    return bytes(made)


def _names(table):
    _, count, texts = struct.unpack_from(">HHH", table)
    records, said = b"", b""
    for place in range(6, 6 + 12 * count, 12):
        *ids, length, start = struct.unpack_from(">6H", table, place)
        text = table[texts + start : texts + start + length]
        coding = "mac-roman" if ids[0] == 1 else "utf-16-be"
        words = text.decode(coding)
        for old, new in (FAMILY, (one.replace(b" ", b"") for one in FAMILY)):
            words = words.replace(old.decode(), new.decode())
        text = words.encode(coding)
        records += struct.pack(">6H", *ids, len(text), len(said))
        said += text
    return struct.pack(">HHH", 0, count, 6 + 12 * count) + records + said


@pytest.fixture(params=[(pdf.ASKED, renamed), (pdf.OURS, older), (pdf.OURS, None)])
def installed(request, tmp_path, monkeypatch):
    """Let the machine have Times New Roman, or an older font, or none; give the one to be used."""
    name, made = request.param
    if name == pdf.OURS and pdf.font() == pdf.ASKED:
        pytest.skip("this machine has Times New Roman")
    home = tmp_path / "home"
    (home / ".fonts").mkdir(parents=True)
    if made is not None:
        for file in pdf.FONTS.glob("*.ttf"):
            (home / ".fonts" / f"their-{file.name}").write_bytes(made(file.read_bytes()))
    monkeypatch.setenv("HOME", str(home))
    pdf._fonts.cache_clear()
    yield name
    pdf._fonts.cache_clear()


def test_a_pdf_is_set_in_the_font_asked_for_and_in_no_other(office, case, installed, tmp_path):
    case("assigned")
    to = tmp_path / "paper.pdf"
    words = ("report", "overdue", "--until", "2100-01-01", "--as-of", "2099-01-01", "--lang", "vi")
    said = office(*words, "--output", to)

    assert installed in said.stderr
    used = {
        font["/BaseFont"].partition("+")[2].partition("-")[0]
        for page in pypdf.PdfReader(to).pages
        for font in (one.get_object() for one in page["/Resources"]["/Font"].values())
    }
    assert used == {installed.replace(" ", "")}
