"""The number of the door, raised by every change of it, and the digest of its content."""

from __future__ import annotations

# Generated: make docs counts the number on where the functions, policies or rules have changed.
# [[[cog
# from casework.store.door import edition
# print(edition.source())
# ]]]
NUMBER = 32
DIGEST = "37753091dcdcb51014f05e1086f3b5301f86af2aefd5de8928cf1f475acf8928"
# [[[end]]]
