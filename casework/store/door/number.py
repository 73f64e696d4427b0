"""The number of the door, raised by every change of it, and the digest of its content."""

from __future__ import annotations

# Generated: make docs counts the number on where the functions, policies or rules have changed.
# [[[cog
# from casework.store.door import edition
# print(edition.source())
# ]]]
NUMBER = 70
DIGEST = "2571c6f6908eac9b36472759e5220f6bf6225fab6bc85687b721043a075ace14"
# [[[end]]]
