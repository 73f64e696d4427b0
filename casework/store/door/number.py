"""The number of the door, raised by every change of it, and the digest of its content."""

from __future__ import annotations

# Generated: make docs counts the number on where the functions, policies or rules have changed.
# [[[cog
# from casework.store.door import edition
# print(edition.source())
# ]]]
NUMBER = 28
DIGEST = "4617e126b2b5d6c1fe411740d216f620f331a52a546c92fa67f7a3a3b07f2549"
# [[[end]]]
