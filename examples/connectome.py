"""A connectome from a table: a wave of spikes finds the shortest ways through it.

The script writes a table as connectomes are published: a row per connection and region, with ids of the neurons that
are no ranks, a number of contacts, and a delay. `connect_from` reads it. One neuron is excited, and each of the others
fires once, when the first spike reaches it.

Expected: the time of that spike is the length of the shortest way from the first neuron, in ms, as Dijkstra's
algorithm finds it: equal for every neuron, to the step. Neurons that no way leads to stay silent.

Ponulak F, Hopfield JJ (2013) Rapid, parallel path planning by propagating wavefronts of spiking neural activity.
Front Comput Neurosci 7:98. Dijkstra EW (1959) A note on two problems in connexion with graphs. Numer Math 1:269-271.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import dijkstra

import engram as eg

__all__ = ["main"]

# Any contact is enough for a spike, and there is one only: `fired` is 0 before it, 1 after it.
ONCE = eg.Neuron(
    parameters="I = 0.0",
    equations="fired = fired : init = 0.0\n v = g_exc + I - 1000.0*fired",
    spike="v > 0.0",
    reset="fired = 1.0",
)


def write_table(file: Path, n: int, rng: np.random.Generator) -> tuple[list[int], csr_matrix]:
    """Write connections of neurons along a ring, most of them short, into a .csv file.

    Returns:
        The ids of the neurons, and the delays (ms) of the same connections as a matrix (pre, post).
    """
    ids = np.sort(rng.choice(10 * n, n, replace=False)) + 720_575_940_000_000_000
    pre, distance = rng.integers(0, n, 8 * n), np.rint(rng.laplace(0.0, 20.0, 8 * n)).astype(np.int64)
    is_long = rng.random(8 * n) < 0.001
    distance[is_long] = rng.integers(-n // 2, n // 2, is_long.sum())
    post = (pre + distance) % n
    delay = 1.0 + np.round(0.1 * np.minimum(np.abs(distance), 50), 1)  # long ones are fast
    region, contacts = rng.integers(0, 5, 8 * n), rng.integers(1, 30, 8 * n)
    columns = [values.tolist() for values in (ids[pre], ids[post], region, contacts, delay)]
    lines = [f"{a},{b},region {c},{d},{e:.1f}" for a, b, c, d, e in zip(*columns, strict=True)]
    file.write_text("\n".join(["pre_id,post_id,region,contacts,delay", *lines]) + "\n")
    _, once = np.unique(pre * n + post, return_index=True)  # a pair with contacts in two regions has one delay
    return ids.tolist(), csr_matrix((delay[once], (pre[once], post[once])), (n, n))


def main(quick: bool = False, output: str = "connectome.png") -> dict[str, float]:
    """Write the table, read it, send the wave, compare with Dijkstra's ways, draw both."""
    n, file = 2_000 if quick else 50_000, Path(output).with_suffix(".csv")
    ids, delays = write_table(file, n, np.random.default_rng(1))

    net = eg.Network(dt=0.1, seed=1)
    neurons = net.create(n, ONCE, name="neurons")
    proj = net.connect(neurons, neurons, "exc")
    proj.connect_from(
        file, "pre_id", "post_id", weights="contacts", delays="delay", pre_ids=ids, post_ids=ids, duplicates="sum"
    )
    spikes = net.monitor(neurons, "spike")
    net.compile()
    first = n // 2
    neurons[first].I = 1.0
    net.simulate(1000.0)
    kept = spikes.get("spike", structured=True)
    arrival = np.full(n, np.inf)
    arrival[kept["rank"]] = kept["time"]

    shortest = dijkstra(delays, indices=[first])[0]
    n_equal = int(np.isclose(arrival, shortest).sum())  # infinities are close, too
    print(f"{proj.nb_synapses} synapses from {8 * n} rows of {file.name}")
    print(f"{len(kept)} of {n} neurons are reached, the last after {kept['time'].max():.1f} ms")
    print(f"{n_equal} of {n} arrival times are those of the shortest ways (expected: all)")

    figure, (left, right) = plt.subplots(1, 2, figsize=(10, 4.5), layout="constrained")
    eg.plot.raster(kept, dt=net.dt, ax=left)
    left.set(title="the wave: each neuron fires once")
    is_reached = np.isfinite(arrival)
    right.plot(shortest[is_reached], arrival[is_reached], ".", markersize=3)
    right.axline((0.0, 0.0), slope=1.0, color="black", linewidth=0.8)
    right.set(xlabel="shortest way (ms)", ylabel="time of the spike (ms)", title=f"{n_equal} of {n} equal")
    figure.savefig(output, dpi=100)
    plt.close(figure)
    return {"neurons": float(n), "equal": float(n_equal), "reached": float(len(kept))}


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="2,000 neurons instead of 50,000")
    parser.add_argument("--output", default="connectome.png", help="where the figure goes; the table goes beside it")
    main(**vars(parser.parse_args()))
