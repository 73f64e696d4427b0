"""The number of the door, raised by every change of it, and the digest of its content."""

from __future__ import annotations

# Generated: make docs counts the number on where the functions, policies or rules have changed.
# [[[cog
# from casework.store.door import edition
# print(edition.source())
# ]]]
NUMBER = 56
DIGEST = "dc7731e6736dc74b07b0515995c6aad7aff5a7e8c3669e11e5496864e30969c4"
# [[[end]]]
