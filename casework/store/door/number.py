"""The number of the door, raised by every change of it, and the digest of its content."""

from __future__ import annotations

# Generated: make docs counts the number on where the functions, policies or rules have changed.
# [[[cog
# from casework.store.door import edition
# print(edition.source())
# ]]]
NUMBER = 53
DIGEST = "ce3e0b4ad75b91027bc255447b79af4eed800e3a792748d7d63547f3c24117b7"
# [[[end]]]
