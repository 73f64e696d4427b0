"""The audit log's arithmetic: canonical bytes, the Merkle tree, signed notes, keys, verification.

Nothing here uses a database or a rule about cases: this package alone is enough to check a log.
"""
