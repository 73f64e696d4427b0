"""The number of the door, which every change of it makes greater, and the digest of all it is."""

from __future__ import annotations

# Generated: make docs counts the number on where the functions, policies or rules have changed.
# [[[cog
# from casework.store.door import edition
# print(edition.source())
# ]]]
NUMBER = 20
DIGEST = "0b26d7fb7f95f870e61beabd52ec102f45f86f3701c71821631309d5e2103ab6"
# [[[end]]]
