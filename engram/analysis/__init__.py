"""What a run has brought: plots, and later statistics and reports, from the lists and arrays that monitors return."""
