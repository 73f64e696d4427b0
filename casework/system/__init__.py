"""What the program needs of the machine: files, places, platforms, the clock, text taken in.

Nothing here knows what a register is.
"""
