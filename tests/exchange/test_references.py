"""Lists of references, in every form in which somebody may have them."""

import json

import pytest

from casework.errors import UsageError
from casework.exchange.references import listed

REFS = ["A.001", "=A.2", "Đ-3"]
CSV = 'ref,title\nA.001,"Two\nlines, quoted"\n\'=A.2,x\nĐ-3,\n'


@pytest.mark.parametrize(
    "text",
    [
        "A.001\n=A.2\nĐ-3",
        "\ufeffA.001\r\n\r\n=A.2\tĐ-3  \r\n",
        json.dumps(REFS),
        json.dumps([{"ref": ref, "title": "T", "links": []} for ref in REFS], indent=2),
        "\n".join(json.dumps({"title": "T", "ref": ref}) for ref in REFS),
        "\r\n".join(json.dumps(ref) for ref in REFS).join("[]").replace("\r\n", ","),
        CSV,
        "\ufeff" + CSV.replace("\n", "\r\n"),
        "title;ref\n1;A.001\n2;=A.2\n;\n\n3;Đ-3;more\n",
        '"mã"\t"nội dung"\nA.001\tx\n=A.2\tx\nĐ-3\tx',
        "ref\nA.001\n=A.2\nĐ-3\n",
        "ref    title            state\nA.001  Rules, of A.009  proposed\n=A.2   T  \nĐ-3",
        "mã     nội dung\nA.001  T  mới\n=A.2   T  mới\nĐ-3    T",
    ],
)
def test_a_list_is_read_in_any_form(text):
    assert listed(text) == REFS


@pytest.mark.parametrize("text", ["", " \r\n\t", "\ufeff", "[]", "ref\n", "ref,title\r\n", "[] []"])
def test_a_list_may_be_empty(text):
    assert listed(text) == []


@pytest.mark.parametrize(
    "text", ['["A.1"', "[1]", '{"code": "A.1"}', "[null]", '[["A.1"]]', "{", "[" * 100_000]
)
def test_what_is_no_list_is_refused(text):
    with pytest.raises(UsageError):
        listed(text)
