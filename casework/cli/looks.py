"""How the rows of a table stand out: each in its style, and under the headings of groups."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

Style = dict[str, Any]
"""What `click.style` makes of a text."""


class Looks:
    """The style of each row, and the groups they stand in, in the order of the rows.

    It is told of them as the rows are made, and asked once they are there.
    """

    def __init__(self) -> None:
        self._styles: list[Style] = []
        self._heads: list[tuple[str, int]] = []

    def add(self, style: Style, group: str | None = None) -> None:
        """Take the style of one more row, and what the group is called that it stands in."""
        if group is not None and (not self._heads or self._heads[-1][0] != group):
            self._heads.append((group, len(self._styles)))
        self._styles.append(style)

    @property
    def grouped(self) -> bool:
        """Whether there are groups."""
        return bool(self._heads)

    def each(self) -> Iterator[tuple[str | None, Style]]:
        """Yield the style of each row, and before the first one of a group its heading."""
        ends = [*(start for _, start in self._heads[1:]), len(self._styles)]
        heads = {
            start: f"{name} ({end - start})"
            for (name, start), end in zip(self._heads, ends, strict=False)
        }
        for place, style in enumerate(self._styles):
            yield heads.get(place), style
