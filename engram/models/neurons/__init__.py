"""Ready-made neurons, one family per module. Each is a class whose arguments are the parameters."""
