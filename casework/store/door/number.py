"""The number of the door, raised by every change of it, and the digest of its content."""

from __future__ import annotations

# Generated: make docs counts the number on where the functions, policies or rules have changed.
# [[[cog
# from casework.store.door import edition
# print(edition.source())
# ]]]
NUMBER = 41
DIGEST = "e01370b0aca1923ca48d5c89fe2f7c5fceb923a4f271f8dd2a0f7d67bb436a6b"
# [[[end]]]
