"""Ready-made synapses: rate-coded and spiking. Each is a class whose arguments are the parameters."""
