"""Make `docs/reader.html` of its parts: one file that needs no network, and fetches nothing.

``python docs/reader/build.py`` writes it; with ``--check`` it ends with 1 where the page is not
what the parts make.
"""

from __future__ import annotations

import json
import re
import sys
from base64 import b64encode
from hashlib import sha256
from pathlib import Path

PARTS = Path(__file__).parent
DOCS = PARTS.parent
VENDOR = DOCS / "vendor"
PAGE = DOCS / "reader.html"

SCRIPTS = (
    *(
        VENDOR / name
        for name in ("fflate.js", "nacl-fast.min.js", "sha256.min.js", "zxing-wasm.js")
    ),
    *(PARTS / name for name in ("sheet.js", "page.js")),
)
"""The page's programs, in the order they are run."""

WASM = VENDOR / "zxing_reader.wasm"
LISTED = re.compile(r"^\| `(?P<name>[^`]+)` \| .* \| `(?P<digest>[0-9a-f]{64})` \|$", re.MULTILINE)


def _refuse_changed() -> None:
    """Raise ValueError for a file of others that is not the one the list tells of."""
    told = dict(LISTED.findall((VENDOR / "README.md").read_text("utf-8")))
    used = {path.name for path in (*SCRIPTS, WASM) if path.parent == VENDOR}
    if told.keys() != used:
        raise ValueError(told.keys() ^ used)
    for name, digest in told.items():
        if sha256((VENDOR / name).read_bytes()).hexdigest() != digest:
            raise ValueError(name)


def _digest(text: str) -> str:
    return f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'"


def page() -> str:
    """Return the page."""
    _refuse_changed()
    style = (PARTS / "page.css").read_text("utf-8")
    scripts = [path.read_text("utf-8") for path in SCRIPTS]
    for text in scripts:
        if re.search(r"</script|<!--", text, re.IGNORECASE):
            raise ValueError(text[:80])
    policy = (
        f"default-src 'none'; style-src {_digest(style)};"
        f" script-src {' '.join(map(_digest, scripts))} 'wasm-unsafe-eval';"
        " img-src blob:; base-uri 'none'; form-action 'none'"
    )
    words = json.loads((PARTS / "words.json").read_text("utf-8"))
    licences = [path.read_text("utf-8") for path in sorted(VENDOR.glob("*.LICENSE"))]
    names = [path.stem for path in sorted(VENDOR.glob("*.LICENSE"))]
    told = {
        "policy": policy,
        "style": style,
        "licences": _escaped("\n\n".join(map("{}\n\n{}".format, names, licences))),
        "words": json.dumps(words, ensure_ascii=False).replace("<", "\\u003c"),
        "wasm": b64encode(WASM.read_bytes()).decode(),
        "scripts": "\n".join(f"<script>{text}</script>" for text in scripts),
    }
    whole = (PARTS / "page.html").read_text("utf-8")
    return re.sub(r"\{(\w+)\}", lambda match: told[match[1]], whole)


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;")


def main() -> int:
    """Write the page, or compare it."""
    made = page().encode()
    if "--check" in sys.argv:
        return int(not PAGE.exists() or PAGE.read_bytes() != made)
    PAGE.write_bytes(made)
    return 0


if __name__ == "__main__":
    sys.exit(main())
