"""Work around the register: the demonstration, letters, and the care of a store."""
