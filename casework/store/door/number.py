"""The number of the door, raised by every change of it, and the digest of its content."""

from __future__ import annotations

# Generated: make docs counts the number on where the functions, policies or rules have changed.
# [[[cog
# from casework.store.door import edition
# print(edition.source())
# ]]]
NUMBER = 29
DIGEST = "c6f040be4022778438fd0ee5ce383796a8e47ea57d6b092410fb4c1b3c6cc312"
# [[[end]]]
