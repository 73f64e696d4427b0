"""Import and export: readers of file formats, and plans of the changes.

Nothing here writes the register; plans are passed to the ledger.
"""
