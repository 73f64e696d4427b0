"""What the program needs from the machine: files, folders, platforms, the clock, text input.

Nothing here depends on what a register is.
"""
