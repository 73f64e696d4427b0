"""The number of the door, raised by every change of it, and the digest of its content."""

from __future__ import annotations

# Generated: make docs counts the number on where the functions, policies or rules have changed.
# [[[cog
# from casework.store.door import edition
# print(edition.source())
# ]]]
NUMBER = 36
DIGEST = "c637878717eca2d82ba436ea04c5f554156579be355aa016b7bb1e90d572a90e"
# [[[end]]]
