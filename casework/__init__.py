"""casework: a register of conference recommendations, each with an owner, a deadline and a log."""

__version__ = "0.9.0"
