"""The number of the door, raised by every change of it, and the digest of its content."""

from __future__ import annotations

# Generated: make docs counts the number on where the functions, policies or rules have changed.
# [[[cog
# from casework.store.door import edition
# print(edition.source())
# ]]]
NUMBER = 25
DIGEST = "0eb1217c18fc5dc526ba4f43cad26899294052c52fcf744a177bad61dcb7da1e"
# [[[end]]]
