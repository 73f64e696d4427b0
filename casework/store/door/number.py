"""The number of the door, which every change of it makes greater, and the digest of all it is."""

from __future__ import annotations

# Generated: make docs counts the number on where the functions, policies or rules have changed.
# [[[cog
# from casework.store.door import edition
# print(edition.source())
# ]]]
NUMBER = 19
DIGEST = "5624efc358e34daafbf503a006ce0327c209db2dde14751e7ceb4657db2ccbcc"
# [[[end]]]
