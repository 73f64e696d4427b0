"""Words of a command that nobody means: refused with what is wrong with them."""

import pytest


@pytest.mark.parametrize(
    "words",
    [
        ("audit", "log", "--act", "\udcff"),
        ("audit", "log", "--key", "\udcff"),
        ("audit", "log", "--actor", "\udcff"),
        ("list", "--owner", "\udcff"),
        ("search", "\udcff"),
        ("show", "\udcff"),
        ("org", "show", "\udcff"),
        ("note", "A.1", "\udcff"),
        ("report", "overdue", "--before", "\udcff"),
    ],
    ids=" ".join,
)
def test_bytes_that_are_no_text_are_refused(office, case, words):
    case(ref="A.1")
    done = office.run(*words)

    assert done.exit_code in {2, 3}, done.stderr
    assert "defect" not in done.stderr


def test_an_empty_reference_is_no_case(office, case):
    case(ref="A.1")
    for option in ("--repeats", "--relates-to"):
        assert "empty" in office.refused(2, "link", "A.1", option, "")["message"]
