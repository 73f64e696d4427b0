"""How good the forecast was is what forecasts made then would have said, against what came."""

from datetime import date, timedelta

import pytest

from casework.reports.backtest import Scores

FIRST = date(2021, 1, 1)
LATER = ("--as-of", "2088-01-01")


@pytest.fixture
def history(office, tmp_path):
    """Sixty cases, half of them resolved after 200 to 500 days; the others are open."""
    lines = ["ref,title,proposer,owner,state,outcome,answer,proposed_on,assigned_on,resolved_on"]
    for number in range(1, 61):
        assigned = FIRST + timedelta(10 * number)
        done = number % 2
        end = assigned + timedelta(200 + 50 * (number % 7)) if done else ""
        rest = "resolved,implemented,Done" if done else "assigned,,"
        lines.append(f"H.{number},T,vufo,mofa,{rest},{FIRST},{assigned},{end}")
    file = tmp_path / "cases.csv"
    file.write_text("\n".join(lines) + "\n", "utf-8")
    office("import", file)
    office("conference", "add", "NFAC-22", "--number", 22, "--date", "2087-12-18")
    return office


def of_last(told):
    return [one for one in told["trials"] if one["conference"] == "NFAC-21"]


def test_a_trial_is_what_a_forecast_of_that_day_says(history):
    told = history.json("report", "forecast", "--backtest")

    assert [(one["months_before"], one["as_of"]) for one in of_last(told)] == [
        (12, "2022-12-18"),
        (6, "2023-06-18"),
        (3, "2023-09-18"),
    ]
    final = {one["ref"]: one for one in history.json("list", "--as-of", "2023-12-17")}
    for one in of_last(told):
        made = history.json("report", "forecast", "--as-of", one["as_of"], "--before", "NFAC-21")
        chances = {case["ref"]: case["chance"] for case in made["cases"]}
        given = [chance for chance in chances.values() if chance is not None]
        came = [final[ref]["state"] == "resolved" for ref in chances if chances[ref] is not None]
        assert (one["open"], one["cases"]) == (len(chances), len(given))
        assert float(one["expected"]) == pytest.approx(sum(given) / 100, abs=0.1)
        assert one["came_true"] == sum(came)
        squares = [
            (chance / 100 - happened) ** 2 for chance, happened in zip(given, came, strict=True)
        ]
        if squares:
            assert float(one["brier"]) == pytest.approx(sum(squares) / len(squares), abs=0.005)
    whole = told["known_today"]
    assert whole["cases"] == sum(one["cases"] for one in told["trials"]) > 10
    assert whole["came_true"] == sum(one["came_true"] for one in whole["calibration"]) > 0
    assert told["known_then"] is None


def test_what_was_known_then_is_told_once_the_log_is_old_enough(history):
    told = history.json("report", "forecast", "--backtest", *LATER)

    then = [one for one in told["trials"] if one["known"] == "then"]
    assert {one["conference"] for one in then} == {"NFAC-22"}, told
    today = [one for one in told["trials"] if one["known"] == "today"][-len(then) :]
    # Nothing was recorded since.
    assert [one | {"known": "today"} for one in then] == today
    assert told["known_then"]["cases"] > 0


def test_what_was_recorded_later_was_not_known_then(history):
    before = history.json("report", "forecast", "--backtest", *LATER, "--owner", "mofa")
    none = history.json("report", "forecast", "--backtest", *LATER, "--owner", "vufo")

    assert before["known_then"]["cases"] > 0
    assert none["trials"] == []


def test_it_is_a_paper_in_every_format(history, tmp_path):
    printed = history("report", "forecast", "--backtest", "--lang", "vi").stdout
    for ending in ("csv", "html", "xlsx", "docx"):
        history("report", "forecast", "--backtest", "--output", tmp_path / f"b.{ending}")

    assert "điểm Brier 0," in printed
    assert "calibration_known_today" in (tmp_path / "b.csv").read_text("utf-8")
    assert "Brier score" in (tmp_path / "b.html").read_text("utf-8")


def test_it_looks_back_only(history):
    history.refused(2, "report", "forecast", "--backtest", "--before", "NFAC-22")
    history.refused(2, "report", "forecast", "--backtest", "--until", "2090-01-01")


def test_the_score_of_chances():
    scores = Scores()
    for chance, came in ((1.0, 1), (0.0, 0), (0.75, 1), (0.75, 0)):
        scores.take(chance, came)

    assert scores.brier == pytest.approx((0 + 0 + 0.0625 + 0.5625) / 4)
    assert scores.reference == 0.25
    assert [one.cases for one in scores.buckets] == [1, 0, 0, 0, 0, 0, 0, 2, 0, 1]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("overdue",), "No registered case matches"),
        (("progress",), "No registered case matches"),
        (("progress", "--period", "2023"), "No registered case matches"),
        (("workload",), "No case is open"),
        (("review",), "nothing can be stated"),
        (("slippage",), "No deadline moved or passed"),
        (("forecast", "--until", "2099-01-01"), "No case is open"),
        (("forecast", "--backtest"), "cannot be tested"),
    ],
)
def test_a_report_with_nothing_to_say_is_one_line(office, tmp_path, words, said):
    day = () if "--period" in words or words == ("review",) else ("--as-of", "2024-06-01")
    day = ("--as-of", "2023-06-01") if words == ("review",) else day
    lines = office("report", *words, *day).stdout.splitlines()
    office("report", *words, *day, "--output", tmp_path / "r.html")

    assert said in lines[1]
    assert lines[2] == ""
    assert len(lines) == 5
    assert "<table" not in (tmp_path / "r.html").read_text("utf-8")
