"""What shows that the register is what it says: verification, checkpoints, bundles, findings."""
