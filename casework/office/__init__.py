"""Work around a register: the demonstration, letters, checking a store, backing it up.

What becomes of a case does not belong here: that is an act.
"""
