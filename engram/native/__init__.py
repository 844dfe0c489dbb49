"""Kernels as machine code: C text, a compiler, a cache of shared objects, the engine that runs a schedule of them."""
