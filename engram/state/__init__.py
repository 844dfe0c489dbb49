"""The tree: every value that a simulation remembers, as named arrays, and the keyed random draws."""
