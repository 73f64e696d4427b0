"""The page that reads printed sheets: its programs run by Node, and the whole of it in a browser.

Where either is not installed, what needs it is skipped.
"""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import browser
import pypdfium2
import pytest

from casework.log import note, sheet
from casework.log.note import ED25519, SigningKey

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "reader.html"
NODE = shutil.which("node")
ASKED = ("overdue", "--until", "2024-01-31", "--as-of", "2023-01-31", "--lang", "vi")
by_node = pytest.mark.skipif(NODE is None, reason="Node is not installed")
in_browser = pytest.mark.skipif(browser.PROGRAM is None, reason="Chromium is not installed")


@pytest.fixture
def engine():
    """The engine has no say in what a sheet says."""
    return "sqlite"


@pytest.fixture
def printed(office, case, tmp_path):
    """A sheet of a small register: its codes and the pictures of its pages at 150 dpi."""
    office("office", "set", "--name", "Ban Thư ký", "--series", "BC-BTK")
    for number in range(1, 16):
        case("under_study", ref=f"NFAC-20.{number:03}", due="2022-12-31", owner="vufo")
    paper = tmp_path / "sheet.pdf"
    office("paper", "issue", *ASKED, "--output", paper, "--code")
    pictures = []
    with pypdfium2.PdfDocument(paper) as document:
        for number, page in enumerate(document):
            pictures.append(tmp_path / f"{number}.png")
            page.render(scale=150 / 72).to_pil().save(pictures[-1])
    return pictures


def answers(*questions):
    """Return what the page's programs answer."""
    asked = "".join(f"{json.dumps(one)}\n" for one in questions)
    words = [NODE, str(Path(__file__).with_name("reader.cjs")), str(PAGE)]
    done = subprocess.run(words, input=asked, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def raw(path):
    """Return a picture as a canvas has it."""
    from PIL import Image

    with Image.open(path) as image:
        data = path.with_suffix(".raw")
        data.write_bytes(image.convert("RGBA").tobytes())
        return {"path": str(data), "width": image.width, "height": image.height}


@by_node
def test_the_page_reads_from_pictures_what_the_register_signed(office, printed):
    key = office.json("audit", "status")["signing_key"]
    pictures = [raw(path) for path in printed]
    # As a hand holds it: a little turned.
    turned = printed[-1].with_name("turned.png")
    from PIL import Image

    Image.open(printed[-1]).convert("L").rotate(2, 3, True, fillcolor=255).save(turned)
    whole, by_hand = answers(
        {"key": key, "pictures": pictures}, {"key": key, "pictures": [raw(turned)]}
    )

    assert whole["verdict"] == by_hand["verdict"] == "signed"
    assert whole["sheet"] == by_hand["sheet"]
    paper = office.json("paper", "show", "1")
    told = whole["sheet"]
    assert (told["number"], told["day"]) == (paper["full_number"], paper["issued_on"])
    assert (told["size"], told["root"]) == (paper["log_size"], paper["log_root"])
    assert sum("NFAC-20.0" in one for one in told["claims"]) >= 15
    assert told["whole"] is True


KEY = SigningKey("register.example", ED25519, bytes(range(32)))
NAMED = ("05/BC-BTK", sheet.date(2026, 11, 27))
CLAIMS = ["=Quá hạn (1)", ":Mã\tHạn", "|NFAC-22.003\t31/12/2026", ">đủ, ký, nghiên cứu"]


def signed(key=KEY, claims=CLAIMS):
    return sheet.codes_of(key, (687, bytes(32)), NAMED, claims)[0]


def altered(change):
    """Return codes with another text under the signature than the one that was signed."""
    whole = sheet._joined(signed())
    text = change(sheet.zlib.decompress(whole[68:], -15).decode())
    return sheet._parts(whole[:68] + sheet._deflated(text.encode()))


@by_node
def test_the_page_refuses_what_the_program_refuses():
    other = SigningKey(KEY.name, ED25519, bytes(32))
    digest = note.encode(sheet.digest_of(CLAIMS))
    false = [
        altered(lambda text: text.replace("31/12/2026", "31/12/2027")),
        altered(lambda text: text.replace("05/BC-BTK", "06/BC-BTK")),
        altered(lambda text: text.replace("687", "688")),
        altered(lambda text: text.replace(digest, note.encode(bytes(32)))),
        altered(lambda text: text + ">more\n"),
    ]
    long = [sheet.digest_of([str(number)]).hex() for number in range(1_000)]
    key, many = str(KEY.verifier), signed(claims=long)
    told = answers(
        {"key": key, "codes": signed()},
        {"key": key, "codes": [*reversed(many)]},
        {"key": key, "codes": many[1:]},
        {"key": key, "codes": signed(other)},
        {"key": str(other.verifier), "codes": signed()},
        {"key": "", "codes": signed()},
        {"key": key.replace("+0", "+1", 1)[:-1], "codes": signed()},
        {"key": key, "codes": ["x", "CWS1/1/1/00000000/A/"]},
        *({"key": key, "codes": codes} for codes in false),
    )
    right, in_part, missing, *refused = told

    assert right["verdict"] == in_part["verdict"] == "signed"
    assert right["sheet"]["claims"] == CLAIMS
    assert (in_part["sheet"]["whole"], in_part["sheet"]["count"]) == (False, 1_000)
    assert in_part["sheet"]["claims"] == long[: len(in_part["sheet"]["claims"])]
    assert missing == {"added": 11, "missing": [1]}
    verdicts = ["other-key", "other-key", "no-key", "no-key", None, *["false"] * len(false)]
    assert [one.get("verdict") for one in refused] == verdicts
    assert refused[4]["unfit"] == "unreadable"


@in_browser
def test_somebody_with_a_telephone_reads_a_sheet_without_a_network(office, printed, tmp_path):
    page = tmp_path / "reader.html"
    office("paper", "reader", "--to", page)
    told = "document.getElementById('told').className + document.getElementById('told').textContent"
    with browser.browser() as phone:
        phone.open(page)
        assert phone.evaluate("document.getElementById('ask-key').hidden") is True
        assert phone.evaluate("document.documentElement.scrollWidth") == 390
        phone.choose("#pictures", *printed)
        phone.until(f"/Signed by the office/.test({told})")
        text = phone.evaluate("document.getElementById('sheet').innerText")
        for words in ("01/BC-BTK", "NFAC-20.015", "31/12/2022", "0 of "):
            assert words in text
        phone.evaluate("document.querySelector('#sheet .line input').click()")
        assert "1 of " in phone.evaluate("document.querySelector('#sheet .count').textContent")
        phone.evaluate(
            "{const files = new DataTransfer(); files.items.add(new File(['x'], 'x.txt'));"
            "document.body.dispatchEvent(new DragEvent('drop', {dataTransfer: files,"
            " bubbles: true}))}"
        )
        phone.until(f"/x.txt is no picture/.test({told})")
        phone.choose("#pictures", *printed)
        phone.until(f"/Signed by the office/.test({told})")
        phone.evaluate("document.getElementById('lang').click()")
        assert "Cơ quan đã ký" in phone.evaluate(told)
        assert phone.evaluate("document.documentElement.scrollWidth") == 390

        # Another key than the office's: nothing that could be held for proved is shown.
        phone.open(PAGE)
        assert "No key is known" in phone.evaluate("document.body.innerText")
        phone.choose("#pictures", printed[-1])
        phone.until(f"/^badGive the office/.test({told})")
        other = SigningKey("other.example", ED25519, bytes(32)).verifier
        phone.evaluate(
            f"document.getElementById('key').value = '{other}';"
            "document.getElementById('keep').click()"
        )
        phone.choose("#pictures", *printed)
        phone.until(f"/^badREFUSED: signed by a key that is not the office/.test({told})")
        assert phone.evaluate("document.getElementById('sheet').innerText") == ""
        # Files and what the page made itself: nothing is asked of a network.
        assert {one.partition(":")[0] for one in phone.asked} <= {"file", "blob", "about"}


def test_the_page_is_made_of_its_parts_and_of_files_that_nobody_changed(tmp_path):
    words = [sys.executable, str(ROOT / "docs" / "reader" / "build.py"), "--check"]
    assert subprocess.run(words).returncode == 0

    docs = tmp_path / "docs"
    for name in ("reader", "vendor"):
        shutil.copytree(ROOT / "docs" / name, docs / name)
    shutil.copy(PAGE, docs)
    words = [sys.executable, str(docs / "reader" / "build.py"), "--check"]
    assert subprocess.run(words).returncode == 0
    (docs / "reader.html").write_bytes(PAGE.read_bytes().replace(b"REFUSED", b"REFUZED"))
    assert subprocess.run(words).returncode == 1
    library = docs / "vendor" / "nacl-fast.min.js"
    library.write_bytes(library.read_bytes() + b"\n")
    done = subprocess.run(words, capture_output=True, text=True)
    assert "nacl-fast.min.js" in done.stderr


def test_the_page_may_fetch_nothing():
    text = PAGE.read_text("utf-8")
    policy = re.search(r'http-equiv="Content-Security-Policy" content="([^"]*)"', text)[1]
    rules = dict(one.strip().split(" ", 1) for one in policy.split(";"))

    assert rules.pop("default-src") == "'none'"
    assert rules.keys() == {"style-src", "script-src", "img-src", "base-uri", "form-action"}
    assert "unsafe-inline" not in policy
    assert rules["img-src"] == "blob:"


def test_the_page_of_a_register_without_a_key_is_refused(office, tmp_path):
    page = tmp_path / "reader.html"
    office.refused(4, "paper", "reader", "--to", page)
    office("audit", "checkpoint")
    key = office.json("audit", "status")["signing_key"]
    office("paper", "reader", "--to", page)

    assert f'<meta name="casework-key" content="{key}">' in page.read_text("utf-8")
    office.refused(5, "paper", "reader", "--to", page)
    office("paper", "reader", "--to", page, "--force")
    office.refused(8, "paper", "reader", "--to", tmp_path / "none" / "reader.html")
