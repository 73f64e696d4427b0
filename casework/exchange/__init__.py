"""Cases in and out of files, and calendars in: readers of formats, plans of what would change.

Nothing here writes the register: a plan is handed to the ledger.
"""
