"""The second verifier, tests/data/second_verifier.pl: written from a README.txt alone, in Perl."""

import shutil
import subprocess
from functools import cache
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[1] / "data" / "second_verifier.pl"
NEEDS = ("perl", "openssl")


@cache
def lacking():
    """Return what is not here of what the script needs; nothing, if all is."""
    missing = [name for name in NEEDS if shutil.which(name) is None]
    if missing:
        return f"{', '.join(missing)} is not installed"
    libraries = "-MDigest::SHA -MMIME::Base64 -MEncode -MFile::Temp"
    told = subprocess.run(
        ["perl", *libraries.split(), "-e", "1"], capture_output=True, text=True, check=False
    )
    return f"perl lacks a library: {told.stderr.partition(';')[0]}" if told.returncode else ""


def asked(key, folders):
    """Run the script; skip the test where it cannot be run."""
    if lacking():
        pytest.skip(lacking())
    return subprocess.run(
        ["perl", SCRIPT, key, *folders], capture_output=True, text=True, timeout=120, check=False
    )


def by_second(key, folders):
    """Return what the script says of each folder: what is proved, or that it is wrong."""
    done = asked(key, folders)
    lines = done.stdout.splitlines()
    assert (done.returncode, len(lines)) == (0, len(folders)), done.stderr
    return ["NO" if line.startswith("NO") else line for line in lines]
