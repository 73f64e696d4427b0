"""The number of the door, raised by every change of it, and the digest of its content."""

from __future__ import annotations

# Generated: make docs counts the number on where the functions, policies or rules have changed.
# [[[cog
# from casework.store.door import edition
# print(edition.source())
# ]]]
NUMBER = 67
DIGEST = "c096968aa82276d7ffedf6c8dd8e2fb613b73734a05bb95dd57a9675c8800787"
# [[[end]]]
