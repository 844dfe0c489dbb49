"""Zip archives: the formats ``.npz`` and ``.engram``."""
