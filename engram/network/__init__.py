"""What the user builds and runs: networks of populations and projections, monitors, and the functions of ``engram``."""
