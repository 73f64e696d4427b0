"""The styles of the rows of a table, and the headings of groups."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

Style = dict[str, Any]
"""The arguments of `click.style`."""


class Looks:
    """The style and the group of each row, in order.

    It is filled while the rows are produced and read afterwards.
    """

    def __init__(self) -> None:
        self._styles: list[Style] = []
        self._heads: list[tuple[str, int]] = []

    def add(self, style: Style, group: str | None = None) -> None:
        """Add the style and the group heading of one more row."""
        if group is not None and (not self._heads or self._heads[-1][0] != group):
            self._heads.append((group, len(self._styles)))
        self._styles.append(style)

    @property
    def grouped(self) -> bool:
        """Whether there are groups."""
        return bool(self._heads)

    def each(self) -> Iterator[tuple[str | None, Style]]:
        """Yield the style of each row, with the heading before the first row of a group."""
        ends = [*(start for _, start in self._heads[1:]), len(self._styles)]
        heads = {
            start: f"{name} ({end - start})"
            for (name, start), end in zip(self._heads, ends, strict=False)
        }
        for place, style in enumerate(self._styles):
            yield heads.get(place), style
