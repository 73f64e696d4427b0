"""The number of the door, raised by every change of it, and the digest of its content."""

from __future__ import annotations

# Generated: make docs counts the number on where the functions, policies or rules have changed.
# [[[cog
# from casework.store.door import edition
# print(edition.source())
# ]]]
NUMBER = 47
DIGEST = "64a55f1048dc23efd61db9e5434c667c977286b9f6797549a14256a77cad3e80"
# [[[end]]]
