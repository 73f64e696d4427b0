"""The number of the door, which every change of it makes greater, and the digest of all it is."""

from __future__ import annotations

# Generated: make docs counts the number on where the functions, policies or rules have changed.
# [[[cog
# from casework.door import edition
# print(edition.source())
# ]]]
NUMBER = 16
DIGEST = "17c309184f8f1423ec124172fdb7fbd215fa2d28657a10c0d7c619086ff533a8"
# [[[end]]]
