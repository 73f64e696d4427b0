"""The number of the door, raised by every change of it, and the digest of its content."""

from __future__ import annotations

# Generated: make docs counts the number on where the functions, policies or rules have changed.
# [[[cog
# from casework.store.door import edition
# print(edition.source())
# ]]]
NUMBER = 55
DIGEST = "15e7668001012950dec89be1bba3b5c438f13a8ad712a250ab67be2cf01751e6"
# [[[end]]]
