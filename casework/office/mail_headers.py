"""Mail headers that every reader decodes correctly (RFC 5322, RFC 2047).

Python 3.11 and 3.12 lose a blank between two encoded words: they write it between the words, where
RFC 2047 tells readers to drop it. Here the blank is inside a word.
"""

from __future__ import annotations

from email.header import Header
from email.policy import EmailPolicy
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from email.headerregistry import Address

LINE = 76
"""The most characters in a line of encoded words (RFC 2047, 2)."""


class Letters(EmailPolicy):
    """The policy of a message whose headers may be in any language."""

    def fold(self, name: str, value: Any) -> str:
        """Return a header as lines of ASCII."""
        return self._written(name, value) or super().fold(name, value)

    def fold_binary(self, name: str, value: Any) -> bytes:
        """Return a header as the bytes that are sent."""
        return self.fold(name, value).encode("ascii")

    def _written(self, name: str, value: Any) -> str | None:
        """Return a header that is not ASCII in encoded form; None if it is ASCII."""
        if str(value).isascii():
            return None
        addresses = getattr(value, "addresses", None)
        if addresses is None:
            return f"{name}: {self._words(str(value), len(name) + 2)}{self.linesep}"
        listed = f",{self.linesep} ".join(map(self._mailbox, addresses))
        return f"{name}:{self.linesep} {listed}{self.linesep}"

    def _mailbox(self, one: Address) -> str:
        if one.display_name.isascii():
            return str(one)
        # On a line of its own, with room for the blank that begins the line.
        return f"{self._words(one.display_name, 1)}{self.linesep} <{one.addr_spec}>"

    def _words(self, text: str, begun: int) -> str:
        """Return a text as encoded words; `begun` is the present length of their first line."""
        header = Header(text, "utf-8", maxlinelen=LINE, header_name="x" * max(begun - 2, 0))
        return header.encode(linesep=self.linesep)


LETTERS = Letters(linesep="\r\n")
