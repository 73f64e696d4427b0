"""Whom the acts are about and who may do them: names nobody or several have, and every role.

`office.refused` holds each refusal to its exit code, to one line of JSON, and to having changed
nothing, so that many can be tried on one register.
"""

from shlex import split

from offices import alike

STATES = ("proposed", "assigned", "under_study", "resolved")


def refusals(office, code, lines, *refs, told=""):
    """Hold each line to its refusal; `told` must stand in the message or the hint of each."""
    for line in lines.strip().splitlines():
        error = office.refused(code, *split(line.format(*refs)))
        assert told in error["message"] + " | " + error["hint"], line


def test_a_name_nobody_has_is_not_found_and_the_nearest_is_suggested(office, case):
    ref = case()
    unknown = f"""
        assign {ref} --owner mofaa --due 2999-01-01
        assign {ref} --owner hcmc-pc --due 2999-01-01 --with moffa
        propose --title T --proposer 'ministry of foreign affair'
        edit {ref} --addressee mopha
        org show mofas
        list --owner mofaa
    """

    refusals(office, 3, unknown, told="nearest: mofa")
    refusals(office, 3, f"assign {ref} --owner mofa --due 2999-01-01 --officer lann", told="lan")
    refusals(office, 3, f"note {ref} text --by mihn", told="nearest: minh")
    refusals(office, 3, "propose --title T --proposer mofa --conference NFAC-2", told="NFAC-20")
    for words in (
        ref.replace(".", "-"),
        ref.split("-")[1],
        ref.split(".")[1],
        ref.replace(".00", "/"),
    ):
        refusals(office, 3, f"show {words}", told=f"nearest: {ref}")
    refusals(office, 3, "show NFAC-20.009\nnote nfac-20.9 text", told=f"nearest: {ref}")
    refusals(office, 3, "org show zzzzzz", told="casework org list")


def test_a_name_several_have_is_a_conflict_that_lists_them(office, case):
    ref = case()
    office(*split("org add unit-a --name 'First Unit' --alias cnv"))
    alike(office, "unit-b", "CNV")
    office(*split("person add lan2 --name 'Nguyen Thi Lan' --org unit-a"))
    ambiguous = f"""
        assign {ref} --owner cnv --due 2999-01-01
        propose --title T --proposer Cnv
        coordinate {ref} --with cnv
        org show cnv
        list --proposer cnv
    """

    refusals(office, 5, ambiguous, told="unit-a, unit-b")
    refusals(office, 5, f"note {ref} text --by 'nguyễn thị lan'", told="lan, lan2")


def test_a_code_or_reference_that_is_taken_is_a_conflict_whatever_its_case(office, case):
    case(ref="Case-A")
    taken = """
        org add MOFA --name Another
        conference add nfac-20 --number 99 --date 2030-01-01
        conference add NFAC-2O --series nfac-x --number 20
        person add LAN --name Another --org mofa
        propose --ref case-a --title T --proposer vufo
        propose --ref CASE-A --title T --proposer vufo
    """
    office(*split("conference add X-20 --series nfac-x --number 20"))

    refusals(office, 5, taken)
    refusals(office, 5, "conference add another --series NFAC --number 20", told="NFAC-20")


def test_an_inspector_and_an_administrator_write_on_no_case(office, case):
    refs = proposed, assigned, studied, resolved = [case(state) for state in STATES]
    for person in ("thanh", "chi"):
        lines = f"""
            propose --title T --proposer vufo --by {person}
            import - --by {person}
            assign {proposed} --owner vufo --due 2999-01-01 --by {person}
            close {proposed} --outcome withdrawn --reason R --by {person}
            coordinate {proposed} --with vufo --by {person}
            advance {assigned} --by {person}
            return {assigned} --reason R --by {person}
            reassign {assigned} --owner vufo --reason R --by {person}
            extend {assigned} --due 2999-01-01 --reason R --by {person}
            answer {studied} --outcome explained --answer A --by {person}
            advance {studied} --outcome explained --answer A --by {person}
            reopen {resolved} --reason R --by {person}
            edit {resolved} --title Corrected --by {person}
            link {resolved} --relates-to {proposed} --by {person}
            note {resolved} text --by {person}
            correct {resolved} --field title --to T --reason R --by {person}
            redact {resolved} --field answer --basis B --consent chi --by {person}
        """

        refusals(office, 6, lines, *refs, told=f"{person} may not")


def test_an_inspector_registers_nothing_and_an_administrator_does(office):
    lines = """
        org add new --name New
        org edit vufo --name 'New Union'
        person add new --name New --org mofa
        person edit lan --role secretariat
        conference add NFAC-22 --number 22 --date 2026-12-18
        conference move NFAC-21 --date 2023-12-19 --reason R
    """

    refusals(office, 6, "\n".join(f"{line} --by thanh" for line in lines.strip().splitlines()))
    for line in lines.strip().splitlines():
        office(*split(line), "--by", "chi")


def test_a_desk_of_another_organisation_may_not_move_a_case(office, case):
    office(*split("person add huong --name Hương --org vufo --role desk"))
    assigned, studied = case("assigned"), case("under_study")
    others = """
        advance {0} --by huong
        return {0} --reason R --by huong
        answer {1} --outcome explained --answer A --by huong
        note {0} text --by huong
        advance {0} --by minh
        answer {1} --outcome explained --answer A --by minh
    """

    refusals(office, 6, others, assigned, studied, told="only")


def test_the_desk_of_the_owner_may_neither_resolve_nor_decide_on_its_deadline(office, case):
    proposed, assigned, studied, resolved = (case(state) for state in STATES)
    for_the_secretariat = """
        assign {0} --owner mofa --due 2999-01-01 --by lan
        close {1} --outcome withdrawn --reason R --by lan
        hold {1} --reason R --by lan
        reassign {1} --owner vufo --reason R --by lan
        edit {1} --title T --by lan
        correct {1} --field title --to T --reason R --by lan
        advance {2} --outcome implemented --answer A --by lan
        return {2} --reason R --by lan
        reopen {3} --reason R --by lan
        propose --title T --proposer mofa --by lan
        org add new --name New --by lan
        import - --by lan
    """

    refs = proposed, assigned, studied, resolved
    refusals(office, 6, for_the_secretariat, *refs, told="only secretariat")
