"""Proofs about the register: verification, checkpoints, evidence bundles, findings.

What needs no store, such as the checks of an event, is in `log`.
"""
