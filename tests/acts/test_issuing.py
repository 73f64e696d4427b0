"""The office that issues papers: what their head and foot say of it."""

SET = ("office", "set", "--name", "Ban Thư ký", "--place", "Hà Nội", "--series", "BC-BTK")
OTHERS = ("--recipient", "Các bộ", "--recipient", "Các tỉnh", "--signatory", "Trần Văn A")


def test_an_office_is_said_once_and_changed_in_part(office):
    office.refused(3, "office", "show")
    office.refused(2, "office", "set", "--place", "Hà Nội")
    first = office.json(*SET, *OTHERS)
    second = office.json("office", "set", "--recipient", "Lưu", "--clear", "place")

    assert (first["place"], first["copied_to"]) == ("Hà Nội", ["Các bộ", "Các tỉnh"])
    assert (second["place"], second["copied_to"]) == (None, ["Lưu"])
    assert second["number_series"] == "BC-BTK"
    assert office.json("office", "show") == second
    assert [one["act"] for one in office.json("audit", "log", "--field", "place")] == [
        "add",
        "edit",
    ]
    office("audit", "verify")


def test_what_cannot_be_said_of_an_office_is_refused(office):
    office(*SET, *OTHERS)

    office.refused(4, *SET)
    office.refused(4, "office", "set")
    office.refused(2, "office", "set", "--name", " ")
    assert "superior" in office.refused(2, "office", "set", "--clear", "name")["hint"]
    office.refused(2, "office", "set", "--clear", "place", "--place", "Huế")
    office.refused(6, "office", "set", "--place", "Huế", "--by", "lan")
    assert office.json("office", "show")["version"] == 1


def test_who_signs_is_named_by_a_value_that_can_be_erased(office):
    office(*SET, *OTHERS)
    event = office.json("audit", "log", "--field", "signatory")[0]["seq"]
    law = ("--basis", "Law 91/2025/QH15", "--consent", "chi")
    office("redact", "--event", event, "--field", "signatory", *law)

    assert office.json("office", "show")["signatory"] is None
    office("audit", "verify")
