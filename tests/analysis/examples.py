"""Spikes that several tests share, in all the forms in which users may have them."""

import numpy as np

from engram.analysis.forms import RECORD

SPIKES = {0: [2, 5, 9], 1: [], 2: [3, 4, 10, 20], 5: [7]}


def drawn(seed=1, neurons=12, steps=200, most=30):
    """Return random spikes, some neurons without any."""
    rng = np.random.default_rng(seed)
    return {
        int(rank): sorted(rng.choice(steps, rng.integers(0, most), replace=False).tolist())
        for rank in rng.permutation(100)[:neurons]
    }


def structured(spikes, dt=1.0):
    """Return them as ``get("spike", structured=True)`` does."""
    pairs = sorted((step, rank) for rank, steps in spikes.items() for step in steps)
    return np.array([(step * dt, rank) for step, rank in pairs], RECORD)
