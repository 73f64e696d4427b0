"""A bundle for each of many cases, and the page that leads to them."""

import re
import tracemalloc
from html.parser import HTMLParser
from itertools import product
from urllib.parse import unquote

import browser
import pytest
from bundles import signed, signing_key, verdict
from hypothesis import given, settings
from hypothesis import strategies as st

from casework.proof import evidence, series
from casework.system.files import new_folder


class Page(HTMLParser):
    """The links of a page, its text, and the names of its elements."""

    def __init__(self, folder):
        super().__init__()
        self.links, self.text, self.tags = [], "", set()
        self.feed((folder / series.PAGE).read_text(encoding="utf-8"))

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        self.links += [value for name, value in attrs if name in {"href", "src"}]

    def handle_data(self, data):
        self.text += data + "\n"


ODD = ["A..B", "đề-nghị", "a" * 60]


def test_each_case_of_a_filter_has_a_bundle_and_a_line(office, case, tmp_path):
    refs = [case(ref=ref, title=f"<b>{ref[:9]}</b> & more") for ref in ODD]
    left_out = case("assigned", owner="vufo")

    done = office("audit", "export", "--state", "proposed", "--to", tmp_path / "all")

    page = Page(tmp_path / "all")
    folders = sorted(path.name for path in (tmp_path / "all").iterdir() if path.is_dir())
    assert f"{len(ODD)} bundles" in done.stdout
    assert sorted({link.partition("/")[0] for link in page.links}) == folders
    assert all(re.fullmatch(r"\d{3,}(-[A-Za-z0-9._-]+)?", name) for name in folders)
    assert all((tmp_path / "all" / unquote(link)).is_file() for link in page.links)
    assert left_out not in page.text
    assert not page.tags & {"b", "script", "img", "link"}
    for ref in refs:
        assert f"\n{ref}\n" in page.text
    assert "<b>A..B</b> & more" in page.text
    key = office("audit", "key").stdout.strip()
    for name in folders:
        words = [tmp_path / "all" / name, "--cases-whole"]
        assert verdict(office, *words, key=Key(key)) == 0


class Key:
    def __init__(self, text):
        self.verifier = text


def test_the_page_is_in_both_languages_and_shows_what_was_written(office, case, tmp_path):
    case("resolved", owner="mofa")
    office("audit", "export", "--owner", "mofa", "--to", tmp_path / "all")
    text = Page(tmp_path / "all").text

    for words in ("Hồ sơ chứng cứ / Evidence bundles", "đã giải quyết / resolved", "31/12/2022"):
        assert words in text
    assert office.head().root in text
    # A telephone shows no headings.
    html = (tmp_path / "all" / series.PAGE).read_text("utf-8")
    assert '<td data-h="sự kiện / events">' in html
    assert f"<code>{series.COMMAND}</code>" in html


def test_texts_of_a_secret_case_are_withheld_from_the_page_and_its_bundle(office, case, tmp_path):
    case(title="open to all")
    words = ["--proposer", "hcmc-pc", "--conference", "NFAC-20", "--secrecy", "secret"]
    office("propose", "--ref", "S.1", "--title", "nobody reads this", *words)

    office("audit", "export", "--conference", "NFAC-20", "--to", tmp_path / "all")

    page = Page(tmp_path / "all")
    written = [path.read_text("utf-8") for path in (tmp_path / "all").rglob("*") if path.is_file()]
    assert "open to all" in page.text
    assert "\nS.1\n" in page.text
    assert not any("nobody reads this" in text for text in written)


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["--owner", "vufo", "--resolved"], 3),
        (["--owner", "nobody"], 3),
        (["--where", "owner:"], 2),
        (["{ref}", "--owner", "mofa"], 2),
    ],
)
def test_what_cannot_be_found_is_refused_and_leaves_nothing(office, case, tmp_path, words, code):
    ref = case()
    size = office.head().size
    words = [word.format(ref=ref) for word in words]
    office.refused(code, "audit", "export", *words, "--to", tmp_path / "out")

    assert not (tmp_path / "out").exists()
    assert office.head().size == size


@pytest.mark.parametrize("engine", ["sqlite"])
def test_a_log_that_is_not_what_was_signed_leaves_no_bundle_at_all(office, case, tmp_path):
    refs = [case() for _ in range(3)]
    text = signed(office)
    office.sql(f"UPDATE event SET body = CAST('{{}}' AS BLOB) WHERE key = '{refs[-1]}'")
    (tmp_path / "c.txt").write_text(text, encoding="utf-8")
    office.refused(
        7,
        "audit",
        "export",
        "--state",
        "proposed",
        "--to",
        tmp_path / "out",
        "--checkpoint",
        tmp_path / "c.txt",
    )

    assert not [path for path in tmp_path.iterdir() if "out" in path.name]


@settings(max_examples=60)
@given(st.text(max_size=80), st.integers(1, 5000))
def test_no_reference_makes_a_name_that_is_unsafe(ref, number):
    name = series.folder_name(number, 5000, ref)

    assert re.fullmatch(r"\d{4}(-[A-Za-z0-9._-]*[A-Za-z0-9_])?", name)
    assert len(name) < 60


@pytest.mark.parametrize("engine", ["sqlite"])
def test_memory_does_not_grow_with_the_cases(office, case, tmp_path):
    refs = [case() for _ in range(8)]
    most = []
    for count in (2, 8):
        with new_folder(tmp_path / str(count)) as inside, office.store().reading() as connection:
            tracemalloc.start()
            series.export_each(
                connection, refs[:count], inside, checkpoint=signed(office), key=signing_key(office)
            )
            most.append(tracemalloc.get_traced_memory()[1])
            tracemalloc.stop()

    assert most[1] < most[0] * 2


def test_a_long_stretch_is_hashed_as_the_tree_has_it(monkeypatch):
    from casework.log import tree

    monkeypatch.setattr(tree, "PAGE", 4)
    leaves = [bytes([n]) * 32 for n in range(45)]
    stretches = evidence.Stretches(leaves)
    for lo, hi in [(0, 32), (32, 45), (0, 45), (32, 40), (40, 44), (44, 45), (0, 32)]:
        assert stretches.hash_of(lo, hi) == tree.subtree_hash(leaves[lo:hi])


@pytest.mark.skipif(browser.PROGRAM is None, reason="there is no browser")
@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_no_page_of_evidence_is_wider_than_the_screen_it_is_read_on(office, case, tmp_path):
    long = "Guidance on sending delegations of local leaders abroad and how to ask for it"
    for number in range(2):
        case("resolved", ref=f"NFAC-22.{number:03}", title=long)
    office("audit", "export", "--resolved", "--to", tmp_path / "all")

    pages = [tmp_path / "all" / series.PAGE, *(tmp_path / "all").glob("*/history.html")]
    assert len(pages) == 3
    with browser.browser() as screen:
        for page, wide in product(pages, (390, 1280)):
            screen.open(page, wide=wide)
            assert screen.evaluate("document.documentElement.scrollWidth") == wide, page.name
