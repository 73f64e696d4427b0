"""The audit log's arithmetic: canonical bytes, the Merkle tree, signed notes, keys, verification.

No database and no rule about cases belongs here: a stranger can check a log with this room alone.
"""
