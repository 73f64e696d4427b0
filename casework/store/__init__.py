"""Storage on both engines: tables, statements, connections, upgrades, and the server's rules.

No rule about cases belongs here; the rules that a server needs are generated from `rules` and
`kinds`.
"""
