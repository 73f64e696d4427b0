"""The rows of the kinds: whatever follows from a row is there, and nothing is said twice."""

import pytest

from casework.kinds.forms import FORMS, form_of
from casework.kinds.records import KINDS, NEEDED, Case, Person
from casework.words import LANGUAGES, said

ROWS = [
    pytest.param(kind, field, id=f"{kind}-{field.name}")
    for kind, record in KINDS.items()
    for field in record.fields
]


@pytest.mark.parametrize("field", [row.values[1] for row in ROWS])
def test_a_row_names_a_type_that_there_is(field):
    form = form_of(field.type)

    assert field.many == (form["is"] == "list")
    # What may be absent starts so, and a private value that may not be is withheld as a text.
    assert form.get("null", False) == (field.default is None)
    assert field.default is not NEEDED or not field.private
    assert field.refers is None or field.refers in KINDS


@pytest.mark.parametrize(("kind", "field"), ROWS)
def test_the_catalogues_say_what_a_row_says(kind, field):
    told = {
        f"word.{field.name}": field.label,
        f"option.{kind}.{field.name}": field.option,
        f"filter.{kind}.{field.name}": field.filter,
    }
    for key, words in told.items():
        if words is not None:
            assert tuple(said(key, lang) for lang in LANGUAGES) == words


@pytest.mark.parametrize("kind", KINDS)
def test_the_catalogues_say_what_a_kind_is_called(kind):
    assert tuple(said(f"kind.{kind}", lang) for lang in LANGUAGES) == KINDS[kind].label
    if (several := KINDS[kind].several) is not None:
        assert tuple(said(f"kinds.{kind}", lang) for lang in LANGUAGES) == several


def test_a_record_is_frozen_and_holds_only_its_fields():
    person = Person(code="an", name="An")

    assert person == Person(code="an", name="An")
    assert person != Person(code="an", name="An", version=1)
    assert hash(person) == hash(Person(code="an", name="An"))
    assert "code='an'" in repr(person)
    assert person.but(org="mofa").org == "mofa"
    with pytest.raises(AttributeError, match="cannot be changed"):
        person.name = "Binh"
    with pytest.raises(AttributeError, match="cannot be changed"):
        del person.name
    with pytest.raises(TypeError, match="has no nmae"):
        Person(code="an", nmae="An")
    with pytest.raises(TypeError, match="a case needs proposed_on, proposer, ref, state_since"):
        Case(ref="A.1")
    with pytest.raises(TypeError, match="a case needs"):
        Case.made("A.1", {})


def test_every_type_is_used_or_stands_in_an_event():
    used = {word for _, field in [row.values for row in ROWS] for word in _types(field.type)}

    assert used <= FORMS.keys()
    assert FORMS.keys() - used == set()


def _types(annotation):
    name = annotation.removesuffix(" | None")
    return [name.removeprefix("tuple[").removesuffix(", ...]")]
