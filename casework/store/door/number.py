"""The number of the door, raised by every change of it, and the digest of its content."""

from __future__ import annotations

# Generated: make docs counts the number on where the functions, policies or rules have changed.
# [[[cog
# from casework.store.door import edition
# print(edition.source())
# ]]]
NUMBER = 46
DIGEST = "fdd39e7a1fb12cf925d9fbb411bddee489de116ce3f3c8bbac51c523b5f99e21"
# [[[end]]]
