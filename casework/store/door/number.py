"""The number of the door, raised by every change of it, and the digest of its content."""

from __future__ import annotations

# Generated: make docs counts the number on where the functions, policies or rules have changed.
# [[[cog
# from casework.store.door import edition
# print(edition.source())
# ]]]
NUMBER = 26
DIGEST = "e60cd5cea75996865f446d604356e11db1fdec8155910f6eb9774cf074c5d09c"
# [[[end]]]
