"""The door: the functions and policies by which PostgreSQL itself guards a shared register.

The functions and policies are in the `.sql` files of this folder, applied in the order of their
names. Their rules, `casework_rules()`, are generated from the tables of `workflow` and `records`.
`init` and `db upgrade` drop all of it and create it again as their last step. Nothing here is a
migration, and no copy of the rules is kept: after changing a table or a file, run `make docs`,
which gives the door its next number.
"""
