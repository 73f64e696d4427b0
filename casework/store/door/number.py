"""The number of the door, which every change of it makes greater, and the digest of all it is."""

from __future__ import annotations

# Generated: make docs counts the number on where the functions, policies or rules have changed.
# [[[cog
# from casework.store.door import edition
# print(edition.source())
# ]]]
NUMBER = 21
DIGEST = "cb1efe91076e459b139fce5a9709ef658d7c6223f627717b6b2e6d2dbaea8549"
# [[[end]]]
