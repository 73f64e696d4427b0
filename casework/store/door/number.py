"""The number of the door, raised by every change of it, and the digest of its content."""

from __future__ import annotations

# Generated: make docs counts the number on where the functions, policies or rules have changed.
# [[[cog
# from casework.store.door import edition
# print(edition.source())
# ]]]
NUMBER = 45
DIGEST = "861766440aeca5f219c16399fbdb87be3c6718865d233a59e6b129bb26153e6e"
# [[[end]]]
