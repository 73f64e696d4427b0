"""The audit log's arithmetic: canonical bytes, the Merkle tree, verification. No database."""
