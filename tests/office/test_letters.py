"""Letters of assignment, and replies to who proposed: what they say, and that they say it once."""

import email
import email.policy
from email.message import EmailMessage

import browser
import pytest

from casework.office.mail import into_folder

FROM = ("--from", "register@office.example")


@pytest.fixture
def engine():
    """What letters say is the same on both engines; their statements are those of reminders."""
    return "sqlite"


@pytest.fixture
def mail(office, tmp_path):
    """A function that writes letters; it returns the rows printed, and the texts by address."""
    for code in ("mofa", "vufo", "hcmc-pc"):
        office("org", "edit", code, "--email", f"{code}@office.example")
    folders = iter(range(100))

    def mail(*words):
        folder = tmp_path / f"letters{next(folders)}"
        rows = office.json("letter", *words, *FROM, "--to", folder)
        messages = [
            email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
            for path in folder.glob("*.eml")
        ]
        return rows, {one["to"].addresses[0].addr_spec.partition("@")[0]: one for one in messages}

    return mail


def text(message):
    return message.get_body(("plain",)).get_content().replace("\r", "")


def test_an_organisation_is_told_what_it_was_given_since_its_last_letter(office, case, mail):
    first, second = case("assigned", ref="A.1"), case("assigned", ref="A.2", due="2099-06-30")
    case("resolved", ref="A.3")
    office("coordinate", second, "--with", "hcmc-pc")
    rows, letters = mail("assignment")

    told = {row["org"]: [row[name] for name in [*row][3:]] for row in rows}
    assert told == {"mofa": [2, 0, 0, 0], "hcmc-pc": [0, 1, 0, 0]}
    assert "GIVEN TO YOU (2)" in text(letters["mofa"])
    assert (
        "A.2  Rules for offices\n  owner: Ministry of Foreign Affairs\n  due: 2099-06-30"
        in text(letters["mofa"])
    )
    assert "A.3" not in text(letters["mofa"])
    assert "FOR YOU TO COORDINATE (1)" in text(letters["hcmc-pc"])
    assert "register@office.example" in text(letters["mofa"])
    assert mail("assignment") == ([], {})
    office("reassign", first, "--owner", "vufo", "--reason", "Decree 28")
    office("extend", second, "--due", "2099-12-31", "--reason", "hearings")
    rows, letters = mail("assignment")

    told = {row["org"]: [row[name] for name in [*row][3:]] for row in rows}
    assert told == {"mofa": [0, 0, 1, 1], "vufo": [1, 0, 0, 0], "hcmc-pc": [0, 0, 0, 1]}
    assert "NO LONGER YOURS (1)\n\nA.1" in text(letters["mofa"])
    assert "due: 2099-06-30 → 2099-12-31" in text(letters["mofa"])
    assert "Please name an officer" not in text(letters["mofa"])
    assert "Please name an officer" in text(letters["vufo"])
    assert mail("assignment", "--owner", "mofa") == ([], {})
    office("audit", "verify")


def test_a_reply_says_how_it_was_resolved_and_asks_whether_that_answers_it(office, case, mail):
    ref = case("resolved", ref="A.1")
    (row,), letters = mail("reply", ref, "--draft", "--lang", "vi")
    letter = letters["hcmc-pc"]

    assert (row["ref"], row["to"]) == (ref, ["hcmc-pc@office.example"])
    assert letter["x-unsent"] == "1"
    assert "Trả lời kiến nghị A.1" in letter["subject"]
    assert "Kính gửi: Ủy ban nhân dân TP. Hồ Chí Minh," in text(letter)
    answer = office.json("show", ref)["answer"]
    assert f"trả lời: {answer}" in text(letter)
    assert "đã đáp ứng kiến nghị hay chưa" in " ".join(text(letter).split())
    assert f"{answer}<br>" in letter.get_body(("html",)).get_content()
    office.refused(5, "letter", "reply", ref, *FROM, "--to", "letters")
    office("audit", "verify")


def test_no_line_of_plain_text_is_wider_than_a_reader_quotes_it(case, mail):
    title = "Quy chế phối hợp quản lý hoạt động của văn phòng đại diện địa phương ở nước ngoài"
    case("assigned", ref="NFAC-22.001", owner="mofa", title=title)
    _, letters = mail("assignment", "--lang", "vi")
    lines = text(letters["mofa"]).split("\n")

    assert max(map(len, lines)) <= 72
    assert f"NFAC-22.001  {title}" in " ".join(lines).replace("   ", " ")
    assert lines[lines.index("-- ") - 2] != ""


@pytest.mark.skipif(browser.PROGRAM is None, reason="there is no browser")
def test_a_letter_fits_the_screen_of_a_telephone_and_its_titles_can_be_read(case, mail, tmp_path):
    title = "Quy chế phối hợp quản lý hoạt động của văn phòng đại diện địa phương ở nước ngoài"
    case("assigned", ref="NFAC-22.001", owner="mofa", title=title)
    _, letters = mail("assignment", "--lang", "vi")
    page = tmp_path / "letter.html"
    page.write_text(letters["mofa"].get_body(("html",)).get_content(), "utf-8")

    with browser.browser() as phone:
        phone.open(page)
        assert phone.evaluate("document.documentElement.scrollWidth") == 390
        assert phone.evaluate("document.querySelectorAll('td')[1].clientWidth") > 120


def test_what_no_letter_can_be_written_of_is_refused(office, case, mail, tmp_path):
    ref = case("assigned", ref="A.1")
    words = (*FROM, "--to", tmp_path / "none")
    office.refused(4, "letter", "reply", ref, *words)
    office.refused(3, "letter", "reply", "A.9", *words)
    office.refused(3, "letter", "assignment", "--owner", "nobody", *words)
    office.refused(2, "letter", "assignment", "--from", "nobody", "--to", tmp_path / "none")
    office.refused(6, "letter", "assignment", *words, "--by", "lan")
    office.refused(4, "letter", "assignment", *words, "--with-secret")
    office("letter", "assignment", *words, "--dry-run")

    assert not (tmp_path / "none").exists()
    # Nobody was told anything yet.
    assert [row["org"] for row in mail("assignment")[0]] == ["mofa"]


def test_a_case_with_a_degree_of_secrecy_is_named_by_its_reference_alone(office, case, mail):
    ref = case("assigned", ref="A.1", title="Zebra crossing")
    office("edit", ref, "--secrecy", "secret")
    letter = mail("assignment")[1]["mofa"]

    assert "A.1  [withheld]" in text(letter)
    assert b"Zebra" not in letter.as_bytes()


def test_letters_of_one_second_stand_beside_each_other(tmp_path):
    message = EmailMessage(policy=email.policy.default)
    message["Date"] = "Fri, 27 Nov 2026 09:00:00 +0700"
    write = into_folder(tmp_path)
    for _ in range(3):
        write("vufo", message)

    assert len(list(tmp_path.glob("*-vufo.eml"))) == 3
