"""The number of the door, raised by every change of it, and the digest of its content."""

from __future__ import annotations

# Generated: make docs counts the number on where the functions, policies or rules have changed.
# [[[cog
# from casework.store.door import edition
# print(edition.source())
# ]]]
NUMBER = 35
DIGEST = "219c4a987704604d890ab8286d3adc45fc91c8958b86370718a82838b9f18065"
# [[[end]]]
