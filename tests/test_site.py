"""The documentation site is searched in both languages and loads nothing from elsewhere."""

import importlib.util
import json
import re
import shutil
import subprocess
from pathlib import Path

import browser
import pytest

pytest.importorskip("mkdocs")
pytest.importorskip("pypdfium2")

ROOT = Path(__file__).parents[1]
ELSEWHERE = re.compile(
    r"""(?:\bsrc=["']?|<link\b[^>]*\bhref=["']?|@import\s+["']?|url\(["']?)(?:https?:)?//[^\s"')>]+"""
)
"""What a page or a sheet of styles would load; a link that somebody follows is none."""

node = shutil.which("node")


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """Build the site without the pictures of papers, which take typst and most of the time."""
    spec = importlib.util.spec_from_file_location("site_of_documents", ROOT / "docs" / "site.py")
    made = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(made)
    folder = tmp_path_factory.mktemp("site")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(made, "pictures", blank)
        patch.setenv("NO_MKDOCS_2_WARNING", "1")
        made.site(folder)
    return folder


def blank(folder):
    """Put an empty picture where each of the samples would be."""
    folder.mkdir()
    for page in ROOT.glob("docs/samples*.md"):
        for name in re.findall(r"pictures/([\w-]+\.png)", page.read_text("utf-8")):
            (folder / name).write_bytes(b"")


def found(site, *words):
    """Return for each of some words the pages that the site's search finds, the best first."""
    asked = [node, str(ROOT / "tests" / "support" / "search.js"), str(site), *words]
    told = subprocess.run(asked, capture_output=True, text=True, timeout=120, check=True)
    lines = [line for line in told.stdout.splitlines() if line.startswith("[")]
    return dict(zip(words, map(json.loads, lines), strict=True))


@pytest.mark.skipif(node is None, reason="the search of the pages is JavaScript")
def test_a_word_is_found_in_either_language_with_and_without_diacritics(site):
    pages = found(site, "deadline", "thời hạn", "thoi han", "THỜI HẠN", "xyzzyx")

    assert "deadlines.html" in pages["deadline"]
    assert pages["thời hạn"][0].startswith("vi/")
    assert "vi/deadlines.html" in pages["thời hạn"]
    assert pages["thoi han"] == pages["thời hạn"] == pages["THỜI HẠN"]
    assert pages["xyzzyx"] == []


def test_no_page_loads_anything_from_elsewhere(site):
    pages = [*site.rglob("*.html"), *site.rglob("*.css")]

    assert len(pages) > 40
    assert {page.name: ELSEWHERE.findall(page.read_text("utf-8")) for page in pages} == {
        page.name: [] for page in pages
    }


def test_no_page_shows_the_source_of_a_diagram(site):
    pages = {page: page.read_text("utf-8") for page in site.rglob("workflow.html")}

    assert len(pages) == 2
    assert "```mermaid" in (ROOT / "docs" / "workflow.md").read_text("utf-8")
    assert [page for page, text in pages.items() if "stateDiagram" in text] == []


def test_the_theme_speaks_vietnamese_on_vietnamese_pages(site):
    pages = [page.read_text("utf-8") for page in (site / "vi").rglob("*.html")]
    said = {one for text in pages for one in re.findall(r'(?:title|aria-label)="([^"]+)"', text)}

    assert len(pages) > 20
    assert {one for one in said if one.isascii()} == {"casework"}
    assert [text for text in pages if "Initializing" in text] == []


def test_the_anchor_of_a_heading_keeps_its_d(site):
    pages = [page.read_text("utf-8") for page in (site / "vi").rglob("*.html")]
    headings = [one for page in pages for one in re.findall(r'<h[23] id="([\w-]+)">(.+?)<', page)]
    with_d = [(one, said) for one, said in headings if "đ" in said.casefold()]

    assert with_d
    for one, said in with_d:
        assert one.count("d") == said.casefold().count("d") + said.casefold().count("đ"), said


@pytest.mark.skipif(browser.PROGRAM is None, reason="no browser")
def test_what_has_the_keyboard_is_seen(site):
    seen = "getComputedStyle(document.activeElement).outlineStyle"
    with browser.browser() as page:
        page.open(site / "deadlines.html", 1200, 900)
        for one in (".md-search__input", ".md-select__link", ".md-header__button", ".md-nav__link"):
            page.evaluate(f"document.querySelector('{one}[href], input{one}').focus()")
            assert page.evaluate(seen) != "none", one


def test_what_a_page_would_load_is_seen():
    for text in (
        '<script src="https://unpkg.com/x"></script>',
        "<link rel=stylesheet href=//fonts.example/a.css>",
        "a {background: url(https://example/x.png)}",
    ):
        assert ELSEWHERE.search(text), text
    assert ELSEWHERE.search('<a href="https://patroni.readthedocs.io">Patroni</a>') is None
