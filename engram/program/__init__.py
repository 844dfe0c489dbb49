"""What is made of a network and runs: its objects, its tree, kernels and schedules, and what follows from what."""
