"""The number of the door, raised by every change of it, and the digest of its content."""

from __future__ import annotations

# Generated: make docs counts the number on where the functions, policies or rules have changed.
# [[[cog
# from casework.store.door import edition
# print(edition.source())
# ]]]
NUMBER = 60
DIGEST = "f654460f366269d172ae1e977cca19539692b892d2e50320b25ae8cceecce07a"
# [[[end]]]
