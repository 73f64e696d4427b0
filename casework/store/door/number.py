"""The number of the door, raised by every change of it, and the digest of its content."""

from __future__ import annotations

# Generated: make docs counts the number on where the functions, policies or rules have changed.
# [[[cog
# from casework.store.door import edition
# print(edition.source())
# ]]]
NUMBER = 24
DIGEST = "af5f5831b1707f1660c611a3b8f18d50f6e264062175d2bd7829d1fead1d76f3"
# [[[end]]]
