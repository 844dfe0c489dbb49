"""The networks by which ``tools/same_bits.py`` compares two commits."""
