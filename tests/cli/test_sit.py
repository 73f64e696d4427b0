"""The minutes of a session: a recommendation a line, registered as it is said."""

import pytest
import time_machine

WHEN = "2026-11-27T07:05:00Z"


def sat(office, *lines, code=0, words=()):
    with time_machine.travel(WHEN, tick=False):
        result = office.run("sit", "nfac-21", *words, input="".join(f"{line}\n" for line in lines))
    assert result.exit_code == code, result.stderr
    return result


def test_each_line_is_a_recommendation_with_its_session_and_its_time(office):
    given = ("/by hcmc-pc", "/speaker lan", "Quy chế: văn phòng", "", "/session Tổ 2", "/speaker -")
    sat(office, *given, "vufo: @Second, at 5%", "/end", "Never", words=("--session", "Plenary"))
    first, second = office.json("list")

    assert (first["title"], first["proposer"], first["conference"], first["speaker"]) == (
        *("Quy chế: văn phòng", "hcmc-pc", "NFAC-21", "lan"),
    )
    # The office is at Ha Noi.
    assert first["source"] == "NFAC-21, Plenary, 14:05"
    assert (second["title"], second["proposer"], second["speaker"]) == (
        *("@Second, at 5%", "vufo", None),
    )
    assert second["source"] == "NFAC-21, Tổ 2, 14:05"
    assert [one["act"] for one in office.json("audit", "log")[-2:]] == ["propose"] * 2
    office("audit", "verify")


def test_what_was_taken_down_is_corrected_noted_and_grouped(office):
    lines = ("/by vufo", "Frist", "Second", "/fix NFAC-21.001 First", "/fix Second one")
    told = sat(office, *lines, "/note heard twice", "/group NFAC-21.001")
    first, second = office.json("list")

    assert (first["title"], second["title"]) == ("First", "Second one")
    assert "NFAC-21.001" in str(second["links"])
    assert office.json("history", "NFAC-21.002")[2]["note"] == "heard twice"
    assert told.stdout.count("NFAC-21.002") == 4


def test_a_number_alone_is_a_case_of_the_conference(office):
    lines = ("/by vufo", "Frist", "Second", "/fix 001 First", "/fix 2 Second one")
    told = sat(office, *lines, "/fix 3 provinces ask", "/group 1", code=2)
    first, second = office.json("list")

    assert (first["title"], second["title"]) == ("First", "3 provinces ask")
    assert "NFAC-21.001  vufo: First\n" in told.stdout
    assert "2 can be case NFAC-21.002" in told.stderr
    assert second["links"] == [{"relation": "relates-to", "ref": "NFAC-21.001"}]
    later = sat(office, "/fix 2 Second one", "/note 7 provinces", code=2)
    assert office.json("show", "NFAC-21.002")["title"] == "Second one"
    assert "nothing has been registered in this session yet" in later.stderr


def test_it_is_shown_whose_each_line_is_and_what_it_resembles(office):
    told = sat(office, "/by vufo", "Học bổng cho lưu học sinh", "hcmc-pc: Cảng", "xyz: Cảng")
    again = sat(office, "/by vufo", "học bổng cho lưu học sinh", "/by hcmc-pc", "Khác hẳn")

    assert told.stdout.split("\n")[:3] == [
        "NFAC-21.001  vufo: Học bổng cho lưu học sinh",
        "NFAC-21.002  hcmc-pc: Cảng",
        "NFAC-21.003  vufo: xyz: Cảng",
    ]
    assert "resembles" not in told.stderr
    assert "NFAC-21.004 resembles NFAC-21.001," in again.stderr
    assert "NFAC-21.005" not in again.stderr


@pytest.mark.parametrize(
    ("lines", "code"),
    [
        (["Nobody's"], 2),
        (["/fix it"], 2),
        (["/bye"], 2),
        (["/by nobody"], 3),
        (["/by vufo", "/fix nfac-21.009 x"], 3),
        (["/note NFAC-21.009 x"], 3),
        (["/by vufo", "x" * 10_001], 2),
    ],
)
def test_a_line_that_is_refused_ends_nothing_but_itself(office, lines, code):
    told = sat(office, *lines, "/by vufo", "Still", code=code)

    assert [one["title"] for one in office.json("list")] == ["Still"]
    assert "casework: " in told.stderr
    assert "Traceback" not in told.stderr


def test_a_session_of_no_conference_is_refused(office):
    office.refused(3, "sit", "nfac-99", input="x\n")
    office.refused(2, "sit", input="x\n")
