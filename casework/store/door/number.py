"""The number of the door, raised by every change of it, and the digest of its content."""

from __future__ import annotations

# Generated: make docs counts the number on where the functions, policies or rules have changed.
# [[[cog
# from casework.store.door import edition
# print(edition.source())
# ]]]
NUMBER = 49
DIGEST = "cbf3d9926aa85cdae6fcd1a3a589e10d214a0e94c5d7904587c63d1b6a8873b8"
# [[[end]]]
