"""The server's door: what PostgreSQL itself decides about a shared register.

The functions and policies stand in the `.sql` files of this folder, in the order of their names;
the rules they ask, `casework_rules()`, are made from the tables of `workflow` and `records`. `init`
and `db upgrade` drop all of it and make it anew as their last step. Nothing here is a migration,
and no copy of the rules is kept: whoever changes a table or a file runs `make docs`, which gives
the door its next number.
"""
