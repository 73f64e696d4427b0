"""The number of the door, raised by every change of it, and the digest of its content."""

from __future__ import annotations

# Generated: make docs counts the number on where the functions, policies or rules have changed.
# [[[cog
# from casework.store.door import edition
# print(edition.source())
# ]]]
NUMBER = 54
DIGEST = "f7a0737c72156ab5da5211bcb3a59ab7994e636ec4c039ccac088956e2d28376"
# [[[end]]]
