"""Measurements beside the bars: `python -m benchmarks.run`; lines per file and function: `python -m benchmarks.sizes`."""
