"""casework: a register of conference recommendations, each with an owner, a deadline and a log.

For use as a library it offers `open` and `Register` (docs/library.md), imported when first used.
"""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from casework.office.library import Register, open  # noqa: A004 - casework.open

__all__ = ["Register", "__version__", "open"]

__version__ = "0.9.0"


def __getattr__(name: str) -> object:
    if name not in {"Register", "open"}:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from casework.office import library

    return getattr(library, name)
