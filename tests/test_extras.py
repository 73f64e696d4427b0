"""What is missing is named as a package index has it."""

from importlib.metadata import PackageNotFoundError

import pytest

from casework.errors import UnavailableError
from casework.system.extras import how_to_install


@pytest.mark.parametrize(("extra", "package"), [("pdf", "typst"), ("postgres", "psycopg[binary]")])
def test_an_extra_is_told_by_the_packages_it_holds(extra, package, monkeypatch):
    told = str(how_to_install(extra, package))

    assert told.startswith(f'pip install "{package}')
    assert any(mark in told for mark in "<>")
    assert "casework" not in told

    def unknown(_):
        raise PackageNotFoundError

    monkeypatch.setattr("importlib.metadata.requires", unknown)
    assert str(how_to_install(extra, package)) == f'pip install "{package}"'


def test_a_paper_that_cannot_be_set_says_what_to_install(monkeypatch):
    import io
    import sys
    from datetime import UTC, datetime

    from casework.papers import pdf
    from casework.papers.model import Paper

    monkeypatch.setitem(sys.modules, "typst", None)
    day = datetime(2026, 1, 1, tzinfo=UTC)
    paper = Paper("en", "t", "s", (), "", (), (), (), 1, "00", "o", day)
    with pytest.raises(UnavailableError) as refused:
        pdf.write(paper, io.BytesIO())

    assert refused.value.hint == str(how_to_install("pdf", "typst"))
