"""What a run has brought: statistics of spikes, plots, tables of other libraries, from what monitors return.

It stands below the network: monitors call it, and it knows of them what ``axes`` and ``recording`` say.
"""
