"""The number of the door, raised by every change of it, and the digest of its content."""

from __future__ import annotations

# Generated: make docs counts the number on where the functions, policies or rules have changed.
# [[[cog
# from casework.store.door import edition
# print(edition.source())
# ]]]
NUMBER = 71
DIGEST = "462696d9e39d6a266299c3f1ea9833669b41b28d3c9ca0166e3fe9354f587314"
# [[[end]]]
