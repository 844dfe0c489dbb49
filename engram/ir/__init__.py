"""What kernels mean: checked models become typed expressions over arrays, and an interpreter defines their results.

In: models of ``language``. Out: kernels, which ``native`` prints as C.
"""
