"""Short ways to build small networks and to watch them step by step."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

import engram as eg

__all__ = ["RATE", "alone", "clock", "connected", "sink", "source", "watch"]

RATE = eg.Neuron(parameters="b = 0.0", equations="r = b")


def source(*steps: int) -> eg.Neuron:
    """A neuron that spikes in the given steps; ``n`` is the number of the step."""
    condition = " or ".join(f"n == {step}" for step in steps) or "n < 0"
    return eg.Neuron(equations="n = n + 1 : int, init=-1", spike=condition)


def sink(g: str = "dg_exc/dt = 0") -> eg.Neuron:
    """A neuron that never spikes and keeps what arrives in g_exc."""
    return eg.Neuron(equations=f"v = g_exc\n{g}", spike="v > 1e30")


def clock(text: str = "r = t") -> eg.Neuron:
    """A rate-coded neuron whose r is the time at the beginning of the step."""
    return eg.Neuron(equations=text)


def watch(net: eg.Network, backend: str, steps: int, *probes: Callable[[], Any], compiled: bool = False) -> list[Any]:
    """Compile and run; return for each probe the list of what it gave after each step."""
    if not compiled:
        net.compile(backend=backend)
    seen: list[list[Any]] = [[] for _ in probes]
    for _ in range(steps):
        net.step()
        for values, probe in zip(seen, probes, strict=True):
            value = probe()
            values.append(value.copy() if isinstance(value, np.ndarray) else value)
    return seen if len(probes) != 1 else seen[0]


def alone(
    backend: str,
    steps: int,
    names: str,
    dt: float = 1.0,
    n: int = 1,
    values: dict[str, Any] | None = None,
    **texts: Any,
) -> dict[str, list[float]]:
    """Run one neuron and return the values of some attributes after each step, which may be infinite or NaN."""
    net = eg.Network(dt=dt, seed=1)
    net.config(check_finite=False)
    pop = net.create(n, eg.Neuron(**texts))
    pop.set(values or {})
    words = names.split()
    seen = watch(net, backend, steps, lambda: [np.ravel(pop.get(name))[0].item() for name in words])
    return {name: [row[k] for row in seen] for k, name in enumerate(words)}


def connected(
    pre: eg.Neuron,
    post: eg.Neuron,
    synapse: eg.Synapse | None = None,
    *,
    w: Any = 1.0,
    delays: float = 0.0,
    dt: float = 1.0,
    n_pre: int = 1,
    n_post: int = 1,
    target: str = "exc",
) -> tuple[eg.Network, eg.Population, eg.Population, eg.Projection]:
    """Two populations and all synapses between them, not compiled."""
    net = eg.Network(dt=dt, seed=1)
    one, other = net.create(n_pre, pre, name="one"), net.create(n_post, post, name="other")
    proj = net.connect(one, other, target, synapse, name="between").all_to_all(
        w, delays=delays, force_multiple_weights=True
    )
    return net, one, other, proj
