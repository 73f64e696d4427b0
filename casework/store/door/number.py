"""The number of the door, raised by every change of it, and the digest of its content."""

from __future__ import annotations

# Generated: make docs counts the number on where the functions, policies or rules have changed.
# [[[cog
# from casework.store.door import edition
# print(edition.source())
# ]]]
NUMBER = 43
DIGEST = "dedd0e22f33a55282bdede9d913d013556a50b5875d0579db1f8a101384c57ef"
# [[[end]]]
