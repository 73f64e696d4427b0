"""The number of the door, raised by every change of it, and the digest of its content."""

from __future__ import annotations

# Generated: make docs counts the number on where the functions, policies or rules have changed.
# [[[cog
# from casework.store.door import edition
# print(edition.source())
# ]]]
NUMBER = 38
DIGEST = "11f3d3167ba9f9e651c10ce0daeb1bbf7201d6722ce43e1c267c805e3d9d8787"
# [[[end]]]
