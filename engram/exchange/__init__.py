"""Models and data to and from other simulators, through the public API only."""
