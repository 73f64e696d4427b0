"""The number of the door, raised by every change of it, and the digest of its content."""

from __future__ import annotations

# Generated: make docs counts the number on where the functions, policies or rules have changed.
# [[[cog
# from casework.store.door import edition
# print(edition.source())
# ]]]
NUMBER = 34
DIGEST = "bd66178b1072d3570a770760a43b5db5711d89d19e2e7b98a71c79e1ec01ee92"
# [[[end]]]
