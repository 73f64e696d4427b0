"""JSON with the indentation of `json.dumps`, written in parts for long answers."""

from __future__ import annotations

import json
from typing import Any


def json_text(value: Any, indent: int | None, depth: int) -> str:
    """Return a value as JSON, as `json.dumps` would write it at a depth.

    `json.dumps` itself leaves functions in reference cycles for each value, so that their memory is
    freed late.
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
    """Return the separator between two members at a depth."""
    return "\n" + " " * indent * depth


_plain = json.JSONEncoder(ensure_ascii=False).encode
