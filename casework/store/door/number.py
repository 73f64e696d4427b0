"""The number of the door, raised by every change of it, and the digest of its content."""

from __future__ import annotations

# Generated: make docs counts the number on where the functions, policies or rules have changed.
# [[[cog
# from casework.store.door import edition
# print(edition.source())
# ]]]
NUMBER = 48
DIGEST = "a2c8f6d2c308c48940e760ac7a089f7c62c1d2bc7f0670d1b20f064c747b042f"
# [[[end]]]
