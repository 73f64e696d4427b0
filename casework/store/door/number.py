"""The number of the door, raised by every change of it, and the digest of its content."""

from __future__ import annotations

# Generated: make docs counts the number on where the functions, policies or rules have changed.
# [[[cog
# from casework.store.door import edition
# print(edition.source())
# ]]]
NUMBER = 68
DIGEST = "f70ec2639947d9fd07b8e9ca22d8cfe2327e208cc205715056375bf1979baf99"
# [[[end]]]
