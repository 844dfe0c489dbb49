"""Proves that a network goes on to the bit wherever it is put down: ``python -m tools.exactness``."""
