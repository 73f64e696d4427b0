"""What the acts refuse, with which exit code, and what the refusal tells.

`office.refused` holds each refusal to its exit code, to one line of JSON, and to having changed
nothing, so that many can be tried on one register.
"""

from shlex import split

import pytest

STEPS = {
    # how each act is asked for, as complete as it must be
    "assign": "assign {} --owner vufo --due 2999-01-01",
    "advance": "advance {}",
    "return": "return {} --reason R",
    "close": "close {} --outcome withdrawn --reason R",
    "reopen": "reopen {} --reason R",
    "reassign": "reassign {} --owner vufo --reason R",
    "extend": "extend {} --due 2999-01-01 --reason R",
    "answer": "answer {} --outcome explained --answer A",
    "edit": "edit {} --title Corrected",
    "coordinate": "coordinate {} --with vufo",
    "link": "link {} --relates-to CASE.001",
    "note": "note {} text",
}
POSSIBLE = {
    "proposed": "assign close edit coordinate link note",
    "assigned": "advance return close reassign extend edit coordinate link note",
    "under_study": "advance return reassign extend answer edit coordinate link note",
    "resolved": "reopen edit link note",
}
NEXT = {
    "proposed": "possible now: assign, close",
    "assigned": "possible now: advance, return, close",
    "under_study": "possible now: advance --outcome … --answer …, return",
    "resolved": "possible now: reopen, reopen --as-it-was",
}


@pytest.fixture
def other(office):
    """A case beside the one under test."""
    return office.json(*split("propose --title Other --proposer vufo --effective 2021-12-13"))[
        "ref"
    ]


def refusals(office, code, lines, *refs, told=""):
    """Hold each line to its refusal; `told` must stand in the message or the hint of each."""
    for line in lines.strip().splitlines():
        error = office.refused(code, *split(line.format(*refs)))
        assert told in error["message"] + " | " + error["hint"], line


@pytest.mark.parametrize("state", list(POSSIBLE))
def test_an_act_out_of_order_is_refused_saying_the_state_and_what_is_possible(office, case, state):
    ref = case(state)
    refused = STEPS.keys() - set(POSSIBLE[state].split())
    assert refused

    for verb in sorted(refused):
        error = office.refused(4, *split(STEPS[verb].format(ref)))

        assert f"case {ref} is {state.replace('_', ' ')}" in error["message"]
        if verb == "advance":
            assert f"casework {NEXT[state].split()[2].strip(',')} {ref}" in error["hint"]
        else:
            assert error["hint"] == NEXT[state]


def test_what_a_command_must_be_given_is_named_when_it_lacks(office, case):
    ref = case()
    lacking = {
        "--owner": f"assign {ref} --due 2999-01-01",
        "--due": f"assign {ref} --owner mofa",
        "--title": "propose --proposer vufo",
        "--proposer": "propose --title T",
        "--reason": f"extend {ref} --due 2999-01-01",
        "--outcome": f"answer {ref} --answer A",
        "--answer": f"answer {ref} --outcome explained",
        "--name": "org add new",
        "--org": "person add new --name New",
        "REF": "show",
    }

    for name, line in lacking.items():
        assert name in office.refused(2, *split(line))["message"], line


def test_an_act_on_another_version_than_the_case_is_at_is_refused_and_on_its_own_is_done(
    office, case, other
):
    somewhere = {verb: state for state, verbs in POSSIBLE.items() for verb in verbs.split()}
    steps = STEPS | {"advance": "advance {} --outcome explained --answer A"}
    for verb in STEPS:
        ref = case(somewhere[verb])
        version = office.json("show", ref)["version"]
        words = split(steps[verb].format(ref).replace("CASE.001", other))

        stale = office.refused(5, *words, "--if-version", version - 1)
        done = office.json(*words, "--if-version", version)

        assert f"version {version}, not {version - 1}" in stale["message"]
        assert done["version"] == version + 1


def test_dates_out_of_order_are_refused(office, case):
    proposed, assigned, studied, resolved = map(case, POSSIBLE)
    out_of_order = """
        assign {0} --owner mofa --due 2021-12-12 --effective 2021-12-13
        assign {0} --owner mofa --due 2022-12-31 --effective 2021-12-12
        assign {0} --owner mofa --due 2022-12-31
        assign {0} --owner mofa --due 9999-12-31 --effective 9999-12-30
        propose --title T --proposer vufo --effective 2999-01-01
        note {0} text --effective 2999-01-01
        advance {1} --effective 2022-01-09
        advance {1} --effective 2999-01-01
        close {1} --outcome withdrawn --reason R --effective 2022-01-09
        return {2} --reason R --effective 2022-01-31
        answer {2} --outcome explained --answer A --effective 2022-01-31
        advance {2} --outcome explained --answer A --effective 2022-01-31
        extend {2} --due 2022-12-30 --reason R --effective 2022-02-01
        extend {2} --due 2022-12-31 --reason R --effective 2022-02-01
        extend {2} --due 2023-12-31 --reason R --effective 2024-01-01
        reopen {3} --reason R --effective 2022-10-31
        conference add NFAC-22 --number 22 --date 2023-12-17 --previous NFAC-21
    """

    refusals(office, 4, out_of_order, proposed, assigned, studied, resolved)


def test_a_date_that_does_not_exist_or_is_written_otherwise_is_refused(office, case):
    ref = case()

    for day in ("2018-13-12", "2018-02-30", "13/13/2018", "20181312", "２０１８-12-12", "soon"):
        assert (
            "YYYY-MM-DD"
            in office.refused(2, "assign", ref, "--owner", "mofa", "--due", day)["hint"]
        )


def test_a_number_no_conference_can_have_is_refused(office):
    for number in (0, -1, 2**31, 2**63, "twenty"):
        office.refused(2, *split("conference add X-1 --series x --number"), number)


def test_a_collective_owns_no_case(office, case):
    proposed, assigned = case(), case("assigned")
    lines = """
        assign {} --owner central --due 2999-01-01
        reassign {1} --owner 'các bộ, ngành trung ương' --reason R
    """.replace("{}", "{0}")

    refusals(office, 4, lines, proposed, assigned, told="central is a collective")


def test_an_outcome_needs_what_the_workflow_asks_for_it(office, case):
    assigned, studied = case("assigned"), case("under_study")
    for outcome in ("implemented", "partly-implemented", "explained"):
        line = f"close {assigned} --outcome {outcome} --reason R"
        refusals(office, 4, line, told="superseded, duplicate, transferred")

    refusals(office, 4, f"advance {studied}", told="--outcome … --answer …")
    refusals(office, 4, f"advance {studied} --outcome implemented", told="add --answer …")
    refusals(office, 4, f"advance {studied} --answer A", told="add --outcome …")
    refusals(office, 4, f"advance {assigned} --outcome implemented --answer A", told="under study")
    refusals(office, 2, f"advance {studied} --outcome done --answer A", told="implemented")


def test_an_act_that_would_change_nothing_is_refused(office, case):
    ref = case("assigned", title="Rules")
    office(*split(f"reassign {ref} --owner mofa --officer lan --reason R"))
    nothing = """
        edit {0}
        edit {0} --title Rules
        coordinate {0}
        link {0} --repeats {0}
        reassign {0} --owner mofa --reason R
        reassign {0} --owner mofa --officer lan --reason R
        org edit mofa --name 'Ministry of Foreign Affairs'
        conference move NFAC-20 --date 2021-12-13 --reason R
    """

    refusals(office, 4, nothing, ref)


def test_links_that_would_be_a_circle_are_refused(office, case):
    first, second, third = case(), case(), case()
    office(*split(f"link {second} --repeats {first}"))
    office(*split(f"link {third} --repeats {second}"))

    refusals(office, 4, f"link {first} --repeats {second}", told="circle")
    refusals(office, 4, f"link {first} --repeats {third}", told="circle")


def test_no_act_can_make_the_register_unreadable_as_of_an_earlier_day(office, case, other):
    for verb in ("edit", "coordinate", "link", "note"):
        line = STEPS[verb].format(case()).replace("CASE.001", other)
        office.run(*split(line), "--effective", "1999-01-01")

    for day in ("1998-12-31", "2005-01-01", "2021-12-12"):
        assert office.json("list", "--as-of", day) == []
    assert len(office.json("list", "--as-of", "2021-12-13")) == 5


def test_a_reason_that_must_be_given_may_not_be_empty(office, case):
    ref = case("assigned")

    for line in (
        f"return {ref} --reason ''",
        f"extend {ref} --due 2999-01-01 --reason ' '",
        "org end vufo --on 2022-01-01 --reason ''",
        "person deactivate lan --reason ''",
        "conference move NFAC-20 --date 2021-12-20 --reason ''",
    ):
        words = split(line)
        before = office.head()
        assert office.run(*words).exit_code in {2, 4}, line
        assert office.head() == before
