"""The number of the door, raised by every change of it, and the digest of its content."""

from __future__ import annotations

# Generated: make docs counts the number on where the functions, policies or rules have changed.
# [[[cog
# from casework.store.door import edition
# print(edition.source())
# ]]]
NUMBER = 66
DIGEST = "cb62d95b1b5887cac4050c487c2ea8441a80fcda3b132b4d6c2e9e67391cc90e"
# [[[end]]]
