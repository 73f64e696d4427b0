"""The one door: only what stands here writes the register."""
