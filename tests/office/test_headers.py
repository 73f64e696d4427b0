"""Headers of mail as another reader of them has them: decoded here by RFC 2047 alone."""

import base64
import quopri
import re
from email.headerregistry import Address
from email.message import EmailMessage

import pytest
from hypothesis import given
from hypothesis import strategies as st

from casework.errors import UsageError
from casework.office.mail import sender_of
from casework.office.mail_headers import LETTERS, LINE

ENCODED = re.compile(rb"=\?utf-8\?([bq])\?([!-~]*?)\?=", re.IGNORECASE)


def decoded(written):
    """Decode a header as RFC 2047, 6.2, has it: white space between encoded words is no text."""
    unfolded = re.sub(rb"\r\n(?=[ \t])", b"", written)
    joined = re.sub(rb"(?<=\?=)[ \t]+(?==\?)", b"", unfolded)

    def word(match):
        kind, data = match.groups()
        if kind.lower() == b"b":
            return base64.b64decode(data, validate=True)
        return quopri.decodestring(data.replace(b"_", b" "))

    return ENCODED.sub(word, joined).decode()


def lines(message):
    head, _, _ = message.as_bytes().partition(b"\r\n\r\n")
    return re.split(rb"\r\n(?![ \t])", head)


def header(message, name):
    found = [one for one in lines(message) if one.lower().startswith(name.lower().encode() + b":")]
    assert len(found) == 1
    return found[0].partition(b":")[2].strip(b" ")


def of(**fields):
    message = EmailMessage(policy=LETTERS)
    for name, value in fields.items():
        message[name] = value
    message.set_content("Kính gửi\n", cte="quoted-printable")
    return message


SUBJECTS = [
    "Nhắc việc: 1 sắp đến hạn, 2 quá hạn lâu ngày – Bộ Ngoại giao",
    "Nhắc việc: 12 quá hạn – " + "Ủy ban nhân dân Thành phố Hồ Chí Minh " * 4,
    "Reminder: 1 overdue – Ministry of Foreign Affairs",
    "한국어 제목 " * 12,
]


@pytest.mark.parametrize("subject", SUBJECTS)
def test_a_subject_is_read_as_it_was_written(subject):
    written = header(of(Subject=subject.strip()), "Subject")

    assert decoded(written) == subject.strip()


words = st.text(st.characters(categories=("L", "N", "P", "S")), min_size=1, max_size=30)
phrases = st.lists(words, min_size=1, max_size=12).map(" ".join)


@given(phrases)
def test_no_blank_is_lost_and_no_line_too_long_whatever_a_subject_says(subject):
    message = of(Subject=subject)
    written = header(message, "Subject")

    if not subject.isascii():
        assert decoded(written) == subject
    assert all(len(line) <= LINE + 2 for line in written.split(b"\r\n")) or subject.isascii()
    assert written.isascii()


NAMES = [
    "Vụ trưởng Vụ Ngoại giao",
    "Phó Chủ tịch Ủy ban nhân dân Thành phố Hồ Chí Minh phụ trách đối ngoại nhân dân và kiều bào",
    'Bà "Lan" <Vụ>, Phó \\ trưởng',
    "Office, of <x>",
    "Lan",
]


@pytest.mark.parametrize("name", NAMES)
def test_a_name_before_an_address_is_read_as_it_was_written(name):
    people = [Address(name, addr_spec="a@b.example"), Address("", addr_spec="c@d.example")]
    written = header(of(To=people), "To")
    told = decoded(written)

    assert told.count("<a@b.example>") == 1
    assert told.endswith("c@d.example")
    shown = told.partition(" <a@b.example>")[0].strip()
    assert shown.strip('"').replace("\\\\", "\\").replace('\\"', '"') == name or shown == name


@pytest.mark.parametrize(
    ("words", "name"),
    [
        ("vp@mofa.example", ""),
        ("Văn phòng <vp@mofa.example>", "Văn phòng"),
        ('"Văn phòng, Bộ Ngoại giao" <vp@mofa.example>', "Văn phòng, Bộ Ngoại giao"),
        ("<vp@mofa.example>", ""),
    ],
)
def test_who_writes_may_have_a_name(words, name):
    sender = sender_of(words)

    assert (sender.display_name, sender.addr_spec) == (name, "vp@mofa.example")
    assert decoded(header(of(From=sender), "From")).endswith("vp@mofa.example>" if name else "e")


@pytest.mark.parametrize("words", ["", "Văn phòng", "a@b@c", "x <y>", "x <a@b.c> <d@e.f>", "<>"])
def test_who_writes_without_an_address_is_refused(words):
    with pytest.raises(UsageError):
        sender_of(words)


def test_nothing_said_can_begin_another_header():
    sender = sender_of("Bad\r\nBcc: x@y.example <vp@mofa.example>")

    assert not [one for one in lines(of(From=sender)) if one.lower().startswith(b"bcc")]
