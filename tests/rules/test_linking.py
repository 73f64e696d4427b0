"""Circles of links, compared with what a plain walk from each case finds."""

from hypothesis import given
from hypothesis import strategies as st

from casework.rules.linking import circles

refs = st.sampled_from("ABCDEF")
links = st.dictionaries(
    refs, st.lists(st.tuples(st.sampled_from(["repeats", "relates-to"]), refs), max_size=3)
)


def comes_back(found, relation, start):
    seen, rest = set(), [start]
    while rest:
        for how, to in found.get(rest.pop(), ()):
            if how == relation and to == start:
                return True
            if how == relation and to not in seen:
                seen.add(to)
                rest.append(to)
    return False


@given(links)
def test_a_circle_is_found_just_where_a_case_is_linked_to_itself_in_the_end(found):
    told = list(circles(found))

    for one in told:
        for ref, to in zip(one.refs, (*one.refs[1:], one.refs[0]), strict=True):
            assert (one.relation, to) in found[ref]
    for relation in ("repeats", "relates-to"):
        there = any(comes_back(found, relation, ref) for ref in found)
        assert there is any(one.relation == relation for one in told)


def test_a_long_chain_is_walked_once():
    chain = {str(number): [("repeats", str(number + 1))] for number in range(30_000)}

    assert list(circles(chain)) == []
    (one,) = circles(chain | {"30000": [("repeats", "29998")]})
    assert str(one) == "29998 repeats 29999 repeats 30000 repeats 29998"
