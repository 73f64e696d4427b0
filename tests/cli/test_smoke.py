"""What must hold before anything else is looked at."""

from casework.store.door import edition, number


def test_a_case_goes_all_the_way(office, case):
    ref = case("resolved")

    shown = office.json("show", ref)
    assert shown["state"] == "resolved"
    assert shown["resolved_on"] == "2022-11-01"
    assert office.json("audit", "verify")["ok"] is True


def test_every_change_of_the_door_has_a_number():
    # Where this is red: make docs.
    assert edition.digest() == number.DIGEST
    assert edition.source() == f'NUMBER = {number.NUMBER}\nDIGEST = "{number.DIGEST}"'
