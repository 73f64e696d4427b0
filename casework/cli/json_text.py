"""JSON as `json.dumps` indents it, written so that a long answer can be given part by part."""

from __future__ import annotations

import json
from typing import Any


def json_text(value: Any, indent: int | None, depth: int) -> str:
    """Return a value as JSON, as `json.dumps` writes it at a depth.

    That leaves functions behind with each value it indents, which know each other: the memory for
    them is not given back for long.
    """
    if not indent or not value or not isinstance(value, dict | list | tuple):
        return _plain(value)
    begin, end = json_line(indent, depth + 1), json_line(indent, depth)
    if isinstance(value, dict):
        parts = [f"{_plain(k)}: {json_text(one, indent, depth + 1)}" for k, one in value.items()]
        return f"{{{begin}{f',{begin}'.join(parts)}{end}}}"
    parts = [json_text(one, indent, depth + 1) for one in value]
    return f"[{begin}{f',{begin}'.join(parts)}{end}]"


def json_line(indent: int, depth: int) -> str:
    """Return what stands between two members at a depth."""
    return "\n" + " " * indent * depth


_plain = json.JSONEncoder(ensure_ascii=False).encode
