"""Cases in and out of the register: CSV and JSON Lines."""
