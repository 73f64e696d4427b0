"""`audit verify`: acts that the verbs and the server refuse, written into a consistent log."""

from copy import deepcopy

from forging import appended, last_of, read_log, verdict


def day_of(entries):
    return entries[-1][0]["recorded_at"][:10]


def forged(entries, like, act, changes=None, *, actor="hoa", day=None, **said):
    """Append an act, of today, that says nothing but what is given."""
    said = {"act": act, "actor": actor, "effective_on": day or day_of(entries), **said}
    body, values = appended(entries, like, **said)
    for name in {"amends", "strikes", "document_date", "deputy_of"} - said.keys():
        body.pop(name, None)
    for name, pair in (changes or {}).items():
        body["changes"][name] = [*pair]
    return body, values


def number_of(entries, key, act):
    return next(
        seq for seq, (one, _) in enumerate(entries) if (one["key"], one["act"]) == (key, act)
    )


# --- what an act is about --------------------------------------------------------------------


def it_amends_an_event_of_another_case(entries):
    seq = number_of(entries, "A.9", "assign")
    forged(
        entries, "003-21", "correct", {"due": ("2022-09-30", "2023-01-01")}, amends=seq, reason="r"
    )
    return f"it amends event {seq}, which was no event of this case"


def it_amends_an_event_there_is_not(entries):
    forged(
        entries, "003-21", "correct", {"due": ("2022-09-30", "2023-01-01")}, amends=9999, reason="r"
    )
    return "it amends event 9999, which was no event of this case"


def it_strikes_out_an_event_of_another_case(entries):
    seq = number_of(entries, "A.9", "assign")
    forged(entries, "003-21", "correct", strikes=seq, reason="r")
    return f"it strikes out event {seq}, which was no event of this case"


def it_strikes_out_an_event_to_come(entries):
    seq = len(entries) + 1
    forged(entries, "NFAC-20.002", "correct", strikes=seq, reason="r")
    forged(entries, "NFAC-20.002", "note", note="later")
    return f"it strikes out event {seq}, which was no event of this case"


def it_strikes_out_without_a_reason(entries):
    forged(entries, "NFAC-20.002", "correct", strikes=number_of(entries, "NFAC-20.002", "note"))
    return "what strikes out an event has a reason, and changes nothing"


def it_strikes_out_and_changes(entries):
    seq, changes = number_of(entries, "NFAC-20.002", "note"), {"due": ("2023-12-31", "2099-01-01")}
    forged(entries, "NFAC-20.002", "correct", changes, strikes=seq, reason="r")
    return "what strikes out an event has a reason, and changes nothing"


def a_note_strikes_out(entries):
    seq = number_of(entries, "NFAC-20.002", "note")
    forged(entries, "NFAC-20.002", "note", strikes=seq, note="n")
    return "only a correction of a case is about another event; note is not"


def a_note_amends(entries):
    seq = number_of(entries, "NFAC-20.002", "note")
    forged(entries, "NFAC-20.002", "note", amends=seq, note="n")
    return "only a correction of a case is about another event; note is not"


def an_edit_of_a_person_amends(entries):
    seq, _ = last_of(entries, "lan")
    forged(entries, "lan", "edit", {"offices": ([], [])}, amends=seq)
    return "only a correction of a case is about another event; edit is not"


# --- what an event says ----------------------------------------------------------------------


def it_is_in_a_format_that_asks_less(entries):
    forged(entries, "003-21", "note", note="n", v=1)
    return "its format is 1, in which nothing is recorded under these rules"


def it_names_no_login(entries):
    body, values = forged(entries, "003-21", "note", note="n")
    del body["login"], values["login"]
    return "it does not say by which login it was recorded"


def its_document_has_a_date_and_no_name(entries):
    forged(entries, "003-21", "note", note="n", document_date="2020-01-01")
    return "its document is of 2020-01-01, and is not named"


def its_document_is_of_a_day_to_come(entries):
    forged(entries, "003-21", "note", note="n", document="1/CV", document_date="2098-01-01")
    return "its document is of 2098-01-01, and is not named, or that day was still to come"


def no_rules_are_entered(entries):
    forged(entries, "register", "rules", actor="thanh")
    return "it enters no rules"


def it_bears_the_label_of_a_source(entries):
    day, like = day_of(entries), number_of(entries, "003-21", "propose")
    changes = {"proposer": (None, "vufo"), "reported": (None, "the minister")}
    changes |= {"state": (None, "proposed"), "state_since": (None, day), "proposed_on": (None, day)}
    body, values = forged(entries, "003-21", "propose", changes, key="NEW.1")
    body["changes"]["title"] = entries[like][0]["changes"]["title"]
    values["title.1"] = entries[like][1]["title.1"]
    return "event 99, propose case NEW.1"


def a_loss_is_called_a_trial(entries):
    body, _ = forged(entries, "register", "loss", reason="r")
    register = next(one for one, _ in entries if one["key"] == "register")
    origin = register["changes"]["origin"][1]
    lost = ["trial", origin, "5", "ab" * 32, "6", "cd" * 32, "5", ""]
    body["changes"] = {"origin": [origin, f"{origin}/2"], "origins": [[], [lost]]}
    return "loss register register, was not allowed"


# --- owners, officers, causes ----------------------------------------------------------------


def given_to(owner, entries):
    """Take the case of mofa and its officer, and give it to another owner."""
    changes = {"owner": ("mofa", owner), "officer": ("lan", None)}
    forged(entries, "003-21", "reassign", changes, reason="r")


def a_collective_is_given_a_case(entries):
    given_to("central", entries)
    return "central is a collective, which owns no case"


def a_body_that_ended_is_given_a_case(entries):
    given_to("cnv", entries)
    return "cnv did not exist on"


def an_officer_works_elsewhere(entries):
    forged(entries, "003-21", "reassign", {"officer": ("lan", "minh")}, reason="r")
    return "minh worked neither at mofa nor at a body below it"


def it_was_late_for_a_cause_that_is_not_given_any_more(entries):
    changes = {
        "due": ("2023-12-31", "2099-09-30"),
        "extensions": (2, 3),
        "late_cause": (None, "slow"),
    }
    forged(entries, "NFAC-20.002", "extend", changes, reason="r")
    return "slow"


def it_was_late_for_no_cause(entries):
    forged(
        entries,
        "storm",
        "edit",
        {
            "retired_on": (
                entries[last_of(entries, "storm")[0]][0]["changes"]["retired_on"][1],
                None,
            )
        },
    )
    changes = {"due": ("2023-12-31", "2099-09-30"), "extensions": (2, 3)}
    forged(entries, "NFAC-20.002", "extend", changes, reason="r")
    return "NFAC-20.002"


FORGERIES = (
    it_amends_an_event_of_another_case,
    it_amends_an_event_there_is_not,
    it_strikes_out_an_event_of_another_case,
    it_strikes_out_an_event_to_come,
    it_strikes_out_without_a_reason,
    it_strikes_out_and_changes,
    a_note_strikes_out,
    a_note_amends,
    an_edit_of_a_person_amends,
    it_is_in_a_format_that_asks_less,
    it_names_no_login,
    its_document_has_a_date_and_no_name,
    its_document_is_of_a_day_to_come,
    no_rules_are_entered,
    it_bears_the_label_of_a_source,
    a_loss_is_called_a_trial,
    a_collective_is_given_a_case,
    a_body_that_ended_is_given_a_case,
    an_officer_works_elsewhere,
    it_was_late_for_a_cause_that_is_not_given_any_more,
    it_was_late_for_no_cause,
)


def test_a_forged_act_is_named(rich):
    honest = read_log(rich)
    assert verdict(rich, deepcopy(honest)) == "in order"
    for forge in FORGERIES:
        entries = deepcopy(honest)
        said = forge(entries)
        found = verdict(rich, entries)
        assert said in found, forge.__name__
        assert "was not allowed" in found


def test_an_event_is_struck_out_once(rich):
    entries = read_log(rich)
    seq = number_of(entries, "NFAC-20.002", "note")
    forged(entries, "NFAC-20.002", "correct", strikes=seq, reason="r")
    assert verdict(rich, deepcopy(entries)) == "in order"
    forged(entries, "NFAC-20.002", "correct", strikes=seq, reason="r")
    said = verdict(rich, entries)
    assert f"event {len(entries) - 1}, correct case NFAC-20.002" in said
    assert f"it strikes out event {seq}, which was no event of this case then, or was out" in said


# --- two people ------------------------------------------------------------------------------


def decided(office):
    """Let hoa correct what van asked for on a resolved case; return the log of it."""
    for code in ("van", "hoa"):
        office("person", "add", code, "--name", code, "--org", "mofa", "--role", "secretariat")
        office("person", "edit", code, "--login", f"{code}-login")
    office("policy", "four-eyes", "on", "--reason", "Decision 12")
    words = ("--field", "due", "--to", "2023-01-31", "--reason", "misread", "--document", "1/CV")
    office("correct", "A.1", *words, "--document-date", "2023-01-02", "--by", "van")
    office("request", "confirm", "A.1.R1")
    return read_log(office)


def test_what_two_decided_is_about_the_event_that_was_asked_for(office, case):
    case("resolved", ref="A.1")
    honest = decided(office)
    asked, confirmed, done = (one for one, _ in honest[-3:])
    assert (asked["act"], confirmed["act"], done["act"]) == ("ask", "confirm", "correct")
    assert verdict(office, deepcopy(honest)) == "in order"

    entries = deepcopy(honest)
    entries[-1][0]["document_date"] = "2022-01-01"
    said = verdict(office, entries)
    assert f"event {len(honest) - 1}, correct case A.1" in said
    assert "document_date is not what was asked for and confirmed" in said

    entries = deepcopy(honest)
    del entries[-1][0]["amends"]
    assert "amends is not what was asked for and confirmed" in verdict(office, entries)


def test_who_asks_for_a_decision_may_take_it(office, case):
    case("resolved", ref="A.1")
    entries = decided(office)
    asked, _ = entries[-3]
    asked["actor"] = asked["changes"]["asked_by"][1] = "chi"
    assert "whoever asked for it may not do it: chi" in verdict(office, entries)


def test_no_case_is_taken_out_while_a_request_on_it_waits(office, case):
    case("resolved", ref="A.1")
    case(ref="A.2")
    entries = decided(office)
    office("request", "list")
    asked = deepcopy(entries[-3])
    asked[0]["key"], asked[0]["changes"]["subject"][1] = "A.2.R1", "A.2"
    del asked[0]["command"]
    entries.append(asked)
    forged(entries, "A.2", "correct", strikes=number_of(entries, "A.2", "propose"), reason="r")
    said = verdict(office, entries)
    assert f"event {len(entries) - 1}, correct case A.2" in said
    assert "out of the register while A.2.R1 waits for a second person" in said


def test_two_people_are_there_before_two_decide(office):
    entries = read_log(office)
    body, _ = forged(entries, "register", "policy", actor="registrar", reason="r")
    body["changes"] = {"four_eyes": [None, day_of(entries)]}
    assert "two people decide only where two may, each with a login" in verdict(office, entries)


# --- imports and papers ----------------------------------------------------------------------


def test_an_import_says_how_many_cases_it_made(office, tmp_path, engine):
    file = tmp_path / "a.csv"
    rows = [f"B.{number},T{number},vufo" for number in (1, 2, 3)]
    file.write_text("\n".join(("ref,title,proposer", *rows)), "utf-8")
    office("import", file)
    again = tmp_path / "b.csv"
    again.write_text("\n".join(("ref,title,proposer", *rows, "B.4,T4,vufo")), "utf-8")
    office("import", again)
    honest = read_log(office)
    assert verdict(office, deepcopy(honest)) == "in order"

    entries = [one for one in deepcopy(honest) if one[0]["key"] != "B.2"]
    last = number_of(entries, honest[number_of(honest, "B.4", "propose") - 1][0]["key"], "import")
    said = verdict(office, entries)
    if engine != "sqlite":
        assert said == "in order"
        return
    assert f"event {last}, import" in said
    assert "it says that it made 3 cases, but the log has 2" in said

    entries = deepcopy(honest)
    entries[-1][0]["changes"]["created"][1] = 2
    assert "it says that it made 2 cases, but the log has 1" in verdict(office, entries)


def test_a_paper_names_the_log_as_it_was(office, case, tmp_path, engine):
    case(ref="A.1")
    office("office", "set", "--name", "Secretariat", "--place", "Hue", "--series", "BC")
    office("paper", "issue", "overdue", "--output", tmp_path / "paper.docx")
    office("note", "A.1", "afterwards")
    honest = read_log(office)
    assert verdict(office, deepcopy(honest)) == "in order"
    issued = next(seq for seq, (one, _) in enumerate(honest) if one["act"] == "issue")

    for name, value in (("log_root", "ab" * 32), ("log_size", 3), ("log_size", 10**6)):
        entries = deepcopy(honest)
        entries[issued][0]["changes"][name][1] = value
        said = verdict(office, entries)
        if engine == "sqlite":
            assert f"event {issued}, issue" in said
            assert "the log never had the root" in said
        else:
            assert said == "in order"
