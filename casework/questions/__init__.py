"""Every read of the register, by subject; nothing here writes."""
