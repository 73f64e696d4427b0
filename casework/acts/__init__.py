"""Acts on the register: the session, each act, and the notices that accompany a result.

The command line, the library and any other interface call these. Nothing here parses a command
line, prints, sleeps or ends the program.
"""
