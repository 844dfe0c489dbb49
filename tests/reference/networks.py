"""All reference networks: importing this fills ``recording.NETWORKS``."""

from tests.reference import differences, models, rate_neurons, rate_synapses, spiking_neurons, spiking_synapses
from tests.reference.recording import NETWORKS

__all__ = ["NETWORKS", "differences", "models", "rate_neurons", "rate_synapses", "spiking_neurons", "spiking_synapses"]
