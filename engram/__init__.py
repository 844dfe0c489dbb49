"""engram."""
