"""All questions to the register, by subject, for today and for earlier days.

Nothing here writes, and nothing here is put into words for a reader.
"""
