"""What the register keeps: one row per field of each kind of record, as plain data.

Everything else that is said of a field follows from its row. Nothing here knows of a database, a
command line or a file, or decides what may become of a record.
"""
