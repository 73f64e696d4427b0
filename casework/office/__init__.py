"""Services around a register: the demonstration, letters, maintenance, the library interface.

Changes of cases do not belong here; they are acts.
"""
