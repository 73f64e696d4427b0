"""The number of the door, raised by every change of it, and the digest of its content."""

from __future__ import annotations

# Generated: make docs counts the number on where the functions, policies or rules have changed.
# [[[cog
# from casework.store.door import edition
# print(edition.source())
# ]]]
NUMBER = 33
DIGEST = "17d602f877dfe78eec4dc972040c50343dcd8b3b9f39f0ac79476651c51de180"
# [[[end]]]
