"""Every report that counts takes a period, and its balance closes as the next one opens."""

import json

import pytest

from casework import open as opened
from casework.questions import spans

COUNTING = ("overdue", "progress", "review", "workload", "slippage")


@pytest.fixture
def moving(office):
    """Four cases: one closed late, one on time and reopened, one given away, one new in 2023."""
    for ref, on in (("A-1", "2022-01-03"), ("A-2", "2022-01-03"), ("A-3", "2022-01-03"),
                    ("A-4", "2023-02-01")):  # fmt: skip
        office("propose", "--ref", ref, "--title", "T", "--conference", "NFAC-20", "--proposer",
               "hcmc-pc", "--effective", on)  # fmt: skip
    for ref, due in (("A-1", "2022-06-10"), ("A-2", "2022-12-31"), ("A-3", "2024-01-01")):
        office("assign", ref, "--owner", "mofa", "--due", due, "--effective", "2022-01-10")
        office("advance", ref, "--effective", "2022-02-01")
    done = ("--outcome", "implemented", "--answer", "x", "--effective")
    office("advance", "A-1", *done, "2022-07-01")
    office("advance", "A-2", *done, "2022-07-01")
    office("reopen", "A-2", "--reason", "x", "--effective", "2022-10-03")
    office("reassign", "A-3", "--owner", "vufo", "--reason", "x", "--effective", "2022-08-01")
    return office


def balance(office, *words, name="progress"):
    return office.json("report", name, *words)["balance"]


def test_the_balance_of_a_period(moving):
    second_half = balance(moving, "--period", "2022-H2")

    assert second_half == {
        "opening": 3,
        "new": 0,
        "reopened": 1,
        "closed": 2,
        "closed_on_time": 1,
        "closed_late": 1,
        "closed_no_due": 0,
        "closing": 2,
    }
    assert balance(moving, "--period", "2023") == dict.fromkeys(second_half, 0) | {
        "opening": 2,
        "new": 1,
        "closing": 3,
    }


def test_of_one_owner_cases_come_and_go(moving):
    words = ("--period", "2022-H2", "--owner")
    mofa, vufo = (balance(moving, *words, owner) for owner in ("mofa", "vufo"))

    assert (mofa["opening"], mofa["given"], mofa["received"], mofa["closing"]) == (3, 1, 0, 1)
    assert (vufo["opening"], vufo["given"], vufo["received"], vufo["closing"]) == (0, 0, 1, 1)


def test_each_period_opens_with_what_the_one_before_it_left(moving):
    months = [f"{year}-{month:02}" for year in (2022, 2023) for month in range(1, 13)]
    for words in ((), ("--owner", "mofa"), ("--conference", "NFAC-20")):
        left = 0
        for month in months[::3]:
            quarter = f"{month[:4]}-Q{(int(month[5:]) + 2) // 3}"
            told = balance(moving, "--period", quarter, *words)
            assert told["opening"] == left
            came = told["opening"] + told["new"] + told["reopened"] + told.get("received", 0)
            left = told["closing"]
            assert came - told["closed"] - told.get("given", 0) == left
            assert told["closed"] == sum(told[f"closed_{how}"] for how in HOW)


HOW = ("on_time", "late", "no_due")


@pytest.mark.parametrize("name", COUNTING)
def test_every_report_that_counts_takes_a_period(moving, name, tmp_path):
    asked = ("--from", "2022-07-01", "--to", "2022-12-31")
    report = moving.json("report", name, *asked)
    running = moving.json("report", name, "--period", "báo cáo 6 tháng cuối năm 2022")

    assert report["period"] == {
        "from": "2022-07-01",
        "to": "2022-12-31",
        "words": None,
        "statutory": False,
        "over": True,
    }
    assert report["as_of"] == "2022-12-31"
    assert report["balance"]["opening"] == 3
    assert (running["period"]["from"], running["as_of"]) == ("2022-06-15", "2022-12-14")
    assert running["period"]["statutory"]
    for ending in ("csv", "html", "xlsx", "docx"):
        moving("report", name, *asked, "--output", tmp_path / f"{name}.{ending}", "--lang", "vi")
    assert "period.total" in (tmp_path / f"{name}.csv").read_text("utf-8")
    page = (tmp_path / f"{name}.html").read_text("utf-8")
    assert "Cân đối trong kỳ" in page
    assert "01/07/2022" in page


def test_a_report_of_a_day_says_nothing_of_a_period(moving):
    assert not {"period", "balance"} & moving.json("report", "progress").keys()


@pytest.mark.parametrize(
    "words",
    [
        ("--period", "2022-07-01"),
        ("--period", "2022", "--as-of", "2022-03-01"),
        ("--period", "2022", "--from", "2022-01-01"),
        ("--to", "2022-01-01"),
        ("--from", "2022-02-01", "--to", "2022-01-01"),
        ("--from", "2022-02-01", "--to", "2022-03-01", "--as-of", "2022-03-01"),
        ("--period", "2199"),
        ("--period", "báo cáo 2022-W30"),
    ],
)
def test_what_does_not_go_together_is_refused(moving, words):
    moving.refused(2, "report", "workload", *words)


def test_a_review_is_of_a_period_between_its_conferences(moving):
    asked = ("report", "review", "--of", "NFAC-20", "--for", "NFAC-21")

    assert balance(moving, "--period", "2022", name="review")["closing"] == 2
    moving.refused(2, *asked, "--period", "2021-Q4")
    moving.refused(2, *asked, "--period", "2023-Q4")
    assert "forecast" not in json.dumps(moving.json(*asked, "--period", "2023-Q3"))


def test_a_script_asks_for_a_period_in_words(moving):
    report = opened(moving.url).report("progress", period="2022-H2")

    assert report.as_json()["balance"] == balance(moving, "--period", "2022-H2")


@pytest.mark.parametrize("period", ["2022-H1", "2022-H2", "2023"])
def test_many_cases_are_read_one_after_the_other(moving, monkeypatch, period):
    few = balance(moving, "--period", period)
    moving("correct", "A-1", "--field", "resolved_on", "--to", "2022-06-01", "--reason", "x")
    some = balance(moving, "--period", period)
    monkeypatch.setattr(spans, "KEYS", 1)
    paged = balance(moving, "--period", period)
    monkeypatch.setattr(spans, "MOST", 0)

    assert balance(moving, "--period", period) == paged == some
    assert (some == few) == (period == "2023")
