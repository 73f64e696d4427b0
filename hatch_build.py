"""What a build adds: the statements for SQLite, compiled ahead of time.

A wheel gets them as they are at that moment, for good. An editable install gets them in its
checkout, where `casework.store.compiled` makes them anew once their sources change.
"""

from __future__ import annotations

import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class Statements(BuildHookInterface[Any]):
    """Makes the file of the statements."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Add the file to a wheel; to an editable one nothing, for it reads the checkout's."""
        sys.path.insert(0, self.root)
        from casework.store import compiled

        if version == "editable":
            compiled.keep(compiled.make())
            return
        self._folder = TemporaryDirectory()
        made = Path(self._folder.name, compiled.HELD.name)
        made.write_text(compiled.make(frozen=True), "utf-8", newline="\n")
        target = compiled.HELD.relative_to(self.root).as_posix()
        build_data["force_include"][str(made)] = target

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:
        """Take the file away that the wheel now has."""
        if version != "editable":
            self._folder.cleanup()
