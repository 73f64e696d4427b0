"""What shows that the register is what it says: verification, checkpoints, bundles, findings.

What needs no store, such as the checks of an event, stands in `log`.
"""
