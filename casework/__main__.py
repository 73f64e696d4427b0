"""The entry point of the command and of ``python -m casework``."""

import sys


def main() -> None:
    """Run the command line; ``--version`` is answered before anything is imported."""
    if sys.argv[1:] == ["--version"]:
        from casework import __version__

        sys.stdout.write(f"casework {__version__}\n")
        return
    import gc

    # A command imports a few hundred modules, then lives for milliseconds: with the default
    # threshold a fifth of its time goes into collections that free nothing.
    gc.set_threshold(100_000, 20, 20)
    from casework.cli import casework

    casework()


if __name__ == "__main__":
    main()
