"""The organisations of Viet Nam a register may begin with: counts, dates, who took over."""

import csv
from datetime import date, timedelta

import pytest
from offices import Shell

from casework.kinds.records import Organisation
from casework.office.demo import make_register
from casework.questions import lookup
from casework.store import db, upgrades

LAST, FIRST = date(2025, 6, 30), date(2025, 7, 1)
SEED = upgrades.bundled("seeds") / "vn.csv"


@pytest.fixture(scope="module")
def seeded(tmp_path_factory):
    path = str(tmp_path_factory.mktemp("seed") / "vn.db")
    make_register(path, with_holidays=False, directory="vn")
    return Shell(path)


@pytest.fixture(scope="module")
def bodies(seeded):
    with db.open_store(seeded.url).reading() as connection:
        return {one.code: one for one in lookup.directory(connection, Organisation)}


def there(bodies, day, kind):
    return {one.name for one in bodies.values() if one.org_kind == kind and one.exists(day, day)}


def test_there_are_34_provinces_and_cities_and_were_63(bodies):
    now, before = (there(bodies, day, "locality") for day in (FIRST, LAST))

    assert len(now) == 34
    assert len([one for one in now if one.startswith("Tỉnh ")]) == 28
    assert {one for one in now if one.startswith("Thành phố ")} == {
        *("Thành phố Hà Nội", "Thành phố Huế", "Thành phố Hải Phòng", "Thành phố Đà Nẵng"),
        *("Thành phố Cần Thơ", "Thành phố Hồ Chí Minh"),
    }
    assert len(before) == 63
    # Until the end of 2024 Huế was a province of another name; there were as many.
    last_year = there(bodies, date(2024, 12, 31), "locality")
    assert last_year - before == {"Tỉnh Thừa Thiên Huế"}
    assert len(last_year) == 63


def test_a_province_of_before_says_what_it_became(bodies):
    ended = [one for one in bodies.values() if one.valid_to == LAST]
    made = {}
    for one in ended:
        made.setdefault(one.successor, set()).add(one.name)

    assert len(ended) == 52
    assert len(made) == 23
    assert sorted(map(len, made.values())) == [2] * 17 + [3] * 6
    assert all(bodies[code].valid_from == FIRST for code in made)
    assert made["phu-tho"] == {"Tỉnh Phú Thọ", "Tỉnh Vĩnh Phúc", "Tỉnh Hòa Bình"}
    assert made["hcmc"] >= {"Tỉnh Bình Dương", "Tỉnh Bà Rịa – Vũng Tàu"}
    # A new one has the name of one of those it was made of.
    assert all(bodies[code].name in names for code, names in made.items())


def test_the_government_has_14_ministries_and_3_bodies_of_their_rank(bodies):
    day = date(2025, 3, 1)
    ministries = there(bodies, day, "ministry")
    ended = {one.code: one.successor for one in bodies.values() if one.org_kind == "ministry"}
    ended = {code: heir for code, heir in ended.items() if heir}

    assert len(ministries) == 17
    assert len([one for one in ministries if one.startswith("Ministry ")]) == 14
    assert len(there(bodies, day - timedelta(1), "ministry")) == 17 - 2 + 7
    assert ended == {
        "mpi": "mof",
        "mot": "moc",
        "mic": "most",
        "molisa": "moha",
        "monre": "mae",
        "mard": "mae",
        "cema": "mera",
    }
    assert bodies["cer"].successor == "mofa"


@pytest.mark.parametrize(
    ("words", "code"),
    [
        *(("tinh son la", "son-la"), ("UBND tỉnh Sơn La", "son-la"), ("son la", "son-la")),
        *(("tp. hcm", "hcmc"), ("ubnd thanh pho ha noi", "ha-noi"), ("tuyen quang", "tuyen-quang")),
        *(("Bộ VHTT&DL", "mcst"), ("bo ngoai giao", "mofa"), ("BKHĐT", "mpi")),
        *(("Ban Đối ngoại Trung ương", "cer"), ("hoi nong dan viet nam", "vnfu")),
    ],
)
def test_a_body_is_found_as_people_write_it(seeded, words, code):
    assert seeded.json("org", "show", words)["code"] == code


def test_the_same_file_is_imported_later_and_is_then_there(seeded, new_store):
    assert seeded.json("org", "import", SEED)["unchanged"] == 142
    error = seeded.refused(5, "init", "--seed", "vn")
    assert "org import" in error["hint"]
    later = Shell(new_store())
    assert later.json("org", "import", SEED)["created"] == 142
    later("audit", "verify")
    seeded("audit", "verify")


def test_every_row_that_says_when_says_where_that_is_known_from():
    with SEED.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))

    assert all(row["name_vi"] for row in rows)
    assert [
        row["code"] for row in rows if (row["valid_from"] or row["valid_to"]) and not row["source"]
    ] == []


def test_a_register_begins_with_it_in_the_same_command_or_not_at_all(tmp_path):
    new = Shell(str(tmp_path / "new.db"))
    rehearsed = new("init", "--no-holidays", "--seed", "vn", "--dry-run")
    assert "142" in rehearsed.stderr
    assert not (tmp_path / "new.db").exists()
    new("init", "--no-holidays", "--seed", "vn")
    assert len(new.json("org", "list")) == 142
