"""The number of the door, raised by every change of it, and the digest of its content."""

from __future__ import annotations

# Generated: make docs counts the number on where the functions, policies or rules have changed.
# [[[cog
# from casework.store.door import edition
# print(edition.source())
# ]]]
NUMBER = 59
DIGEST = "48c5769e069fa6fe96160a3354f0b0477da574c548a0304ff972ba8b69db00ca"
# [[[end]]]
