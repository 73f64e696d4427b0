"""The forecast: chances from the log's own times, and when there are too few of them."""

from datetime import date, timedelta
from itertools import product
from math import prod

import pytest
from hypothesis import given
from hypothesis import strategies as st

from casework.reports.durations import ENOUGH, EXACT, TAIL, Curve, Spell, spread

# Weeks in remission under 6-MP, of which those with a plus went on: Freireich and others, Blood 21
# (1963). What stands beside them is what statistics packages give for them, in every textbook.
REMISSIONS = "6 6 6 6+ 7 9+ 10 10+ 11+ 13 16 17+ 19+ 20+ 22 23 25+ 32+ 32+ 34+ 35+"
LASTING = {
    6: (0.857, 0.620, 0.952),
    7: (0.807, 0.563, 0.923),
    10: (0.753, 0.503, 0.889),
    13: (0.690, 0.432, 0.849),
    16: (0.627, 0.368, 0.805),
    22: (0.538, 0.268, 0.747),
    23: (0.448, 0.188, 0.680),
}


@pytest.fixture
def remissions():
    return Curve(
        Spell(int(word.rstrip("+")), over=not word.endswith("+")) for word in REMISSIONS.split()
    )


@pytest.mark.parametrize("week", LASTING)
def test_the_curve_is_that_of_the_textbooks(remissions, week):
    share, low, high = LASTING[week]

    chance = remissions.within(0, week)

    assert round(1 - chance.value, 3) == share
    assert (round(1 - chance.high, 3), round(1 - chance.low, 3)) == (low, high)
    assert chance.behind == 21
    assert remissions.median() == 23


def test_a_chance_is_of_those_that_lasted_as_long(remissions):
    chance = remissions.within(10, 6)

    assert chance.value == pytest.approx(1 - 0.627451 / 0.752941, abs=1e-5)
    assert chance.behind == 13
    assert remissions.within(16, 1).behind == 10
    assert remissions.within(17, 1) is None


def test_nothing_is_told_of_what_nobody_has_lasted_until(remissions):
    assert remissions.within(0, 35) is not None
    assert remissions.within(0, 36) is None
    assert Curve([]).within(0, 1) is None
    assert Curve([]).median() is None


@given(
    st.lists(st.integers(0, 40), min_size=ENOUGH, max_size=60),
    st.integers(0, 40),
    st.integers(0, 40),
)
def test_where_all_are_over_a_chance_is_a_share(days, age, ahead):
    lasted = [day for day in days if day > age]

    chance = Curve([Spell(day, over=True) for day in days]).within(age, ahead)

    if len(lasted) < ENOUGH:
        assert chance is None
        return
    over = sum(day <= age + ahead for day in lasted)
    assert chance.value == pytest.approx(over / len(lasted))
    assert 0 <= chance.low <= chance.value <= chance.high <= 1
    assert chance.low < chance.high
    assert chance.behind == len(lasted)


@given(st.lists(st.floats(0, 1), max_size=8))
def test_the_spread_is_that_of_every_way_it_can_come_out(chances):
    counts = [0.0] * (len(chances) + 1)
    for ways in product((0, 1), repeat=len(chances)):
        counts[sum(ways)] += prod(
            chance if comes else 1 - chance for chance, comes in zip(chances, ways, strict=True)
        )

    low, high = spread(chances)

    assert sum(counts[:low]) <= TAIL + 1e-9
    assert sum(counts[high + 1 :]) <= TAIL + 1e-9
    assert sum(counts[: low + 1]) > TAIL - 1e-9
    assert low <= high


def test_the_spread_of_many_is_nearly_that_of_a_few_less():
    exactly, nearly = spread([0.3] * EXACT), spread([0.3] * (EXACT + 1))

    assert all(abs(one - other) <= 1 for one, other in zip(exactly, nearly, strict=True))


FIRST = date(2021, 12, 13)
DAY = date(2023, 1, 2)


@pytest.fixture
def past(office, tmp_path):
    """Twelve cases assigned on one day, resolved 30, 60, … days after it; and three that go on."""
    assigned = date(2022, 1, 3)
    lines = ["ref,title,proposer,owner,state,outcome,answer,proposed_on,assigned_on,resolved_on"]
    for number in range(1, 13):
        days = f"{FIRST},{assigned},{assigned + timedelta(30 * number)}"
        lines.append(f"P.{number},Past {number},vufo,mofa,resolved,implemented,Done,{days}")
    lines += [
        f"O.1,Open,vufo,mofa,assigned,,,{FIRST},{DAY - timedelta(15)},",
        f"O.2,Old,vufo,hcmc-pc,assigned,,,{FIRST},{DAY - timedelta(100)},",
        f"O.3,Not assigned,vufo,,proposed,,,{FIRST},,",
    ]
    file = tmp_path / "cases.csv"
    file.write_text("\n".join(lines) + "\n", "utf-8")
    office("import", file)
    return office


ASK = ("report", "forecast", "--as-of", DAY.isoformat())


def test_the_report_tells_the_chance_of_each_case_and_of_the_whole(past):
    report = past.json(*ASK, "--until", (DAY + timedelta(60)).isoformat())
    told = {one["ref"]: one for one in report["cases"]}

    # Of 13 others that had been assigned for longer than 15 days two were resolved within 60 more.
    assert (told["O.1"]["chance"], told["O.1"]["behind"]) == (15, 13)
    assert told["O.1"]["low"] < 15 < told["O.1"]["high"]
    # Of those that had lasted 100 days nine were left, which is too little.
    assert told["O.2"]["chance"] is None
    assert told["O.3"]["days_in_state"] == (DAY - FIRST).days
    whole = report["whole"]
    assert (whole["open"], whole["told"], whole["expected"]) == (3, 1, 0)
    assert (whole["low"], whole["high"], whole["all_resolved"]) == (0, 1, 15)
    basis = {one["state"]: one for one in report["basis"]}
    assert (basis["assigned"]["spells"], basis["assigned"]["resolved"]) == (14, 12)
    assert basis["under_study"]["spells"] == 12


def test_what_is_doubted_teaches_only_that_it_took_so_long_at_least(past):
    head = "ref,title,proposer,owner,state,outcome,answer,proposed_on,assigned_on,resolved_on\n"
    row = "D.1,Doubted,vufo,mofa,resolved,implemented,not yet fully implemented,{},{},{}\n"
    basis = {one["state"]: one for one in past.json(*ASK)["basis"]}
    told = past.json("import", "-", input=head + row.format(FIRST, "2022-01-03", "2022-02-02"))
    doubted = {one["state"]: one for one in past.json(*ASK)["basis"]}
    past("advance", "D.1", "--effective", "2022-02-02")
    confirmed = {one["state"]: one for one in past.json(*ASK)["basis"]}

    def learnt(of):
        return of["assigned"]["spells"], of["assigned"]["resolved"]

    assert told["doubted"] == ["D.1"]
    assert [learnt(of) for of in (basis, doubted, confirmed)] == [(14, 12), (15, 12), (15, 13)]


def test_too_little_history_says_so(office, case):
    case("assigned", ref="A.1", due="2099-12-31")

    report = office.json("report", "forecast", "--until", "2099-12-31")
    printed = office("report", "forecast", "--until", "2099-12-31").stdout
    vietnamese = office("report", "forecast", "--until", "2099-12-31", "--lang", "vi").stdout

    assert report["cases"][0]["chance"] is None
    assert report["whole"]["all_resolved"] is None
    assert "A.1" not in printed
    assert "for any open case (1 in all)" in printed
    assert len(vietnamese.splitlines()) == 5


def test_what_happened_later_is_not_known_yet(past):
    early = past.json("report", "forecast", "--as-of", "2022-03-01", "--until", "2022-03-02")
    basis = {one["state"]: one for one in early["basis"]}

    assert basis["assigned"]["resolved"] == 1
    before = past.json(*ASK, "--known-at", "2020-01-01", "--until", "2023-02-01")
    assert all(one["spells"] == 0 for one in before["basis"])


def test_a_conference_s_own_day_is_too_late(past):
    opens = date(2023, 12, 18)
    # Another case was resolved after 60 days, which this one reaches as NFAC-21 opens.
    assigned = opens - timedelta(60)
    words = ("propose", "--ref", "N.1", "--title", "New", "--proposer", "vufo")
    past(*words, "--effective", FIRST)
    past("assign", "N.1", "--owner", "vufo", "--due", "2024-12-31", "--effective", assigned)

    def chance(*until):
        found = past.json("report", "forecast", "--as-of", assigned + timedelta(32), *until)
        return next(one["chance"] for one in found["cases"] if one["ref"] == "N.1")

    eve, day = chance("--until", opens - timedelta(1)), chance("--until", opens)
    assert eve < day
    assert chance("--before", "NFAC-21") == eve


def test_a_reopened_case_counts_once_for_each_time(past):
    past("reopen", "P.1", "--reason", "asked again", "--effective", "2022-12-01")

    basis = past.json(*ASK, "--until", "2023-02-01")["basis"]

    found = {one["state"]: (one["spells"], one["resolved"]) for one in basis}
    assert found["under_study"] == (13, 12)


def test_every_format_has_the_same_chances(past, tmp_path):
    until = ("--until", (DAY + timedelta(60)).isoformat())
    for ending in ("json", "csv", "html", "xlsx", "docx", "ics"):
        file = tmp_path / f"forecast.{ending}"
        past(*ASK, *until, "--output", file)
        assert file.stat().st_size > 0
    assert "O.1" in (tmp_path / "forecast.html").read_text("utf-8")
    assert ",15," in (tmp_path / "forecast.csv").read_text("utf-8")
