"""A small network in a file, for the tests of commands."""

from __future__ import annotations

import engram as eg

__all__ = ["LIF", "damage", "saved"]

LIF = eg.Neuron("tau = 10.0 : population", "tau*dv/dt = -v + 1.0 : init = 0.5\nr = v")


def saved(path, *, tau=10.0, v=0.5, n=3, dt=1.0, neuron=LIF):
    """Save a network of one population; returns the path as text."""
    net = eg.Network(dt=dt, seed=1)
    exc = net.create(n, neuron, name="exc")
    exc.tau = tau
    if v is not None:
        exc.v = v
    net.compile()
    net.save(path)
    return str(path)


def damage(path, values):
    """Flip one bit of these values in a file that has them as they are."""
    with open(path, "rb") as stream:
        data = bytearray(stream.read())
    data[data.index(values.tobytes())] ^= 1
    with open(path, "wb") as stream:
        stream.write(data)
