"""Letters of assignment to officers: what each was given or lost, and that they are told once."""

import email
import email.policy
import re

import pytest

from casework.office import notifying

FROM = ("--from", "register@office.example")


@pytest.fixture
def mail(office, tmp_path):
    """A function that writes letters; it returns what was counted, and the letters by file."""
    office("person", "edit", "lan", "--email", "lan@mofa.example")
    folders = iter(range(100))

    def mail(*words):
        folder = tmp_path / f"letters{next(folders)}"
        rows = office.json("letter", "assignment", *words, *FROM, "--to", folder)
        told = {row["officer"] or row["org"]: [row[name] for name in [*row][3:]] for row in rows}
        found = {
            path.stem.partition("-")[2]: email.message_from_bytes(
                path.read_bytes(), policy=email.policy.default
            )
            for path in folder.glob("*.eml")
        }
        return told, found

    return mail


def html(message):
    return message.get_body(("html",)).get_content()


def text(message):
    return message.get_body(("plain",)).get_content().replace("\r", "")


def test_an_officer_is_told_apart_from_the_owner_and_once(office, case, mail):
    office("org", "edit", "mofa", "--email", "mofa@office.example")
    first, second = case("assigned", ref="A.1"), case("assigned", ref="A.2", due="2099-06-30")
    case("assigned", ref="A.3")
    office("reassign", first, "--owner", "mofa", "--officer", "lan", "--reason", "she knows it")
    office("reassign", second, "--owner", "mofa", "--officer", "lan", "--reason", "she knows it")
    told, letters = mail()

    assert told == {"mofa": [3, 0, 0, 0], "lan": [2, 0, 0, 0]}
    assert set(letters) == {"mofa", "officer-lan"}
    letter = letters["officer-lan"]
    assert [one.addr_spec for one in letter["to"].addresses] == ["lan@mofa.example"]
    assert "GIVEN TO YOU (2)" in text(letter)
    named = office.json("person", "show", "lan")["name"]
    assert f"  owner: Ministry of Foreign Affairs\n  officer: {named}\n  due: 2099-06-30" in text(
        letter
    )
    assert '<td style="border:1px solid #999' in (page := html(letter))
    assert re.search(r'white-space:nowrap">A.2</td>', page)
    assert "<h3>Given to you (2)</h3>" in page
    assert "Please prepare the answer to each case" in text(letter)
    assert "Please name an officer" not in text(letter)
    assert mail() == ({}, {})

    office("extend", second, "--due", "2099-12-31", "--reason", "hearings")
    office("reassign", first, "--owner", "vufo", "--reason", "Decree 28")
    told, letters = mail("--officer", "lan", "--lang", "vi")

    assert told == {"lan": [0, 0, 1, 1]}
    letter = text(letters["officer-lan"])
    assert "do Ông/Bà phụ trách" in letter
    assert "KHÔNG CÒN" in letter
    assert "hạn: 30/06/2099 → 31/12/2099" in letter
    assert "Đề nghị" not in letter
    # What one officer was told, the organisations are told still.
    assert mail("--owner", "mofa")[0] == {"mofa": [0, 0, 1, 1]}
    assert mail("--officer", "lan") == ({}, {})
    office("audit", "verify")


def test_who_stands_in_for_an_officer_who_is_away_is_written_to_as_well(office, case, mail):
    assigned(office, case, "A.1", "lan")
    office("person", "add", "mai", "--name", "Mai", "--org", "mofa", "--email", "mai@mofa.example")
    office("person", "away", "lan", "--to", "2099-01-01", "--deputy", "mai")
    letter = mail("--officer", "lan")[1]["officer-lan"]

    assert {one.addr_spec for one in letter["to"].addresses} == {
        "lan@mofa.example",
        "mai@mofa.example",
    }
    assert "is away until 2099-01-01" in text(letter)


def test_an_officer_without_an_address_is_named_and_told_later(office, case, mail):
    office("person", "add", "mai", "--name", "Mai", "--org", "mofa")
    assigned(office, case, "A.1", "mai")
    words = ("letter", "assignment", *FROM, "--to", "none", "--officer", "mai")
    said = office(*words).stderr
    assert "mai has no mail address\n" in said
    assert "casework person edit mai --email ADDRESS" in said

    office("person", "edit", "mai", "--email", "mai@mofa.example")
    assert mail("--officer", "mai")[0] == {"mai": [1, 0, 0, 0]}


def test_an_officer_who_left_is_written_to_no_more(office, case, mail):
    assigned(office, case, "A.1", "lan")
    office("person", "deactivate", "lan", "--reason", "retired")
    assert mail()[0] == {"mofa": [1, 0, 0, 0]}


def test_an_officer_is_told_a_secret_case_by_its_reference_alone(office, case, mail):
    ref = assigned(office, case, "A.1", "lan")
    office("edit", ref, "--secrecy", "secret")
    letter = mail("--officer", "lan")[1]["officer-lan"]

    assert "A.1  [withheld]" in text(letter)
    assert b"Rules for offices" not in letter.as_bytes()


def test_an_organisation_with_an_officers_code_gets_its_own_letter(office, case, mail):
    office("org", "add", "lan", "--name", "Lan Institute", "--email", "lan@institute.example")
    ref = assigned(office, case, "A.1", "lan")
    office("coordinate", ref, "--with", "lan")
    _, letters = mail()

    assert {"lan", "officer-lan"} <= set(letters)
    assert "FOR YOU TO COORDINATE (1)" in text(letters["lan"])
    assert "COORDINATE" not in text(letters["officer-lan"])


@pytest.mark.parametrize(("act", "told"), [("case", 1), ("letter", 0)])
def test_letters_are_made_anew_where_something_was_recorded_meanwhile(
    office, case, mail, act, told, monkeypatch, tmp_path
):
    ref = assigned(office, case, "A.1", "lan")
    written, tries = notifying.assignment, []

    def meanwhile(notice, writing):
        tries.append(notice)
        if len(tries) == 1 and act == "case":
            office("extend", ref, "--due", "2099-12-31", "--reason", "hearings")
        elif len(tries) == 1:
            assert mail("--officer", "lan")[0] == {"lan": [1, 0, 0, 0]}
        return written(notice, writing)

    monkeypatch.setattr(notifying, "assignment", meanwhile)
    folder = tmp_path / "letters"
    office("letter", "assignment", *FROM, "--to", folder, "--officer", "lan")

    assert len(tries) == 2
    letters = [path.read_bytes() for path in folder.glob("*.eml")]
    assert len(letters) == told
    assert all(b"due: 2099-12-31" in one for one in letters)


def assigned(office, case, ref, officer):
    office("assign", case(ref=ref), "--owner", "mofa", "--officer", officer, "--due", "2099-06-30")
    return ref
