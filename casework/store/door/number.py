"""The number of the door, which every change of it makes greater, and the digest of all it is."""

from __future__ import annotations

# Generated: make docs counts the number on where the functions, policies or rules have changed.
# [[[cog
# from casework.store.door import edition
# print(edition.source())
# ]]]
NUMBER = 18
DIGEST = "30c8fd93371310fc75233feba7449e25603cb6c099b62fb4b5716f3c7429d142"
# [[[end]]]
