"""The rules for cases and other records, decided without a database.

`invariants` says what is true of every case, and `lawful` what an act may change. Verbs, imported
histories, corrections, verification and the server all use them. Nothing here reads a store, prints
or writes; callers pass in what a rule needs to know.
"""
