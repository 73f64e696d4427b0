"""The two engines: tables, statements, connections, upgrades, and the server's own rules."""
