"""Build the documentation site, in both languages, with pictures of sample papers.

``python docs/site.py FOLDER`` needs the extra ``docs`` and no network. A link that leads nowhere, a
page that is in no menu, or a command that fails ends it with an error.
"""

from __future__ import annotations

import os
import re
import shutil
import sys
import tempfile
from pathlib import Path

import pypdfium2
from click.testing import CliRunner
from markdown.extensions.toc import slugify
from mkdocs.commands import build
from mkdocs.config import load_config

from casework.cli import casework

DOCS = Path(__file__).parent
OURS = {"style.md", "terms.md", "releasing.md"}
"""What is written for those who change the program."""

DIAGRAM = re.compile(r"```mermaid\n.*?\n```\n", re.DOTALL)
"""A diagram, which only a script from elsewhere could draw; a table says the same."""

AS_OF = ("--as-of", "2023-12-08")
SAMPLES = {
    "overdue": ("overdue", "--before", "NFAC-21", *AS_OF),
    "progress": ("progress", *AS_OF),
    "review": ("review", "--of", "NFAC-20", "--for", "NFAC-21", *AS_OF),
}
"""The reports that are shown, as pictures of their first two pages."""

OFFICE = (
    *("--name", "Ban Thư ký Hội nghị Ngoại vụ", "--superior", "Bộ Ngoại giao", "--place", "Hà Nội"),
    *("--series", "BC-BTK", "--signs-for", "TL. BỘ TRƯỞNG", "--signatory-office", "Trưởng ban"),
    *("--recipient", "Như trên", "--filed", "VT"),
)
"""The office in whose name they are shown."""

WIDE = 1.6
"""Pixels for each point of a page."""


def pictures(folder: Path) -> None:
    """Make the sample papers, and pictures of the first two pages of each."""
    folder.mkdir()
    with tempfile.TemporaryDirectory() as place:
        run = CliRunner(env={"HOME": place, "XDG_DATA_HOME": place, "CASEWORK_DB": None})
        _done(run, "demo", f"{place}/demo")
        register = ("--db", f"{place}/demo/register.db")
        _done(run, *register, "office", "set", *OFFICE)
        for lang in ("en", "vi"):
            for name, words in SAMPLES.items():
                paper = Path(place, f"{name}-{lang}.pdf")
                written = ("--lang", lang, "--output", str(paper))
                _done(run, *register, "report", *words, *written)
                _drawn(paper, folder)


def _done(run: CliRunner, *words: str) -> None:
    ran = run.invoke(casework, words, prog_name="casework")
    if ran.exit_code:
        raise ChildProcessError(ran.output)


def _drawn(paper: Path, folder: Path) -> None:
    with pypdfium2.PdfDocument(paper) as document:
        for number in range(2):
            drawn = document[number].render(scale=WIDE).to_pil()
            drawn.save(folder / f"{paper.stem}-{number + 1}.png")


def anchor(heading: str, between: str) -> str:
    """Return the anchor of a heading; đ is a letter without a mark, and the library drops it."""
    return slugify(heading.replace("đ", "d").replace("Đ", "D"), between)


def site(folder: Path) -> None:
    """Build the site into a folder."""
    with tempfile.TemporaryDirectory() as place:
        pages = Path(place, "docs")
        pages.mkdir()
        for page in DOCS.glob("*.md"):
            if page.name not in OURS:
                text = page.read_text("utf-8")
                (pages / page.name).write_text(DIAGRAM.sub("", text), "utf-8")
        for name in ("site.css", "reader.html", "office.txt"):
            shutil.copy(DOCS / name, pages)
        pictures(pages / "pictures")
        config = load_config(
            str(DOCS / "mkdocs.yml"),
            docs_dir=str(pages),
            site_dir=str(folder.absolute()),
            strict=True,
        )
        config["mdx_configs"]["toc"]["slugify"] = anchor
        config.plugins.run_event("startup", command="build", dirty=False)
        try:
            build.build(config)
        finally:
            config.plugins.run_event("shutdown")
    _alone(folder)


SHIM = "https://unpkg.com/iframe-worker/shim"
"""What the theme loads from elsewhere so that pages that are opened as files can be searched."""


IN_VIETNAMESE = {
    "Initializing search": "Đang mở tìm kiếm",
    'title="Permanent link"': 'title="Đường dẫn đến mục này"',
}
"""What the theme says in English on Vietnamese pages too."""


def _alone(folder: Path) -> None:
    """Let every page load nothing from elsewhere; ValueError for one that would."""
    shutil.copy(DOCS / "offline.js", folder / "assets")
    (worker,) = (folder / "assets" / "javascripts" / "workers").glob("search.*.min.js")
    plain = (DOCS / "plain.js").read_text("utf-8")
    worker.write_text(plain + worker.read_text("utf-8"), "utf-8")
    index = (folder / "search" / "search_index.json").read_text("utf-8")
    # The theme writes it for one language only.
    (folder / "search" / "search_index.js").write_text(f"var __index = {index}", "utf-8")
    for page in folder.rglob("*.html"):
        up = "../" * (len(page.relative_to(folder).parts) - 1)
        text = page.read_text("utf-8").replace(SHIM, f"{up}assets/offline.js")
        if re.search(r"""(?:src|<link[^>]+href)=["']?(?:https?:)?//""", text):
            raise ValueError(page)
        if folder / "vi" in page.parents:
            for english, vietnamese in IN_VIETNAMESE.items():
                text = text.replace(english, vietnamese)
        page.write_text(text, "utf-8")


if __name__ == "__main__":
    os.environ["NO_MKDOCS_2_WARNING"] = "1"
    site(Path(sys.argv[1]))
