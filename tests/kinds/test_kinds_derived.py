"""Every row x every derivation: what a row says of its field stands wherever it must.

Each of these asks the place that uses a row, not the table: a list that someone writes by hand
again, or a row that is left out of one, is found here.
"""

from datetime import date
from functools import cache
from types import SimpleNamespace

import click
import pytest
from sqlalchemy import JSON, Date, Integer, String
from sqlalchemy.dialects import sqlite

from casework.acts import by_name, corrections, describing
from casework.cli import cases, cause, conference, directory, lists
from casework.cli import office as office_commands
from casework.errors import UsageError
from casework.exchange import entering, updating
from casework.exchange.columns import BY_NAME, columns_of
from casework.exchange.tables import heading as folded
from casework.kinds import field_names
from casework.kinds.case import FILTERED
from casework.kinds.forms import form_of
from casework.kinds.listed import Followed, Listed
from casework.kinds.records import (
    KINDS,
    NEEDED,
    REDACTED,
    Case,
    Cause,
    Organisation,
    blank,
    names_of,
    shape,
)
from casework.log import verify_lines
from casework.proof import naming
from casework.questions import lookup, wanted
from casework.reports.cards import BESIDE, MEMBERS, SHOWN
from casework.reports.columns import LACKING, of_fields
from casework.rules import changes, implied, query_names, workflow
from casework.store import compiled, filters, record_rows, schema
from casework.store.door import edition, rules
from casework.store.statements import cases as statements
from casework.store.statements import narrowed
from casework.system.text import fold, spelt

COMPUTED = {name for names in BESIDE.values() for name in names}
EVERY = [
    pytest.param(kind, field, id=f"{kind}-{field.name}")
    for kind, record in KINDS.items()
    for field in record.fields
]
FIELDS = [pytest.param(field, id=field.name) for field in Case.fields]


@cache
def server():
    return rules.table()


@pytest.mark.parametrize("field", FIELDS)
def test_files_have_a_column_for_each_field_that_says_what_it_means(field):
    column = BY_NAME.get(field.short)

    assert (column is None) == (field.file is None)
    if column is not None:
        assert column[1:6] == (field.name, field.holds, field.file, field.refers, field.told)
        assert column.headings == (*field.headings, *field.label)


@pytest.mark.parametrize("kind", ["case", "organisation", "person", "conference"])
def test_a_list_is_taken_from_files_by_columns_with_headings_of_their_own(kind):
    described = {one.name: one for one in KINDS[kind].fields}
    columns = {one.field: one for one in columns_of(KINDS[kind])}

    assert columns.keys() >= {name for name, one in described.items() if one.file is not None}
    assert columns.keys() >= {name for name, one in described.items() if one.option is not None}
    for name, column in columns.items():
        row = described[name]
        assert column.headings == (*row.headings, *row.label)
        assert (column.name, column.meaning) == (row.called or name, row.file)
        assert (column.names, column.told) == (row.refers, row.told)
    # None of them could be that of another column.
    named = [{folded(words) for words in (one.name, *one.headings)} for one in columns.values()]
    assert sum(map(len, named)) == len(set().union(*named))


@pytest.mark.parametrize("field", Organisation.fields, ids=lambda one: one.name)
def test_a_file_edits_what_its_row_says_can_be_edited(field):
    edited = field.option is not None and not field.once

    assert ((field.called or field.name) in entering._EDITED) == edited


@pytest.mark.parametrize("field", FIELDS)
def test_a_query_asks_for_a_field_as_its_row_says(field):
    measured = field.sort and form_of(field.type)["is"] in {"date", "integer"}
    asked = field.filter is not None or measured or field.name == Case.key_field

    assert (field in query_names.FIELDS) == asked
    # Of what is only searched it can be asked whether it has words.
    searched = field.search is not None and not asked
    assert (field in query_names.TEXTS) == searched
    if asked or searched:
        for called in (field.called or field.name, *field.label):
            assert query_names.names()[spelt(fold(called))] is field


@pytest.mark.parametrize("field", FIELDS)
def test_a_field_is_shown_ordered_counted_and_corrected_as_its_row_says(field):
    correctable = corrections.CORRECTABLE.keys() | corrections.DATES.keys()

    assert (field.name in SHOWN) == (field.shown is not None or field.name in COMPUTED)
    assert (field.name in filters.SORTS) == field.sort
    assert (field.name in filters.COUNTED) == field.counted
    assert (field.name in correctable) == field.correct
    assert (field.name in record_rows.SEARCHED) == (field.search is not None)


@pytest.mark.parametrize("field", FIELDS)
def test_whom_a_bundle_names_is_known_by_the_fields_that_refer_to_others(field):
    assert naming.REFERRING.get(field.name) == field.refers


@pytest.mark.parametrize("kind", KINDS)
def test_a_field_is_found_by_each_name_it_has(kind):
    for field in KINDS[kind].fields:
        assert field_names.field_of(field.name) == field.name
        assert field_names.field_of(field.short) == field.name
        assert (field.name in record_rows.NAMED.get(kind, ())) == field.naming


def test_what_is_written_and_shown_keeps_its_order():
    # A program reads these by place, and the search text of every case is made in its order.
    assert list(BY_NAME)[:13] == [
        *("ref", "title", "title_vi", "summary", "conference", "proposer", "speaker"),
        *("addressee", "owner", "officer", "with", "due", "original_due"),
    ]
    assert list(BY_NAME)[-4:] == ["state_since", "extensions", "answered_on", "doubted"]
    assert MEMBERS[:6] == ("ref", "title", "title_vi", "summary", "state", "conference")
    assert MEMBERS[-4:] == ("reported", "first_resolution", "links", "waiting")
    assert record_rows.SEARCHED[: record_rows.TITLES] == ("title", "title_vi")


@pytest.mark.parametrize(("kind", "field"), EVERY)
def test_a_table_has_a_column_for_each_field_that_holds_what_it_holds(kind, field):
    column = schema.TABLES[kind].c[field.name]
    form = form_of(field.type)
    lists = {"list": JSON, "integer": Integer, "date": Date}
    names = {key.target_fullname for key in column.foreign_keys}

    assert column.primary_key == (field.name == KINDS[kind].key_field)
    assert column.nullable == ("null" in form)
    assert bool(column.unique) == field.unique
    assert column.primary_key or isinstance(column.type, lists.get(form["is"], String))
    if field.refers is not None and not field.many:
        assert names == {f"{field.refers}.{KINDS[field.refers].key_field}"}
    else:
        assert names == set()


@pytest.mark.parametrize("kind", KINDS)
def test_a_table_has_no_other_columns_but_those_that_are_computed(kind):
    columns = schema.TABLES[kind].c
    named = {column.name for column in columns if "derived" not in column.info}

    assert named == {field.name for field in KINDS[kind].fields}


@pytest.mark.parametrize(("kind", "field"), EVERY)
def test_a_server_knows_each_field_as_its_row_has_it(kind, field):
    told = server()["kinds"][kind]

    if field.name == "version":
        assert field.name not in told["forms"]
        return
    assert told["forms"][field.name] == form_of(field.type)
    assert (field.name in told["withheld"]) == field.private
    assert (field.name in told["named"]) == field.naming
    if field.name != told["key"]:
        assert (field.name in told["needs"]) == (field.default is NEEDED)


OF_ACTS = {"ref", "coordinating", "document"}
"""What an act is given of its own: which case, who else, by which paper."""


def text_of(option):
    """Return the id of an option's help, which stays when help has been worded."""
    return vars(option).get("text_id", option.help)


def among(field):
    """Tell whether a value is chosen among some."""
    return "among" in form_of(field.type)


def options(command):
    return {one.name: one for one in command.params}


@pytest.mark.parametrize("field", FIELDS)
def test_a_field_that_describes_a_case_is_taken_wherever_one_is_described(field):
    describes = field.option is not None
    given = {one.name for one in by_name.ACTS["edit"].fields}

    for command, new in ((cases.propose_, True), (cases.edit_, False)):
        option = options(command).get(field.short)
        if field.name not in OF_ACTS:
            assert (option is not None) == describes
        if describes:
            name = (field.each or field.short).replace("_", "-")
            assert option.opts[0] == f"--{name}"
            assert text_of(option) == f"option.case.{field.name}"
            assert (option.required, option.multiple) == (new and field.wanted, field.many)
    assert (field.short in given - OF_ACTS) == describes
    assert (field.name in changes.CHANGES["edit"]) == describes
    assert (field.short in updating.EDITED) == describes
    assert (field.name in changes.CHANGES["redact"]) == field.private
    if describes:
        assert field.name in changes.CHANGES["propose"]
        assert field.name in implied._PROPOSAL
    assert implied._SHORT[field.name] == field.short


CODES = {"cause": "CODE", "conference": "C", "organisation": "ORG", "person": "PERSON"}
"""What stands for a record that an option of a case names, by its kind."""


@pytest.mark.parametrize("field", FIELDS)
def test_cases_are_asked_for_by_a_field_as_its_row_says(field):
    option = options(lists.list_).get(field.short)

    assert (option is not None) == (field.filter is not None)
    # What a case may be without can be asked for by its lack.
    lack = f"no_{field.short}"
    lacking = field.default in (None, ()) and (field.filter is not None or field.name == "due")
    assert (lack in options(lists.list_), lack in wanted.STANDING) == (lacking, lacking)
    if option is not None:
        assert text_of(option) == f"filter.case.{field.name}"
        words = "TEXT" if field.holds == "str" else "T"
        among_words = "WORD" if vars(option).get("is_long") else None
        assert option.metavar == CODES.get(field.refers, among_words if among(field) else words)


@pytest.fixture
def asked_for(monkeypatch):
    """Return what is looked up by a name: the kinds of record, in the order they are asked for."""
    kinds = []

    def find(_, kind, words, *__):
        kinds.append(kind.kind)
        return kind.stored({kind.key_field: words}, 1)

    monkeypatch.setattr(lookup, "find", find)
    return kinds


DAY = date(2026, 11, 27)


DESCRIBED = [
    pytest.param(record, field, id=f"{record.kind}-{field.name}")
    for record in (Case, Cause)
    for field in record.describing
]


@pytest.mark.parametrize(("record", "field"), DESCRIBED)
def test_what_is_said_of_a_record_is_read_as_its_row_has_it(record, field, asked_for):
    said = next(iter(form_of(field.type).get("among", ["words"])))
    given = {field.short: (said,) if field.many else said}
    known = describing.described(SimpleNamespace(connection=None), record, given, DAY)

    assert known == {field.name: (said,) if field.many else said}
    assert asked_for == ([field.refers] if field.refers and not field.many else [])
    others = {one.name: "x" for one in record.describing if one.short != field.short}
    if field.wanted:
        with pytest.raises(UsageError) as error:
            describing.refuse_lacking(record, "propose", others)
        assert error.value.what.values["field"] == [field.short]
    else:
        describing.refuse_lacking(record, "propose", others)


@pytest.mark.parametrize("field", FIELDS)
def test_an_act_takes_a_field_as_its_row_has_it(field):
    taken = {one.name: one for one in by_name.ACTS["propose"].fields}.get(field.short)
    assert (taken is None) == (field.option is None) or field.name in OF_ACTS
    if field.option is None:
        return
    code = by_name.Form.CODE if field.refers else by_name.Form.TEXT
    assert taken.form is (by_name.Form.CODES if field.many else code)
    assert taken.must == field.wanted


@pytest.mark.parametrize("field", FIELDS)
def test_a_corrected_value_is_read_as_its_row_has_it(field, asked_for):
    read = corrections.CORRECTABLE.get(field.name)
    if read is not None and "among" not in form_of(field.type):
        assert read(SimpleNamespace(connection=None), "words", DAY) == "words"
        assert asked_for == ([field.refers] if field.refers else [])


@pytest.mark.parametrize("field", FILTERED, ids=lambda one: one.name)
def test_a_filter_is_read_and_stated_as_its_row_has_it(field, asked_for):
    said = next(iter(form_of(field.type).get("among", ["words"])))
    found = wanted.filter_of(None, None, {field.short: said}, DAY)

    assert found.among == {field.name: (said,)}
    assert asked_for == ([field.refers] if field.refers else [])
    assert field.name in narrowed.CONDITIONS
    # A list has a value if one of its elements is the value.
    condition = narrowed.condition(field.name, said).compile(dialect=sqlite.dialect())
    assert str(condition).startswith(f'"case".{field.name} =') is not field.many


@pytest.mark.parametrize("field", FILTERED, ids=lambda one: one.name)
def test_a_filter_leaves_cases_out(field, office):
    # Of a filter that is forgotten on the way, every case would be the answer.
    office("propose", "--title", "Rules", "--proposer", "hcmc-pc", "--ref", "A.1")
    office("cause", "add", "storm", "--name", "Storm", "--objective", "yes")
    other = {
        "conference": "nfac-21",
        "organisation": "vufo",
        "cause": "storm",
        "person": "lan",
    }.get(field.refers)
    value = other or next(iter(form_of(field.type).get("among", ["none"])[1:]), "none")

    assert [one["ref"] for one in office.json("list")] == ["A.1"]
    assert office.json("list", f"--{field.short.replace('_', '-')}", value) == []


@pytest.mark.parametrize("field", FIELDS)
def test_a_correction_may_change_what_its_row_says_is_correctable(field):
    if field.correct:
        assert field.name in changes.CHANGES["correct"]


@pytest.mark.parametrize(("kind", "field"), EVERY)
def test_the_log_holds_a_field_as_its_row_has_it(kind, field):
    held, form = shape(kind), form_of(field.type)
    own = field.name not in {"version", KINDS[kind].key_field}

    assert (field.name in held.start) == own
    # Only these go without saying when a record is made; any other value is a change from nothing.
    nothing = field.default if field.default in {(), 0} else None
    assert held.start.get(field.name) == (nothing if own else None)
    assert (field.name in held.private) == (own and field.private)
    assert (field.name in held.withheld) == (own and field.private)
    if field.name in held.withheld:
        stands = {"": REDACTED, (): []}.get(field.default)
        assert held.withheld[field.name] == stands
    assert (field.name in held.lists) == (own and form["is"] == "list")
    assert (field.name in held.dates) == (own and form["is"] == "date")
    assert (field.name in held.enums) == (field.holds in {"State", "Role"})
    assert {field.name} <= {*names_of(kind)} & blank(kind).keys()
    assert KINDS[kind].blank[field.name] is field.default
    assert (field.name in KINDS[kind].needed) == (field.default is NEEDED)


@pytest.mark.parametrize("kind", KINDS)
def test_a_kind_is_kept_read_and_told_of_as_its_declaration_has_it(kind):
    record, table = KINDS[kind], schema.TABLES[kind]
    named = any(field.naming for field in record.fields)

    assert table.comment == record.about
    assert f"{kind}_no_delete" in schema.TRIGGERS
    assert (kind in compiled.EVERY) == record.common
    assert ("name_key" in record_rows.derived_tables(kind)) == named
    assert (record.several is not None) == named
    assert all(kind in held for held in LISTS)
    assert kind in workflow.REGISTERING
    assert workflow.acts_on(kind) <= workflow.ACTS


LISTS = (compiled.LOAD, compiled.COUNT, compiled.ROWS, compiled.WHOLE)


def test_what_stands_alone_knows_every_kind_and_act():
    # The verifier of bundles imports nothing, and so must say them itself.
    assert KINDS.keys() == verify_lines.KINDS
    assert verify_lines.ACTS == workflow.ACTS


def test_a_server_lets_every_login_read_what_is_common():
    common = ", ".join(f"'{kind}'" for kind, record in KINDS.items() if record.common)
    told = "".join(edition.texts())

    assert "@common@" not in told
    assert told.count(common) == 3


@pytest.mark.parametrize("told", [Listed, Followed])
def test_what_reports_are_told_of_a_case_has_the_types_of_its_fields(told):
    types = {field.name: field.type for field in Case.fields}
    held = {
        name: getattr(one, "__forward_arg__", one) for name, one in told.__annotations__.items()
    }

    # No statement makes a state or an outcome of a word.
    assert held == {
        name: types[name].replace("State", "str").replace("Ending", "str") for name in told._fields
    }
    assert [one.name for one in statements.LISTED] == list(Listed._fields)
    assert [one.selected_columns.keys() for one in statements.FOLLOWED.values()] == [
        list(Followed._fields)
    ] * len(statements.FOLLOWED)


HOLDS = {"date": "date", "Due": "date", "int": "count", "NewKey": "code"}


@pytest.mark.parametrize("field", FIELDS)
def test_a_report_shows_a_field_as_its_row_has_it(field):
    named = "org" if field.refers == "organisation" else field.refers
    kind = HOLDS.get(field.holds) or named or ("word" if among(field) else "text")
    for lang, heading in zip(("en", "vi"), field.label, strict=True):
        (column,) = of_fields(lang, [field.name])
        assert (column.key, column.heading, column.kind) == (field.name, heading, kind)
        filled = field.default is None and kind != "org"
        assert column.shown == ("filled" if filled else "always")
        assert column.lacking == (LACKING if kind == "org" and field.default is None else "")
    (column,) = of_fields("en", [field.name], data=[field.name])
    assert column.shown == "data"


MADE_BY = {
    # which commands make a record of a kind, and edit one
    "case": (cases.propose_, cases.edit_),
    "organisation": (directory.add_org, directory.edit_org),
    "person": (directory.add_person_, directory.edit_person_),
    "conference": (conference.add, None),
    "cause": (cause.add_cause_, cause.edit_cause_),
    "office": (None, office_commands.set_office_),
}


@pytest.mark.parametrize(("kind", "field"), EVERY)
def test_a_record_is_made_and_edited_by_the_options_of_its_rows(kind, field):
    assert kind in MADE_BY or field.option is None
    for command, new in zip(MADE_BY.get(kind, ()), (True, False), strict=False):
        params = [] if command is None else command.params
        taken = {one.name: one for one in params if one.param_type_name == "option"}
        option = taken.get(field.short)
        names = kind != "case" and field.naming and field.many and not new
        wanted = field.option is not None and (new or not field.once) and not names
        if kind != "case" or field.name not in OF_ACTS:
            assert (option is not None) == (wanted and command is not None)
        if option is not None and wanted:
            assert text_of(option) == f"option.{kind}.{field.name}"
            assert option.required == (new and field.wanted)
            if field.refers:
                named = CODES[field.refers] if kind == "case" else "CODE"
                assert (option.type, option.metavar) == (click.STRING, named)
            assert option.opts[0] == f"--{(field.each or field.short).replace('_', '-')}"
            if field.many and not field.refers:
                assert option.metavar == ("A" if field.naming else "T")
        if names and command is not None:
            assert {f"add_{field.short}", f"drop_{field.short}"} <= taken.keys()


@pytest.mark.parametrize(("kind", "field"), EVERY)
def test_the_log_is_asked_for_the_acts_that_change_a_field_by_its_names(kind, field):
    held = field.name not in {"version", KINDS[kind].key_field}

    assert not held or field.name in field_names.known()
    for name in (field.name, field.short, field.name.replace("_", "-").upper()):
        assert field_names.field_of(name) == field.name or not held
