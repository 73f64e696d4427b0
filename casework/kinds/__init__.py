"""The kinds of record that the register keeps: one row for each field, as plain data.

Everything else about a field is derived from its row. Nothing here uses a database, a command line
or a file, and no rule is decided here.
"""
