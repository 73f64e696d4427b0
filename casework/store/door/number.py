"""The number of the door, raised by every change of it, and the digest of its content."""

from __future__ import annotations

# Generated: make docs counts the number on where the functions, policies or rules have changed.
# [[[cog
# from casework.store.door import edition
# print(edition.source())
# ]]]
NUMBER = 23
DIGEST = "73d3aa2f7529d475d91f3c907756ed3a83e8f90afd5cd05350f7ff5cd7863560"
# [[[end]]]
