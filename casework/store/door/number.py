"""The number of the door, raised by every change of it, and the digest of its content."""

from __future__ import annotations

# Generated: make docs counts the number on where the functions, policies or rules have changed.
# [[[cog
# from casework.store.door import edition
# print(edition.source())
# ]]]
NUMBER = 44
DIGEST = "5709755deb53e08aadedbcb039cd1eac5880e97fc82c6b77bebed392b6ad4841"
# [[[end]]]
