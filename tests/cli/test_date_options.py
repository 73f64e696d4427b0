"""Every option that takes a date takes it as people type it: the same forty phrases each."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

import click
import pytest
import time_machine
from click.testing import CliRunner
from command_tree import commands
from offices import Shell
from phrases import PHRASES

from casework import cli
from casework.cli import dates as options
from casework.cli.settings import Settings
from casework.questions import due_dates
from casework.rules import dates
from casework.system.clock import DEFAULT_ZONE, first_moment, last_moment
from casework.words import has, long_date, word

NOW = time_machine.travel(datetime.fromisoformat("2026-11-26T02:00:00+00:00"), tick=False)

FORTY = """
2027-06-30 | 30/6/2027 | 30.6.2027 | 30 / 6 / 2027 | 20270630 | 30-Jun-2027 | June 30, 2027
ngày 30 tháng 6 năm 2027 | chậm nhất 30/6/2027 | đến hết quý II/2027 | cuối tháng 6/2027
30/6 | 5/6 | 30 tháng 6 | June 30 | hết tháng 6 | giữa năm | hôm nay | mai | yesterday
thứ sáu | T6 | next friday | this friday | thứ 2 tuần sau | last monday | eow | cuối tháng
trong tháng 6/2027 | T6/2027 | tháng sáu | Q2 | quý II/2027 | 6 tháng đầu năm 2027 | 2027
tuần sau | 2027-W05 | 2 tuần trước | hai tuần nữa | trong thời hạn 15 ngày làm việc
30 ngày làm việc nữa | trước hội nghị | 2 weeks before NFAC-22 | hội nghị lần thứ 22
trước tết | 31/2 | 5/6/26 | thang sau | 0027-06-30 | soon
""".replace("\n", " | ").split(" | ")
MEANING = {phrase: (coming, past) for phrase, coming, past in PHRASES}
MEANING["30 ngày làm việc nữa"] = ("2027-01-08", "2027-01-08")
WORDS = [phrase for phrase in FORTY if phrase]


def takes_date(option):
    return isinstance(option.type, (options.Day, options.Moment))


OPTIONS = [
    (path, command, option)
    for path, command in commands()
    for option in command.params
    if takes_date(option)
]


def test_every_date_is_named_in_either_language():
    named = {options._heading(option) for _, _, option in OPTIONS}

    assert [one for one in named if not has(f"word.{one}")] == []
    assert [one for one in named if word(one, "vi") in {word(one), word("to", "vi")}] == []


def line(path, command, option, phrase):
    """Return a command line that gives an option this phrase, and all else that it must have."""
    words, behind = list(path), []
    for other in command.params:
        if other is option:
            value = phrase
        elif not other.required and other.name not in {"ref", "code"}:
            continue
        elif isinstance(other.type, click.Choice):
            value = other.type.choices[0]
        else:
            value = "2026-01-05" if takes_date(other) else "x.pdf"
        if isinstance(other, click.Argument):
            # The second word of a note is its text.
            behind += [value, value] if path[-1] == "note" else [value]
        else:
            words.append(f"{other.opts[0]}={value}")
    return [*words, "--", *behind]


@pytest.fixture(scope="module")
def register(tmp_path_factory):
    """A register of that day, with the holidays of Viet Nam and the next conference."""
    folder = tmp_path_factory.mktemp("dates")
    path = str(folder / "register.db")
    # It is made before the fixture that puts each test into a home of its own.
    with NOW, pytest.MonkeyPatch.context() as patch:
        patch.setenv("HOME", str(folder))
        patch.delenv("XDG_CONFIG_HOME", raising=False)
        for words in (
            ["init"],
            ["conference", "add", "NFAC-22", "--number", "22", "--date", "2026-12-18"],
        ):
            assert CliRunner().invoke(cli.casework, ["--db", path, *words]).exit_code == 0
    return path


AS_TYPED = (options.DayAsTyped, options.MomentAsTyped)
"""The types of options that give what was typed, which the question settles."""


def understood(value, option, connection):
    """Return the day a command was given, whatever it was given it as; inside that command."""
    today = date(2026, 11, 26)
    if isinstance(option.type, AS_TYPED):
        return due_dates.settle(connection, dates.parse(value), today, today, option.type.use).day
    match value:
        case dates.Typed():
            return due_dates.settle(connection, value, today, today, option.type.use).day
        case int():
            return date(value, 12, 31)
        case date():
            return value
    moment = options.instant(connection, value)
    edge = first_moment if option.type.use is dates.SINCE else last_moment
    day = moment.astimezone(ZoneInfo(DEFAULT_ZONE)).date()
    assert moment == edge(day, DEFAULT_ZONE)
    return day


def meant(option, phrase):
    """Return the day the table of phrases gives this option, or None."""
    use = option.type.use
    first, *more = MEANING[phrase][use.past].split()
    if first == "refused":
        return None
    if use.edge is None and more:
        # A conference may be known by its year alone.
        plain = type(option.type) in {options.Day, options.DayAsTyped}
        known = not plain and "-12-31 year" in " ".join(more)
        return more[0] if known else None
    return first if use.edge == "first" or not more else more[0]


def test_there_are_forty_phrases_and_options_of_every_use():
    assert len(WORDS) >= 40
    assert MEANING.keys() >= set(WORDS)
    assert len(OPTIONS) > 50
    assert {option.type.use for _, _, option in OPTIONS} == {
        getattr(dates, name) for name in ("AHEAD", "BY", "COMING", "ON", "SINCE", "UNTIL")
    }


USES = {
    "--due": dates.BY,
    "--since": dates.SINCE,
    "--as-of": dates.UNTIL,
    "--known-at": dates.UNTIL,
    "--and": dates.UNTIL,
    "--from": dates.SINCE,
    "--to": dates.UNTIL,
    "--effective": dates.ON,
    "--document-date": dates.ON,
    "--valid-from": dates.ON,
    "--on": dates.ON,
    "--date": dates.COMING,
    "--due-before": dates.COMING,
    "day": dates.COMING,
    "--due-within": dates.AHEAD,
    "--changed-since": dates.SINCE,
    "--until": dates.AHEAD,
}
"""What each option makes of a date; the log's --until looks back."""


def test_each_option_makes_of_a_date_what_its_name_says():
    found = {(" ".join(path), option.opts[0]): option.type.use for path, _, option in OPTIONS}

    assert found.pop(("audit log", "--until")) == dates.UNTIL
    # Somebody will be away.
    assert found.pop(("person away", "--from")) == dates.COMING
    assert found.pop(("person away", "--to")) == dates.AHEAD
    assert {(name, use) for (_, name), use in found.items()} <= set(USES.items())


def test_no_option_is_told_to_take_a_date_and_takes_something_else():
    named = [
        (" ".join(path), option.opts)
        for path, command in commands()
        for option in command.params
        if option.metavar in {"DATE", "TIMESTAMP", "DAY"} and not takes_date(option)
    ]

    assert named == []


@pytest.mark.parametrize(
    ("path", "command", "option"),
    OPTIONS,
    ids=[f"{' '.join(path)} {option.opts[0]}" for path, _, option in OPTIONS],
)
def test_every_option_takes_the_same_forty_phrases(
    register, monkeypatch, path, command, option, much
):
    found = []
    # Each phrase is tried with some options, and each option with some phrases.
    begin, step = OPTIONS.index((path, command, option)), much(2, 1)
    with NOW, Settings(db=register).reading() as connection:

        def callback(**options):
            found.append(understood(options[option.name], option, connection))

        monkeypatch.setattr(command, "callback", callback)
        for phrase in [*WORDS][begin % step :: step]:
            found.clear()
            words = line(path, command, option, phrase)
            result = CliRunner().invoke(cli.casework, ["--db", register, *words])
            day = meant(option, phrase)
            if day is None:
                assert (result.exit_code, found) == (2, []), (phrase, result.output)
                continue
            assert result.exit_code == 0, (phrase, result.stderr, result.exception)
            assert found == [date.fromisoformat(day)], phrase
            # A due date is told by its verb, which this is not; a year alone needs no telling.
            # So is one that the question settles.
            if not isinstance(option.type, (options.Due, *AS_TYPED)) and phrase != "2027":
                assert result.stderr.count(long_date(found[0])) == (phrase != day), phrase


@pytest.mark.parametrize(("field", "use"), [("due", dates.BY), ("assigned_on", dates.ON)])
def test_a_correction_takes_them_too(tmp_path, field, use):
    shell = Shell(str(tmp_path / "register.db"))
    with NOW:
        shell("init")
        shell("org", "add", "mofa", "--name", "M")
        shell("conference", "add", "NFAC-22", "--number", "22", "--date", "2026-12-18")
        given = ("--title", "T", "--proposer", "mofa", "--effective", "2019-12-02")
        shell("propose", "--ref", "A.1", *given)
        words = ("--owner", "mofa", "--due", "2020-06-30", "--effective", "2020-01-06")
        shell("assign", "A.1", *words)
        reason = ("--reason", "misread", "--effective", "2026-11-26", "--dry-run")
        for phrase in WORDS:
            first, *more = MEANING[phrase][use.past].split()
            result = shell.run(
                "correct", "A.1", "--field", field, "--to", phrase, *reason, "--json"
            )
            if first == "refused" or (more and use.edge is None):
                assert result.exit_code == 2, (phrase, result.stderr)
            elif field == "due":
                assert result.json["due"] == (more[0] if more else first), phrase
            else:
                # No assignment lies in the future, nor behind the due date.
                assert result.exit_code == 4, (phrase, result.stderr)
                assert first in result.error["message"], phrase


def test_a_day_is_told_once_however_often_it_is_asked_for(register):
    with NOW:
        told = Shell(register)("list", "--known-at", "hôm nay").stderr

    assert told.count("Thursday, 26 November 2026") == 1
