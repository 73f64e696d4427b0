"""The number of the door, raised by every change of it, and the digest of its content."""

from __future__ import annotations

# Generated: make docs counts the number on where the functions, policies or rules have changed.
# [[[cog
# from casework.store.door import edition
# print(edition.source())
# ]]]
NUMBER = 57
DIGEST = "903bda80156a152eed5924e65d2bbf8d34e1c94a1debc9d3a59968b0f07f23cc"
# [[[end]]]
