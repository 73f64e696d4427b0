"""What may be: the rules a case is under, decided without a database.

`invariants` says what every case is, `lawful` what an act on one may change; verbs, histories that
files tell, imports, corrections, verification and the server all ask them. Nothing here reads a
store, prints, or writes; what a rule needs of the register is given to it.
"""
