"""The entry point of the command and of ``python -m casework``."""

import sys


def main() -> None:
    """Run the command line and exit with its code."""
    try:
        _in_utf_8()
        _run()
    except KeyboardInterrupt:
        # It came before the command had begun, while its modules were imported.
        from casework import words

        sys.stderr.write(f"{words.said('interrupted', words.of_the_environment())}\n")
        sys.exit(130)


def _in_utf_8() -> None:
    """Restart in Python's UTF-8 mode if the locale's encoding is another one.

    Python decodes the arguments with the locale's encoding before any code runs. On a terminal that
    sends UTF-8, another encoding would damage texts and file names.
    """
    if sys.getfilesystemencoding().replace("-", "").casefold() == "utf8" or not sys.executable:
        return
    import os

    # The words as they came: they are turned into bytes again as they were made of them.
    os.execv(sys.executable, [sys.executable, "-X", "utf8", *sys.orig_argv[1:]])  # noqa: S606 - itself


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

    from casework.system.platforms import heed_endings

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
