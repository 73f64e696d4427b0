"""The number of the door, raised by every change of it, and the digest of its content."""

from __future__ import annotations

# Generated: make docs counts the number on where the functions, policies or rules have changed.
# [[[cog
# from casework.store.door import edition
# print(edition.source())
# ]]]
NUMBER = 58
DIGEST = "0176fff47bcf0dd5b62850750c02d2425d693b28cb4ee7c29967e038123c1d45"
# [[[end]]]
