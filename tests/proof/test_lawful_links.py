"""`audit verify`: no case is linked to a struck one, and links of one relation make no circle."""

import json
from copy import deepcopy

import pytest
from forging import appended, read_log, verdict

from casework.rules import law

CIRCLE = "already: a circle"


@pytest.fixture
def held(office, case):
    for number in (1, 2, 3):
        case(ref=f"A.{number}")
    return office


def linked(entries, ref, old, new, **said):
    body, _ = appended(entries, ref, act="link", actor="registrar", **said)
    body["changes"] = {"links": [[*old], [*new]]}


@pytest.mark.parametrize("relation", ["repeats", "relates-to"])
def test_the_event_that_closes_a_circle_is_named(held, relation):
    entries = read_log(held)
    linked(entries, "A.1", (), [[relation, "A.2"]])
    linked(entries, "A.2", (), [[relation, "A.3"]])
    assert verdict(held, deepcopy(entries)) == "in order"
    closing = len(entries)
    linked(entries, "A.3", (), [["repeats" if relation != "repeats" else "relates-to", "A.1"]])
    assert verdict(held, deepcopy(entries)) == "in order"
    del entries[-1]
    linked(entries, "A.3", (), [[relation, "A.1"]])
    # Whoever opens it again behind does not hide it.
    linked(entries, "A.2", [[relation, "A.3"]], ())
    said = verdict(held, entries)
    assert f"event {closing}, link case A.3, was not allowed" in said
    assert CIRCLE in said
    held.refused(7, "audit", "verify")
    told = held.run("--lang", "vi", "audit", "verify").stderr
    assert f"sự kiện {closing}, liên kết vụ việc A.3, không được phép" in told


def test_a_link_to_itself_is_named(held):
    entries = read_log(held)
    linked(entries, "A.1", (), [["repeats", "A.1"]])
    assert f"event {len(entries) - 1}" in verdict(held, entries)


def test_links_that_come_and_go_are_in_order(held):
    held("link", "A.1", "--repeats", "A.2")
    held("link", "A.1", "--repeats", "A.2", "--remove")
    removed = len(read_log(held)) - 1
    held("link", "A.2", "--repeats", "A.1")
    held.refused(4, "correct", "A.1", "--event", removed, "--strike", "--reason", "r")
    held("correct", "A.2", "--event", removed + 1, "--strike", "--reason", "r")
    held("correct", "A.1", "--event", removed, "--strike", "--reason", "r")
    held("audit", "verify")


def test_a_link_that_is_brought_back_may_close_no_circle(held):
    held("link", "A.1", "--repeats", "A.2")
    held("link", "A.1", "--repeats", "A.2", "--remove")
    removed = len(read_log(held)) - 1
    held("correct", "A.1", "--event", removed, "--strike", "--reason", "r")
    honest = read_log(held)
    # As if A.2 had been linked the other way meanwhile.
    entries = deepcopy(honest)
    linked(entries, "A.2", (), [["repeats", "A.1"]])
    entries.insert(removed + 1, entries.pop())
    assert f"event {removed + 2}, correct case A.1" in verdict(held, deepcopy(entries))
    assert CIRCLE in verdict(held, deepcopy(entries))

    # The version before did not ask that.
    earlier = next(known for known, lacked in law.EARLIER.items() if "law.circle-again" in lacked)
    entries[0][0]["changes"]["rules"] = [None, earlier]
    assert verdict(held, deepcopy(entries)) == "in order"
    linked(entries, "A.3", (), [["repeats", "A.1"]])
    linked(entries, "A.1", [["repeats", "A.2"]], [["repeats", "A.2"], ["repeats", "A.3"]])
    assert f"event {len(entries) - 1}, link case A.1" in verdict(held, entries)


def test_a_struck_case_and_links_to_it(held):
    proposed = next(seq for seq, (one, _) in enumerate(read_log(held)) if one["key"] == "A.2")
    held("correct", "A.2", "--event", proposed, "--strike", "--reason", "r")
    honest = read_log(held)
    assert verdict(held, deepcopy(honest)) == "in order"

    entries = deepcopy(honest)
    linked(entries, "A.1", (), [["repeats", "A.2"]])
    said = verdict(held, deepcopy(entries))
    assert f"event {len(honest)}, link case A.1" in said
    assert "links case A.1 to A.2, which was out of the register then" in said
    entries[-2:] = reversed(entries[-2:])
    said = verdict(held, entries)
    assert f"event {len(honest)}, correct case A.2" in said
    assert "to which A.1 was linked" in said


def test_the_history_of_links_that_turned_round_can_be_imported(held, tmp_path):
    held("link", "A.2", "--repeats", "A.1")
    held("link", "A.2", "--repeats", "A.1", "--remove")
    held("link", "A.1", "--repeats", "A.2")
    held("audit", "verify")
    file = tmp_path / "cases.jsonl"
    held("export", file)
    text = file.read_text("utf-8").replace("A.1", "B.1").replace("A.2", "B.2").replace("A.3", "B.3")
    lines = [json.loads(line) for line in text.splitlines()]
    for name, told in (("on.jsonl", lines), ("back.jsonl", lines[::-1])):
        other = tmp_path / name
        said = [json.dumps(one, ensure_ascii=False) for one in told]
        other.write_text("\n".join(said).replace("B.", f"{name[0].upper()}X."), "utf-8")
        held("import", other)
        held("audit", "verify")
