"""Optional packages: what each extra installs, and how to install it."""

from __future__ import annotations

import re

from casework.words import Text

_OF_EXTRA = re.compile(r"(?P<what>[^;]+);.*\bextra == ['\"](?P<extra>[\w-]+)['\"]")


def how_to_install(extra: str, package: str) -> Text:
    """Return the command that installs an extra's packages, as casework's own metadata has them.

    The packages are named one by one, because casework itself is not on a package index, where
    anybody could take its name. `package` is used if casework is not installed and has no metadata.
    """
    # Importing it takes as long as a command does.
    from importlib.metadata import PackageNotFoundError, requires

    try:
        named = requires("casework") or []
    except PackageNotFoundError:
        named = []
    found = [match for one in named if (match := _OF_EXTRA.match(one))]
    wanted = [match["what"].strip() for match in found if match["extra"] == extra]
    return Text("extra.install", packages=" ".join(f'"{one}"' for one in wanted or [package]))
