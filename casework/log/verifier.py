"""The verifier in every evidence bundle: its parts, joined into one file.

The main procedure comes first, then the functions it calls. As one file it can be read, compared
and hashed by anybody who gets a bundle, and no other file in their folder can interfere.
"""

from __future__ import annotations

import ast
from pathlib import Path

NAME = "verify_bundle.py"
PARTS = (
    *(NAME, "verify_lines.py", "verify_signed.py", "verify_states.py"),
    *("verify_labels.py", "verify_page.py"),
)
RUN = '\nif __name__ == "__main__":\n    sys.exit(main(sys.argv[1:]))\n'


def program() -> str:
    """Return the text of the program, without the imports between its parts."""
    here = Path(__file__).parent
    return "\n".join(_alone((here / part).read_text("utf-8")) for part in PARTS) + RUN


def _alone(source: str) -> str:
    lines = source.splitlines()
    for node in reversed(ast.parse(source).body):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("casework."):
            del lines[node.lineno - 1 : node.end_lineno]
    return "\n".join(lines) + "\n"
