"""The two engines: tables, statements, connections, upgrades, and the server's own rules.

What a case may become does not belong here; what a server must know of it is generated from `rules`
and `kinds`.
"""
