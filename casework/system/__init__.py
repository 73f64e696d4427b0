"""What the program needs of the machine, and nothing of the register: files, places, text."""
