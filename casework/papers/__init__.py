"""A paper as data, and the formats it is written in.

Nothing here knows what a report is about; a format decides only how values look.
"""
