"""The number of the door, raised by every change of it, and the digest of its content."""

from __future__ import annotations

# Generated: make docs counts the number on where the functions, policies or rules have changed.
# [[[cog
# from casework.store.door import edition
# print(edition.source())
# ]]]
NUMBER = 22
DIGEST = "4d9b895bedbe0e51919bbffad17e37b06286f512af15e9c0d9a04c7e81c596b9"
# [[[end]]]
