"""Every row x every derivation: what a row says of its field stands wherever it must.

Each of these asks the place that uses a row, not the table: a list that someone writes by hand
again, or a row that is left out of one, is found here.
"""

import pytest

from casework.acts import corrections
from casework.exchange.columns import BY_NAME
from casework.kinds import field_names
from casework.kinds.records import KINDS, Case
from casework.reports.cards import MEMBERS, SHOWN
from casework.store import filters, rows

FIELDS = [pytest.param(field, id=field.name) for field in Case.fields]


@pytest.mark.parametrize("field", FIELDS)
def test_files_have_a_column_for_each_field_that_says_what_it_means(field):
    column = BY_NAME.get(field.short)

    assert (column is None) == (field.file is None)
    if column is not None:
        assert column[1:] == (field.name, field.holds, field.file, field.refers, field.told)


@pytest.mark.parametrize("field", FIELDS)
def test_a_field_is_shown_ordered_counted_and_corrected_as_its_row_says(field):
    correctable = corrections.CORRECTABLE.keys() | corrections.DATES.keys()

    assert (field.name in SHOWN) == (field.shown is not None)
    assert (field.name in filters.SORTS) == field.sort
    assert (field.name in filters.COUNTED) == field.counted
    assert (field.name in correctable) == field.correct
    assert (field.name in rows.SEARCHED) == (field.search is not None)


@pytest.mark.parametrize("kind", KINDS)
def test_a_field_is_found_by_each_name_it_has(kind):
    for field in KINDS[kind].fields:
        assert field_names.field_of(field.name) == field.name
        assert field_names.field_of(field.short) == field.name
        assert (field.name in rows.NAMED.get(kind, ())) == field.naming


def test_what_is_written_and_shown_keeps_its_order():
    # A program reads these by place, and the search text of every case is made in its order.
    assert list(BY_NAME)[:13] == [
        *("ref", "title", "title_vi", "summary", "conference", "proposer", "speaker"),
        *("addressee", "owner", "officer", "with", "due", "original_due"),
    ]
    assert list(BY_NAME)[-4:] == ["state_since", "extensions", "answered_on", "doubted"]
    assert MEMBERS[:6] == ("ref", "title", "title_vi", "summary", "state", "conference")
    assert MEMBERS[-4:] == ("reported", "first_resolution", "links", "waiting")
    assert rows.SEARCHED[: rows.TITLES] == ("title", "title_vi")
