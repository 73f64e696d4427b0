def test_a_case_goes_all_the_way(office, case):
    ref = case("resolved")

    shown = office.json("show", ref)
    assert shown["state"] == "resolved"
    assert shown["resolved_on"] == "2022-11-01"
    assert office.json("audit", "verify")["ok"] is True
