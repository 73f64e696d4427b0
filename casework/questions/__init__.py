"""Every read of the register, by subject, for today and for an earlier day.

Nothing here writes, and nothing here is worded for a reader.
"""
