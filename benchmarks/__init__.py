"""Measurements beside their bars (``benchmarks.run``), what more neurons (``benchmarks.growth``) and more objects
(``benchmarks.objects``) cost, runs of parameter studies (``benchmarks.studies``), and the sizes of files and functions
(``benchmarks.sizes``).
"""
