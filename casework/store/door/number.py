"""The number of the door, raised by every change of it, and the digest of its content."""

from __future__ import annotations

# Generated: make docs counts the number on where the functions, policies or rules have changed.
# [[[cog
# from casework.store.door import edition
# print(edition.source())
# ]]]
NUMBER = 69
DIGEST = "f5a550d6c1616ac9b72043a7c09249af5ae2a19fc4af80f5c915364b13ba2bc8"
# [[[end]]]
