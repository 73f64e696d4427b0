"""The number of the door, raised by every change of it, and the digest of its content."""

from __future__ import annotations

# Generated: make docs counts the number on where the functions, policies or rules have changed.
# [[[cog
# from casework.store.door import edition
# print(edition.source())
# ]]]
NUMBER = 62
DIGEST = "f0ce1f41277c96f12ed63794ebe18e289c8471934cc80ce5040ee38f4556a7c6"
# [[[end]]]
