"""Measurements beside their bars (``benchmarks.run``), what more neurons (``benchmarks.growth``) and more objects
(``benchmarks.objects``) cost, and the sizes of files and functions (``benchmarks.sizes``).
"""
