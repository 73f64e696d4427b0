"""Work around a register: the demonstration, letters, the care of a store, what a script is given.

What becomes of a case does not belong here: that is an act.
"""
