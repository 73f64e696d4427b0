"""The Merkle tree: published roots, and every proof of every log up to 130 leaves."""

from functools import cache
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from casework.log import tree

# The entries and roots of Certificate Transparency's own tests (RFC 6962 reference code).
ENTRIES = [
    bytes.fromhex(entry)
    for entry in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]
ROOTS = (
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
)


def grown(entries):
    peaks = []
    for size, entry in enumerate(entries):
        tree.append(peaks, size, tree.leaf_hash(entry))
    return tree.root_hash(peaks)


@cache
def defined(entries):
    """Return the Merkle tree hash as RFC 6962, 2.1 defines it."""
    if not entries:
        return sha256().digest()
    if len(entries) == 1:
        return sha256(b"\x00" + entries[0]).digest()
    split = 1
    while split * 2 < len(entries):
        split *= 2
    return sha256(b"\x01" + defined(entries[:split]) + defined(entries[split:])).digest()


@pytest.mark.parametrize(("size", "root"), list(enumerate(ROOTS)))
def test_the_tree_has_the_published_root(size, root):
    assert grown(ENTRIES[:size]).hex() == root


def test_growing_the_tree_gives_the_root_of_the_definition_at_every_size():
    entries = tuple(f"entry {number}".encode() for number in range(130))

    for size in range(len(entries) + 1):
        assert grown(entries[:size]) == defined(entries[:size]), size


@given(st.lists(st.binary(max_size=3), max_size=40))
def test_equal_entries_are_still_entries_of_their_own(entries):
    assert grown(entries) == defined(tuple(entries))


LEAVES = [tree.leaf_hash(bytes([n])) for n in range(131)]
ROOTS = [tree.subtree_hash(LEAVES[:size]) for size in range(131)]


def test_every_consistency_proof_up_to_130_leads_to_both_roots_and_none_starts_at_nothing():
    for second in range(1, 131):
        for first in range(1, second + 1):
            path = tree.consistency_proof(LEAVES[:second], first)

            found = tree.roots_from_consistency(first, second, ROOTS[first], path)
            assert found == (ROOTS[first], ROOTS[second])
            for wrong in ([*path, LEAVES[0]], path[:-1]) if path else ([LEAVES[0]],):
                with pytest.raises(ValueError, match=r"too (many|few) hashes$"):
                    tree.roots_from_consistency(first, second, ROOTS[first], wrong)
    for size in (0, 132):
        with pytest.raises(IndexError, match=f"no proof from size {size} to 131"):
            tree.consistency_proof(LEAVES, size)
    with pytest.raises(ValueError, match=r"too few hashes$"):
        tree.roots_from_consistency(3, 4, ROOTS[3], [])
    with pytest.raises(ValueError, match="no proof"):
        tree.roots_from_consistency(0, 5, ROOTS[0], [])
    with pytest.raises(ValueError, match="no proof"):
        tree.roots_from_consistency(6, 5, ROOTS[6], [])


def test_leaves_added_at_once_give_the_peaks_of_leaves_added_one_by_one():
    for before in range(40):
        for count in range(40):
            peaks = tree.peaks_of(LEAVES[:before])
            tree.extend(peaks, before, LEAVES[before : before + count])

            expected = []
            for size, leaf in enumerate(LEAVES[: before + count]):
                tree.append(expected, size, leaf)
            assert peaks == expected, (before, count)


@pytest.mark.parametrize("size", [1023, 1024, 1025, 2048, 3000])
def test_pages_make_no_difference(size):
    assert len(tree.EMPTY_ROOT) == tree.HASH_BYTES
    leaves = [tree.leaf_hash(b"%d" % n) for n in range(size)]
    expected = []
    for place, leaf in enumerate(leaves):
        tree.append(expected, place, leaf)

    assert tree.peaks_of(leaves) == expected
