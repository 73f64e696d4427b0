"""The number of the door, which every change of it makes greater, and the digest of all it is."""

from __future__ import annotations

# Generated: make docs counts the number on where the functions, policies or rules have changed.
# [[[cog
# from casework.store.door import edition
# print(edition.source())
# ]]]
NUMBER = 17
DIGEST = "8c05e907e212753dbed74bdfd969ce53d0b47ec2f6963f4da6f0950e4a4c390c"
# [[[end]]]
