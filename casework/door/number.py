"""The number of the door, which every change of it makes greater, and the digest of all it is."""

from __future__ import annotations

# Generated: make docs counts the number on where the functions, policies or rules have changed.
# [[[cog
# from casework.door import edition
# print(edition.source())
# ]]]
NUMBER = 15
DIGEST = "e0fb8da118b676bae09691c2308b9e457b737231bf66d4e553d85e3be12516e3"
# [[[end]]]
