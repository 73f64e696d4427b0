"""The one door: only what stands here writes the register.

The gate is here too: what two people decide is asked for, whoever calls. Decisions do not belong
here; an act comes with its changes.
"""
