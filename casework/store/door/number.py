"""The number of the door, raised by every change of it, and the digest of its content."""

from __future__ import annotations

# Generated: make docs counts the number on where the functions, policies or rules have changed.
# [[[cog
# from casework.store.door import edition
# print(edition.source())
# ]]]
NUMBER = 30
DIGEST = "7f86a9d4836e174854ffaf7e9c0b701c96d59e862719e692989095ec0f8c90a0"
# [[[end]]]
