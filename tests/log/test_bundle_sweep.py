"""Every single alteration of an evidence bundle is refused: a sample of the sweep."""

import importlib.util
import sys
from pathlib import Path

import pytest

from casework.log import verify_bundle

SWEEP = Path(__file__).parents[1] / "faults" / "sweep_bundle.py"


@pytest.fixture(scope="session")
def sweep():
    spec = importlib.util.spec_from_file_location("sweep_bundle", SWEEP)
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def made(sweep, tmp_path_factory):
    """Two bundles of a log of more than 200 events: the whole, and two cases."""
    return sweep.build(tmp_path_factory.mktemp("bundles"))


@pytest.mark.parametrize(
    ("bundle", "proved"),
    [("whole", "WHOLE LOG: 205 of 205 events"), ("part", "CASES WHOLE: 15 of 205 events")],
)
def test_a_bundle_as_the_register_writes_it_is_in_order(made, bundle, proved, capsys):
    words = [*made.words(getattr(made, bundle)), "--checkpoint", str(made.early)]
    code = verify_bundle.main(words)

    assert code == 0
    assert f"IN ORDER, {proved}" in capsys.readouterr().out


# The full sweep is `python tests/faults/sweep_bundle.py`.
@pytest.mark.parametrize(
    ("bundle", "name", "every"),
    [
        ("whole", "events.jsonl", 1499),
        ("whole", "disclosed.jsonl", 499),
        ("whole", "proofs.jsonl", 61),
        ("whole", "checkpoint.txt", 17),
        ("part", "events.jsonl", 1499),
        ("part", "disclosed.jsonl", 499),
        ("part", "proofs.jsonl", 61),
        ("part", "checkpoint.txt", 17),
        ("part", "cases.txt", 17),
        ("part", "history.html", 9973),
    ],
)
def test_no_flipped_bit_removed_or_doubled_byte_or_prefix_passes(sweep, made, bundle, name, every):
    folder = getattr(made, bundle)
    size = (folder / name).stat().st_size * len(sweep.KINDS)
    counts, passed = sweep.sweep((made, folder, name, range(0, size, every)))

    assert passed == []
    assert counts.total() == -(-size // every)


def test_what_is_no_evidence_may_be_altered(sweep, made, tmp_path):
    prober = sweep.Prober(made, made.part, tmp_path / "altered")

    assert {path.name for path in made.part.iterdir()} == {*sweep.EVIDENCE, *sweep.NO_EVIDENCE}
    assert sweep.held(made.part) == [*sweep.EVIDENCE]
    assert sweep.held(made.whole) == [*sweep.EVIDENCE[:-1]]
    for name in sweep.NO_EVIDENCE:
        assert not prober.refuses(name, b"altered")
