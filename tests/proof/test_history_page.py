"""What people read in a bundle, history.html and history.txt: right, and found false if changed."""

import json
import re
import shutil
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from shlex import split

import pytest
from bundles import exported, signing_key, verdict
from hypothesis import given, settings
from hypothesis import strategies as st
from offices import strict_office

from casework.kinds.records import Case
from casework.log import verify_bundle, verify_page
from casework.questions import history
from casework.rules import workflow
from casework.words import has

EARLIER = Path(__file__).parents[1] / "data" / "bundle-without-page"
PAGES = ("history.html", "history.txt")


@pytest.fixture
def engine():
    return "sqlite"


class Table(HTMLParser):
    """The cells of a page, by language; the names of its elements, and what they link to."""

    def __init__(self, data):
        super().__init__()
        self.lang, self.rows, self.cell = "", {"vi": [], "en": []}, None
        self.tags, self.links = set(), []
        self.feed(data.decode("utf-8"))

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        known = dict(attrs)
        self.links += [known[name] for name in ("href", "src") if name in known]
        if tag == "section":
            self.lang = known["id"]
        if tag == "tr":
            self.rows[self.lang].append([])
        if tag == "td":
            self.cell = ""

    def handle_endtag(self, tag):
        if tag == "td":
            self.rows[self.lang][-1].append(self.cell)
            self.cell = None

    def handle_data(self, data):
        if self.cell is not None:
            self.cell += data


def page_of(folder):
    return Table((folder / "history.html").read_bytes())


def events_of(shell, ref):
    from casework.questions import audit_log

    with shell.store().reading() as connection:
        return audit_log.history(connection, ref)


def told_by(teller, events):
    """Return what the page tells of each event: its number, fields told, and what is said."""
    found = []
    for (_, at, _, _), told, why, _ in teller.rows(events):
        found.append((int(re.match(r"#(\d+)", at)[1]), [one for one in told if one[0]], why))
    return found


def agrees(shell, folder, ref):
    """Check that the page has the same acts, fields and reasons as `casework history`."""
    cases, names = verify_page.gathered(folder)
    english = verify_page.SAYS["en"]
    rows = told_by(verify_page.Teller("en", names), cases[ref])
    events = events_of(shell, ref)
    assert [seq for seq, _, _ in rows] == [event.seq for event in events]
    for (_, told, why), event in zip(rows, events, strict=True):
        facts = [*history.facts(event)]
        fields = [one.name for one in facts if one.name not in {"note", "reason"}]
        fields = [name for name in fields if name not in {"document", "document_date"}]
        assert [one[0] for one in told] == [english.get(f"field.{name}") for name in fields]
        said = [one.after for one in facts if one.name in {"note", "reason"}]
        for words in said:
            assert any(verify_page.seen(str(words)) in line for line in why)
        for fact, (_, old, new) in zip(facts, told, strict=False):
            if isinstance(fact.after, str) and fact.name in {"title", "answer", "summary"}:
                assert new == verify_page.seen(fact.after)
            assert (old != "") == fact.changed


def test_a_page_tells_in_both_languages_what_was_done_by_whom_and_why(office, case, tmp_path):
    ref = case("assigned", title="Rules for offices")
    office(*split(f"extend {ref} --due 2088-06-30 --reason 'two hearings' --document 7/CV"))
    exported(office, tmp_path / "one", ref, key=signing_key(office))
    text = (tmp_path / "one" / "history.txt").read_text("utf-8")
    page = page_of(tmp_path / "one")

    assert verdict(office, tmp_path / "one") == 0
    for words in (
        *("chủ trì: – → Bộ Ngoại giao (mofa)", "owner: – → Ministry of Foreign Affairs (mofa)"),
        *("hạn: 31/12/2022 → 30/06/2088", "due: 2022-12-31 → 2088-06-30", "lý do: two hearings"),
        *("reason: two hearings", "document: 7/CV", "gia hạn", "trạng thái: được kiến nghị → đã"),
    ):
        assert words in text
    for lang in ("vi", "en"):
        rows = [" ".join(row) for row in page.rows[lang]]
        assert any("two hearings" in row and "7/CV" in row for row in rows)
    assert page.tags.isdisjoint({"script", "img", "link", "iframe", "object", "form"})
    assert set(page.links) == {"#vi", "#en"}
    agrees(office, tmp_path / "one", ref)


def test_what_an_imported_file_told_is_told_in_the_words_of_the_page(office, tmp_path):
    (tmp_path / "list.csv").write_text("ref,title,proposer\nA.1,Ports,hcmc-pc\n", "utf-8")
    office("import", tmp_path / "list.csv")
    (tmp_path / "more.csv").write_text("ref,title,proposer\nA.2,Roads,hcmc-pc\n", "utf-8")
    office("import", tmp_path / "more.csv", "--reported-by", "the ministry's letter")
    exported(office, tmp_path / "one", "A.1", "A.2", key=signing_key(office))
    text = (tmp_path / "one" / "history.txt").read_text("utf-8")

    assert verdict(office, tmp_path / "one") == 0
    assert re.search(r"^ +told by a source: file [0-9a-f]{12}$", text, re.MULTILINE)
    assert re.search(r"^ +theo nguồn: tệp [0-9a-f]{12}$", text, re.MULTILINE)
    assert re.search(r"^ +theo nguồn: the ministry's letter$", text, re.MULTILINE)


ODD = "<script>alert('x')</script> &amp; \u202egnuort\u202c \x1b[31m \u200bđề\u0301 |¦|"


def test_what_people_wrote_is_escaped_and_hidden_characters_are_spelled_out(office, case, tmp_path):
    ref = case(title=ODD)
    office("note", ref, f"{ODD}\nsecond\n    10/01/2022  resolve")
    exported(office, tmp_path / "one", ref, key=signing_key(office))
    html = (tmp_path / "one" / "history.html").read_text("utf-8")
    text = (tmp_path / "one" / "history.txt").read_text("utf-8")

    assert "<script" not in html
    assert "&lt;script&gt;alert(&#x27;x&#x27;)" in html
    for page in (html, text):
        assert not set(page) & set("\u202e\u202c\x1b\u200b")
        assert "<U+202E>" in page.replace("&lt;", "<").replace("&gt;", ">")
    # No line of a note begins where an act's line does.
    assert not re.search(r"^10/01/2022", text, re.MULTILINE)
    assert verdict(office, tmp_path / "one") == 0


def test_one_changed_letter_of_a_page_is_found(office, two, tmp_path, capfd):
    exported(office, tmp_path / "one", *two, key=signing_key(office))
    for name in PAGES:
        data = (tmp_path / "one" / name).read_bytes()
        for at in range(300, len(data), len(data) // 7):
            (tmp_path / "one" / name).write_bytes(
                data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]
            )
            assert verdict(office, tmp_path / "one") == 1
            assert f"{name}: it is not what the events say" in capfd.readouterr().err
        (tmp_path / "one" / name).write_bytes(data + b" ")
        assert verdict(office, tmp_path / "one") == 1
        (tmp_path / "one" / name).write_bytes(data)
    assert verdict(office, tmp_path / "one") == 0


def test_a_bundle_without_a_page_is_in_order_and_said_to_have_none(tmp_path, capfd):
    shutil.copytree(EARLIER, tmp_path / "old")
    key = (EARLIER / "key.txt").read_text("ascii").strip()

    assert verify_bundle.main([str(tmp_path / "old"), "--key", key]) == 0
    assert "there is no history.html" in capfd.readouterr().out


def test_a_page_of_another_form_is_left_to_the_verifier_of_its_own_bundle(
    office, two, tmp_path, capfd
):
    exported(office, tmp_path / "one", *two, key=signing_key(office))
    path = tmp_path / "one" / "history.html"
    path.write_bytes(path.read_bytes().replace(verify_page.FORM.encode(), b"00000000"))

    assert verdict(office, tmp_path / "one") == 2
    assert "another form" in capfd.readouterr().err


def test_the_program_in_the_bundle_makes_the_page_again_by_itself(office, two, tmp_path):
    exported(office, tmp_path / "one", *two, key=signing_key(office))
    words = ["-I", "verify_bundle.py", ".", "--key", str(signing_key(office).verifier)]
    run = {"cwd": tmp_path / "one", "capture_output": True, "text": True}
    right = subprocess.run([sys.executable, *words], **run)
    path = tmp_path / "one" / "history.txt"
    path.write_bytes(path.read_bytes().replace(b"mofa", b"mofb", 1))
    wrong = subprocess.run([sys.executable, *words], **run)

    assert (right.returncode, right.stderr) == (0, "")
    assert "history.html and history.txt say what the events say" in right.stdout
    assert wrong.returncode == 1


def test_secret_and_erased_values_are_told_as_such_and_codes_stand_for_erased_names(
    office, case, tmp_path
):
    ref = case("assigned")
    office(*split(f"note {ref} 'call Mr Smith' --by lan"))
    office(*split("person add hoa --name Hoa --org mofa --role admin"))
    office(*split("redact --person lan --basis 'art. 16' --consent hoa --by chi"))
    exported(office, tmp_path / "one", ref, key=signing_key(office))
    text = (tmp_path / "one" / "history.txt").read_text("utf-8")

    assert "Nguyễn Thị Lan" not in text
    assert re.search(r"note {2}lan[ ,]", text), text
    words = ["--proposer", "hcmc-pc", "--secrecy", "secret"]
    office("propose", "--ref", "S.1", "--title", "nobody reads this", *words)
    office("audit", "export", "S.1", "--to", tmp_path / "two")
    told = (tmp_path / "two" / "history.txt").read_text("utf-8")
    assert "nobody reads this" not in told
    assert "nội dung: không công bố" in told
    assert "title: not disclosed" in told


def test_corrections_and_what_was_struck_out_are_told_on_both_sides(office, case, tmp_path):
    ref = case("assigned")
    office(*split(f"note {ref} 'of another case'"))
    office(*split(f"correct {ref} --field due --to 2023-01-31 --reason misread"))
    struck = office.json("history", ref)[2]["seq"]
    office(*split(f"correct {ref} --event {struck} --strike --reason 'not this one'"))
    exported(office, tmp_path / "one", ref, key=signing_key(office))
    page = (tmp_path / "one" / "history.html").read_text("utf-8")
    last = office.json("history", ref)[-1]["seq"]

    assert f"takes out event #{struck}" in page
    assert f"taken out by #{last}" in page
    assert '<tbody class="x">' in page
    agrees(office, tmp_path / "one", ref)


def test_what_two_people_decided_is_told_of_both(office, case, tmp_path):
    strict_office(office)
    ref, other = case("assigned"), case("assigned")
    words = ["--outcome", "withdrawn", "--reason", "they said"]
    for one in (ref, other):
        office("close", one, *words, "--by", "nga")
    office("request", "confirm", f"{ref}.R1")
    exported(office, tmp_path / "one", ref, key=signing_key(office))
    text = (tmp_path / "one" / "history.txt").read_text("utf-8")

    assert verdict(office, tmp_path / "one", "--cases-whole") == 0
    acts = re.findall(r"^\S+ {2}(ask|confirm|close)(?:: (\w+))? {2}(.+?)[ ,(]", text, re.MULTILINE)
    assert [one[:2] for one in acts] == [("ask", "close"), ("confirm", "close"), ("close", "")]
    assert "ask: close  Nga (nga)" in text
    assert other not in text


def test_who_asked_and_who_decided_is_told_of_a_secret_case_too_and_not_what(office, tmp_path):
    strict_office(office)
    words = ["--title", "nobody reads this", "--proposer", "hcmc-pc", "--secrecy", "secret"]
    office("propose", "--ref", "S.1", *words)
    asks = ["close", "S.1", "--outcome", "withdrawn", "--by", "nga", "--reason"]
    office(*asks, "whispered once")
    office("request", "refuse", "S.1.R1", "--reason", "whispered back")
    office(*asks, "whispered again")
    office("request", "confirm", "S.1.R2")
    exported(office, tmp_path / "one", "S.1", key=signing_key(office))
    text = (tmp_path / "one" / "history.txt").read_text("utf-8")

    assert verdict(office, tmp_path / "one", "--cases-whole") == 0
    acts = re.findall(r"^2\S+ {2}(ask|refuse|confirm): close {2}(\w+)", text, re.MULTILINE)
    assert acts == [
        ("ask", "Nga"),
        ("refuse", "Registrar"),
        ("ask", "Nga"),
        ("confirm", "Registrar"),
    ]
    for path in (tmp_path / "one").iterdir():
        assert not re.search("whispered|nobody reads", path.read_text("utf-8")), path


def test_every_field_of_a_case_and_every_act_that_has_a_word_has_a_label():
    for lang in verify_page.LANGS:
        says = verify_page.SAYS[lang]
        assert {f"field.{one.name}" for one in Case.fields} - {"field.version"} <= says.keys()
        assert {f"act.{act}" for act in workflow.ACTS if has(f"act.{act}")} <= says.keys()
        assert all(says.values())
    assert {"organisation", "person", "conference", "cause"} == verify_page.NAMED


ACTS = st.lists(
    st.sampled_from(
        [
            "assign {} --owner mofa --due 2026-06-30",
            "assign {} --owner vufo --due 2025-06-30 --with hcmc-pc --officer minh",
            "advance {}",
            "answer {} --outcome implemented --answer 'A\nB' --document 3/TT",
            "advance {} --outcome explained --answer C",
            "extend {} --due 2087-01-31 --reason hearings",
            "reassign {} --owner vufo --reason theirs",
            "hold {} --reason later",
            "resume {}",
            "note {} 'đã gọi điện'",
            "return {} --reason 'not ours'",
            "close {} --outcome withdrawn --reason 'asked no more'",
            "reopen {} --reason again",
            "edit {} --title 'New title' --title-vi 'Tên mới'",
            "correct {} --field proposer --to vufo --reason misread",
            "coordinate {} --add central",
        ]
    ),
    min_size=1,
    max_size=9,
)


def test_a_page_that_is_printed_parts_no_heading_from_its_table_and_no_act():
    printed = re.sub(r"@media screen.*", "", verify_page.STYLE, flags=re.DOTALL)
    told = dict(re.findall(r"([^{}]+?) {((?:[^{}]*))}", printed))

    (heads,) = [rule for of, rule in told.items() if of.split() == ["h1,", "h2"]]
    assert "break-after: avoid" in heads
    (acts,) = [rule for of, rule in told.items() if of.split() == ["tbody"]]
    assert "break-inside: avoid" in acts


@pytest.mark.timeout(3600)
def test_the_rows_of_a_page_agree_with_the_history(office, case, tmp_path, much):
    count = iter(range(10_000))

    @settings(max_examples=much(8, 200), deadline=None)
    @given(ACTS)
    def tried(acts):
        ref, folder = case(), tmp_path / str(next(count))
        for act in acts:
            # What is refused has changed nothing.
            office.run(*split(act.format(ref)))
        exported(office, folder, ref, key=signing_key(office))
        agrees(office, folder, ref)
        assert verdict(office, folder, "--cases-whole") == 0

    tried()


def test_a_whole_log_has_a_page_too_while_it_is_short(office, two, tmp_path, monkeypatch):
    made = exported(office, tmp_path / "short", key=signing_key(office))
    monkeypatch.setattr(verify_page, "MOST", made.events - 1)
    exported(office, tmp_path / "long", key=signing_key(office))

    assert two[1] in (tmp_path / "short" / "history.txt").read_text("utf-8")
    assert not any((tmp_path / "long" / name).exists() for name in PAGES)
    assert verdict(office, tmp_path / "short") == verdict(office, tmp_path / "long") == 0
    events = (tmp_path / "long" / "events.jsonl").read_text("utf-8").splitlines()
    assert len(events) == made.events == json.loads(events[-1])["seq"] + 1
