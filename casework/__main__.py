"""The entry point of the command and of ``python -m casework``."""

import sys


def main() -> None:
    """Run the command line, and exit with its code."""
    try:
        _run()
    except KeyboardInterrupt:
        # It came before the command had begun, while its modules were imported.
        sys.stderr.write("interrupted; nothing more was done\n")
        sys.exit(130)


def _run() -> None:
    """Run the command line; ``--version`` is answered before anything is imported."""
    if sys.argv[1:] == ["--version"]:
        from casework import __version__

        try:
            sys.stdout.write(f"casework {__version__}\n")
            sys.stdout.flush()
        except BrokenPipeError:
            import os

            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return
    import atexit
    import gc

    from casework.platforms import heed_endings

    heed_endings()
    # A command imports a few hundred modules, then lives for milliseconds: with the default
    # threshold a fifth of its time goes into collections that free nothing.
    gc.set_threshold(1_000_000, 20, 20)
    # At its end the interpreter collects as well, which takes a tenth of a command's time.
    atexit.register(gc.freeze)
    from casework.cli import casework

    casework()


if __name__ == "__main__":
    main()
