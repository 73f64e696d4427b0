"""The review before a conference: what became of what the previous one recommended."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from casework.questions import listing
from casework.reports.review import asked_again

OF_FOR = ("--of", "NFAC-20", "--for", "NFAC-21")


def review(office, *words):
    return office.json("report", "review", *OF_FOR, *words)


def close(office, ref, on, outcome="withdrawn"):
    office("close", ref, "--outcome", outcome, "--reason", "no need", "--effective", on)


def propose(office, ref, on, *words):
    given = ["--title", ref, "--proposer", "vufo", "--ref", ref, "--effective", on]
    office("propose", *given, *words)


def test_the_balance_tells_opening_new_reopened_closed_and_closing(office, case):
    propose(office, "OLD.1", "2018-08-12")
    propose(office, "OLD.2", "2018-08-12")
    propose(office, "OLD.3", "2018-08-12")
    close(office, "OLD.2", "2019-01-01")
    close(office, "OLD.3", "2022-01-01")
    case("resolved", ref="A.1")
    case("assigned", ref="A.2")
    office("reopen", "A.1", "--reason", "not done", "--effective", "2023-01-01")
    propose(office, "NEW.1", "2023-12-18")
    found = review(office)["balance"]

    assert found == {"opening": 2, "new": 2, "reopened": 1, "closed": 2, "closing": 3}
    assert found["closing"] == len(review(office)["carried_over"])


def test_a_case_closed_before_and_reopened_within_is_not_in_the_opening(office):
    propose(office, "OLD.1", "2018-08-12")
    close(office, "OLD.1", "2019-01-01")
    back = ["--owner", "mofa", "--reason", "asked for"]
    office("reopen", "OLD.1", *back, "--effective", "2022-03-01")

    assert review(office)["balance"] == {
        "opening": 0,
        "new": 0,
        "reopened": 1,
        "closed": 0,
        "closing": 1,
    }


def test_every_recommendation_of_the_conference_is_named_with_its_fate(office, case):
    case("resolved", ref="A.1")
    case("assigned", ref="A.2")
    propose(office, "OTHER.1", "2022-01-01")
    found = {one["ref"]: one for one in review(office)["recommendations"]}

    assert set(found) == {"A.1", "A.2"}
    assert (found["A.1"]["state"], found["A.1"]["outcome"]) == ("resolved", "implemented")
    assert found["A.1"]["resolved_on"] == "2022-11-01"
    assert found["A.2"]["state"] == "assigned"


def test_what_happens_at_the_later_conference_is_for_the_next_review(office, case):
    case("under_study", ref="A.1")
    words = ["--outcome", "implemented", "--answer", "Circular 3"]
    office("advance", "A.1", *words, "--effective", "2023-12-18")

    assert review(office)["recommendations"][0]["state"] == "under_study"
    assert review(office)["balance"]["closed"] == 0
    assert review(office)["as_of"] == "2023-12-17"


def test_asked_again_keeps_its_age_from_the_first_time(office, case):
    propose(office, "OLD.1", "2018-08-12")
    case("proposed", ref="A.1")
    propose(office, "NEW.1", "2023-06-01")
    office("link", "A.1", "--repeats", "OLD.1", "--effective", "2021-12-13")
    office("link", "NEW.1", "--repeats", "A.1", "--effective", "2023-06-01")
    found = review(office)
    carried = {one["ref"]: one for one in found["carried_over"]}

    assert carried["NEW.1"]["times"] == 3
    assert carried["NEW.1"]["first_ref"] == "OLD.1"
    assert carried["NEW.1"]["first_proposed_on"] == "2018-08-12"
    assert carried["NEW.1"]["age_days"] == carried["OLD.1"]["age_days"] == 1953
    assert carried["OLD.1"]["times"] == 1
    assert found["recommendations"][0]["asked_again"] == "NEW.1"


def test_closed_because_it_was_asked_again_is_superseded_and_never_implemented(office, case):
    case("proposed", ref="A.1")
    propose(office, "NEW.1", "2023-06-01")
    office("link", "NEW.1", "--repeats", "A.1", "--effective", "2023-06-01")
    office.refused(4, "close", "A.1", "--outcome", "implemented", "--reason", "asked again")
    close(office, "A.1", "2023-06-01", outcome="superseded")
    fate = review(office)["recommendations"][0]

    assert (fate["state"], fate["outcome"], fate["asked_again"]) == (
        "resolved",
        "superseded",
        "NEW.1",
    )


def test_known_at_hides_what_was_recorded_later(office, case):
    case("resolved", ref="A.1")
    before = office.json("audit", "log")[-1]["recorded_at"]
    office("reopen", "A.1", "--reason", "not done", "--effective", "2023-01-01")

    assert review(office)["balance"]["reopened"] == 1
    assert review(office, "--known-at", before)["balance"] == {
        "opening": 0,
        "new": 1,
        "reopened": 0,
        "closed": 1,
        "closing": 0,
    }


def test_the_conferences_are_the_next_and_the_one_before_it_unless_named(office, case):
    case("assigned")
    found = office.json("report", "review", "--as-of", "2022-06-01")

    assert found["of"] == {"conference": "NFAC-20", "date": "2021-12-13"}
    assert found["for"] == {"conference": "NFAC-21", "date": "2023-12-18"}


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["--of", "NFAC-21", "--for", "NFAC-20"], 4),
        (["--of", "NFAC-20", "--for", "NFAC-20"], 4),
        (["--of", "NOWHERE", "--for", "NFAC-21"], 3),
        (["--for", "NFAC-20"], 4),
        ([*OF_FOR, "--as-of", "2021-12-12"], 4),
        ([*OF_FOR, "--as-of", "2023-12-18"], 2),
        (["--for", "UNDATED", "--of", "NFAC-20"], 4),
    ],
)
def test_conferences_that_make_no_period_are_refused(office, words, code):
    office("conference", "add", "UNDATED", "--name", "Some day")

    assert office.refused(code, "report", "review", *words)["message"]


def test_the_review_is_a_paper_in_both_languages_and_every_text_format(office, case, tmp_path):
    case("resolved", ref="A.1")
    case("assigned", ref="A.2")
    for suffix in ("html", "csv", "json"):
        for lang in ("en", "vi"):
            file = tmp_path / f"review-{lang}.{suffix}"
            office("--lang", lang, "report", "review", *OF_FOR, "--output", file)
            assert "A.2" in file.read_text(encoding="utf-8")
    text = (tmp_path / "review-vi.html").read_text(encoding="utf-8")
    shown = office("--lang", "vi", "report", "review", *OF_FOR).stdout

    assert "tồn cuối kỳ" in text
    assert "Chuyển tiếp (1)" in shown


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["propose", "close", "reopen"]), st.integers(0, 3), st.integers(0, 60)
    ),
    max_size=14,
)


@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(STEPS)
def test_the_balance_agrees_with_what_is_open_whatever_happened(new_office, steps):
    office = new_office()
    last = 0
    for number, (verb, which, later) in enumerate(steps):
        last += later
        day = f"{2020 + last // 336}-{1 + last % 336 // 28:02}-{1 + last % 28:02}"
        ref = f"B.{which}"
        words = {
            "propose": ["propose", "--title", ref, "--proposer", "vufo", "--ref", ref],
            "close": ["close", ref, "--outcome", "withdrawn", "--reason", f"R{number}"],
            "reopen": ["reopen", ref, "--owner", "mofa", "--reason", "R"],
        }[verb]
        assert office.run(*words, "--effective", day).exit_code in {0, 3, 4, 5}
    found = review(office)
    start = office.json("list", "--as-of", "2021-12-12")
    end = office.json("list", "--as-of", "2023-12-17")

    assert found["balance"]["opening"] == sum(one["state"] != "resolved" for one in start)
    assert found["balance"]["closing"] == sum(one["state"] != "resolved" for one in end)
    assert found["balance"]["closing"] == len(found["carried_over"])


def test_of_several_earlier_recommendations_the_first_gives_the_age(office):
    for ref, on in (("NFAC-9.1", "1999-01-15"), ("NFAC-18.1", "2016-08-22")):
        propose(office, ref, on)
        close(office, ref, "2017-01-01")
    propose(office, "NFAC-20.1", "2021-12-13", "--conference", "NFAC-20")
    for earlier in ("NFAC-9.1", "NFAC-18.1"):
        office("link", "NFAC-20.1", "--repeats", earlier, "--effective", "2021-12-13")
    (carried,) = review(office)["carried_over"]

    assert (carried["first_ref"], carried["times"]) == ("NFAC-9.1", 3)
    assert carried["age_days"] == 9102
    with office.store().reading() as connection:
        asked = asked_again(listing.repeated(connection), listing.repeats(connection))
    assert asked == {"NFAC-9.1": "NFAC-20.1", "NFAC-18.1": "NFAC-20.1"}


def test_each_of_several_earlier_recommendations_was_asked_again(office):
    for ref in ("A.1", "A.2"):
        propose(office, ref, "2021-12-13", "--conference", "NFAC-20")
    propose(office, "B.1", "2022-05-01")
    propose(office, "B.2", "2022-06-01")
    for later, earlier in (("B.1", "A.1"), ("B.1", "A.2"), ("B.2", "A.1")):
        office("link", later, "--repeats", earlier, "--effective", "2022-06-01")
    found = {one["ref"]: one["asked_again"] for one in review(office)["recommendations"]}

    assert found == {"A.1": "B.2", "A.2": "B.1"}


@pytest.mark.parametrize(
    "words", [["NFAC-22", "--date", "2023"], ["FORUM", "--date", "2023-05-05"]]
)
def test_the_review_asks_which_conference_where_that_is_not_clear(office, words):
    office("conference", "add", *words)
    error = office.refused(4, "report", "review", "--of", "NFAC-20", "--as-of", "2022-05-05")

    assert words[0] in error["message"]
    assert "--for" in error["hint"]
    review(office, "--as-of", "2022-05-05")
