"""What a report is asked is one value; each report is made by its name, without a command line."""

from dataclasses import FrozenInstanceError
from datetime import UTC, date, datetime

import pytest

from casework.acts.session import Session
from casework.cli.report import report_
from casework.errors import NotFoundError, UsageError
from casework.reports.making import REPORTS, made
from casework.reports.question import Question

DAY = date(2023, 12, 8)


def asked(office, name, **question):
    with Session(target=office.url).reading() as connection:
        return made(name, connection, Question(**question))


def test_every_report_is_there_by_its_name():
    assert sorted(REPORTS) == sorted(set(report_.commands) - {"diff"})


@pytest.mark.parametrize("name", REPORTS)
@pytest.mark.parametrize(
    ("question", "words"),
    [
        ({}, []),
        ({"owner": "Bộ Ngoại giao"}, ["--owner", "mofa"]),
        ({"known_at": datetime(2090, 1, 1, tzinfo=UTC)}, ["--known-at", "2090-01-01T00:00:00Z"]),
    ],
)
def test_a_report_is_the_one_of_the_command_line(office, case, name, question, words):
    case("under_study", due="2022-12-31")
    case("assigned", owner="vufo", due="2022-06-30")
    if name == "review" and "owner" in question:
        pytest.skip("a review is of all cases")
    made_here = asked(office, name, as_of=DAY, **question)

    assert made_here.as_json() == office.json("report", name, "--as-of", str(DAY), *words)
    assert made_here.frame.as_of == DAY
    assert made_here.paper("vi").title


def test_without_a_day_it_speaks_of_today(office, case):
    case("assigned")

    assert asked(office, "workload").as_json() == office.json("report", "workload")


def test_a_question_is_not_changed():
    question = Question(as_of=DAY)
    with pytest.raises(FrozenInstanceError):
        question.as_of = date(2024, 1, 1)


@pytest.mark.parametrize(
    ("name", "question", "error"),
    [
        ("overdu", {}, NotFoundError),
        ("frame", {}, NotFoundError),
        ("overdue", {"owner": "Nobody"}, NotFoundError),
        ("overdue", {"before": "NFAC-99"}, NotFoundError),
        ("overdue", {"before": "NFAC-21", "until": DAY}, UsageError),
        ("overdue", {"until": date(2020, 1, 1)}, UsageError),
        ("review", {"as_of": date(2024, 1, 1), "coming": "NFAC-21"}, UsageError),
    ],
)
def test_what_cannot_be_asked_is_refused(office, name, question, error):
    with pytest.raises(error) as caught:
        asked(office, name, **{"as_of": DAY, **question})
    message, _ = caught.value.told("vi")

    assert message
    assert "{" not in message
