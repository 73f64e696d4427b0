"""The number of the door, raised by every change of it, and the digest of its content."""

from __future__ import annotations

# Generated: make docs counts the number on where the functions, policies or rules have changed.
# [[[cog
# from casework.store.door import edition
# print(edition.source())
# ]]]
NUMBER = 51
DIGEST = "22ecfba47b19d4af7a3bd629d8f3b9b6fefba699cb795b464f236822a04b048e"
# [[[end]]]
