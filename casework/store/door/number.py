"""The number of the door, raised by every change of it, and the digest of its content."""

from __future__ import annotations

# Generated: make docs counts the number on where the functions, policies or rules have changed.
# [[[cog
# from casework.store.door import edition
# print(edition.source())
# ]]]
NUMBER = 30
DIGEST = "866c7faf240e4c234887402a88e8a11512f69ee6a698ab86a83c82b040073284"
# [[[end]]]
