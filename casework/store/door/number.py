"""The number of the door, raised by every change of it, and the digest of its content."""

from __future__ import annotations

# Generated: make docs counts the number on where the functions, policies or rules have changed.
# [[[cog
# from casework.store.door import edition
# print(edition.source())
# ]]]
NUMBER = 63
DIGEST = "3f5c36351dcd817469500a04d0045ff795e8d975a33bc4e1ae1f1f837bee665b"
# [[[end]]]
