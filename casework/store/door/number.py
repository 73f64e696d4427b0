"""The number of the door, raised by every change of it, and the digest of its content."""

from __future__ import annotations

# Generated: make docs counts the number on where the functions, policies or rules have changed.
# [[[cog
# from casework.store.door import edition
# print(edition.source())
# ]]]
NUMBER = 52
DIGEST = "824df77445537871d52dda4d83822c4f2d856359688ef605993be8ed701087b8"
# [[[end]]]
