"""The number of the door, raised by every change of it, and the digest of its content."""

from __future__ import annotations

# Generated: make docs counts the number on where the functions, policies or rules have changed.
# [[[cog
# from casework.store.door import edition
# print(edition.source())
# ]]]
NUMBER = 42
DIGEST = "7856ce6e4908e6cdae34afcf30f0d7347761d01f986e8c9534bd8e151a4a433c"
# [[[end]]]
