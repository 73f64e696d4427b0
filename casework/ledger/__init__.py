"""The only code that writes the register.

The gate is here too: whoever calls, an act that needs two people becomes a request. Nothing is
decided here; an act already has its changes.
"""
