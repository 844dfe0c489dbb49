"""Measurements beside their bars (``benchmarks.run``), and the sizes of files and functions (``benchmarks.sizes``)."""
