"""What people type for a date and what they mean by it: the table `data/dates.txt`."""

from pathlib import Path

TABLE = Path(__file__).parent.parent / "data" / "dates.txt"


def table():
    """Yield each phrase of the table with its meaning for what is to come, and for what is past."""
    meaning = ""
    for line in TABLE.read_text(encoding="utf-8").splitlines():
        if line.startswith("= "):
            meaning = line[2:]
        elif line and not line.startswith("#"):
            phrase, _, other = line.partition(" : ")
            coming, _, past = (other or meaning).partition(" | ")
            yield phrase, coming, past or coming


PHRASES = [*table()]
