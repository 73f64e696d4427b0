"""The number of the door, raised by every change of it, and the digest of its content."""

from __future__ import annotations

# Generated: make docs counts the number on where the functions, policies or rules have changed.
# [[[cog
# from casework.store.door import edition
# print(edition.source())
# ]]]
NUMBER = 27
DIGEST = "e8e05cbb685fc31b7fdd070ec12345a4496ad1c009f8720b8ce8a728255ec616"
# [[[end]]]
