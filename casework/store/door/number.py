"""The number of the door, raised by every change of it, and the digest of its content."""

from __future__ import annotations

# Generated: make docs counts the number on where the functions, policies or rules have changed.
# [[[cog
# from casework.store.door import edition
# print(edition.source())
# ]]]
NUMBER = 31
DIGEST = "0958096de4dba9c0d9f7f8de2888bf7832a924aa5787921f02a04641c79dcc46"
# [[[end]]]
