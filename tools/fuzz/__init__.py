"""Mutates files by the thousand and lets a network load each: ``python -m tools.fuzz``."""
