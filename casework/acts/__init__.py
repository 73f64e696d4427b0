"""What is done to the register, whatever face it is done through: a session, and what it tells.

No face belongs here: nothing here parses a command line, prints, sleeps, or ends the program.
"""
