"""The side of ANNarchy, run by the Python that has it: ``theirs.py KIND FOLDER``. The models are ours, too.

In: files that engram converted. Out: what ANNarchy has in its attributes after each load, in ``got.json``; and, after
some steps more, files of its own, beside ``wrote.json`` with its attributes.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import numpy as np

__all__ = ["FILES", "KINDS", "NAMES", "OBJECTS", "built", "connected", "live"]

FILES = ("net.txt", "net.gz", "net.npz")
OBJECTS = (".txt", ".gz", ".npz")  # of each population and projection
NAMES = ("pre", "post", "synapses")
N_PRE, N_POST, DELAY_MS = 14, 9, 3.0
SPIKING = (
    {
        "parameters": "a = 0.02 : population\nb = 0.2 : population\nc = -65.0 : population\nd = 8.0\ni_off = 9.0",
        "equations": """
            dg_exc/dt = -g_exc/5.0
            dv/dt = 0.04*v^2 + 5.0*v + 140.0 - u + i_off + g_exc : init=-65.0
            du/dt = a*(b*v - u) : init=-13.0
        """,
        "spike": "v > 30.0",
        "reset": "v = c\nu += d",
    },
    {
        "parameters": "tau = 20.0 : projection\nw_max = 0.5 : projection",
        "equations": "dx/dt = -x/tau : event-driven\ndy/dt = -y/tau : event-driven",
        "pre_spike": "g_target += w\nx += 0.02*w_max\nw = clip(w + y, 0.0, w_max)",
        "post_spike": "y -= 0.01*w_max\nw = clip(w + x, 0.0, w_max)",
    },
)
RATE = (
    {
        "parameters": "tau = 10.0 : population\nbaseline = 0.5",
        "equations": "tau*dr/dt = -r + sum(exc) + baseline : min=0.0",
    },
    {
        "parameters": "tau = 200.0 : projection\neta = 1.0",
        "equations": "tau*dw/dt = eta*(pre.r*post.r - post.r^2*w) : min=0.0\ntrace = 0.9*trace + 0.1*pre.r*post.r",
    },
)
KINDS = {"spiking": SPIKING, "rate": RATE}


def built(library: Any, kind: str) -> tuple[Any, tuple[Any, Any, Any]]:
    """Return the network of a kind, not connected, and its objects; both libraries are asked in the same words."""
    neuron, synapse = KINDS[kind]
    net = library.Network(dt=1.0, seed=5)
    pre, post = (
        net.create(n, library.Neuron(**neuron), name=name) for n, name in zip((N_PRE, N_POST), NAMES[:2], strict=True)
    )
    return net, (pre, post, net.connect(pre, post, "exc", library.Synapse(**synapse), name=NAMES[2]))


def connected() -> Any:
    """Return weights, post by pre: dendrites of different lengths, one without synapses, NaN where there is none."""
    random = np.random.default_rng(3)
    weights = random.uniform(0.05, 0.4, (N_POST, N_PRE))
    weights[random.uniform(size=weights.shape) < 0.5] = np.nan
    weights[4] = np.nan
    return weights


def live(objects: tuple[Any, Any, Any], attributes: tuple[list[str], list[str], list[str]]) -> dict[str, Any]:
    """Return what the objects have in their attributes, as lists; of the projection one list a dendrite."""
    found: dict[str, Any] = {}
    for name, one, wanted in zip(NAMES, objects, attributes, strict=True):
        values = {attribute: _plain(getattr(one, attribute)) for attribute in wanted}
        found[name] = values if name != NAMES[2] else {**values, **_wired(one)}
    return found


def _wired(projection: Any) -> dict[str, Any]:
    ranks = [int(rank) for rank in projection.post_ranks]
    return {"post_ranks": ranks, "pre_ranks": [_plain(projection.dendrite(rank).pre_ranks) for rank in ranks]}


def _plain(value: Any) -> Any:
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    return np.asarray(value).tolist()


def main() -> None:
    """Load, tell, run, save, tell."""
    import ANNarchy  # type: ignore[import-not-found]  # in an environment of its own
    import scipy.sparse

    kind, folder = sys.argv[1], Path(sys.argv[2])
    net, objects = built(ANNarchy, kind)
    weights = connected().T  # it wants them pre by post
    matrix = scipy.sparse.lil_matrix(np.nan_to_num(weights))
    objects[2].from_sparse(matrix, delays=DELAY_MS)
    net.compile(directory=str(folder / "compiled"), silent=True)
    attributes: Any = tuple([*dict.fromkeys(one.attributes)] for one in objects)
    got = {}
    for file in FILES:
        net.simulate(7.0)  # so that a load that does nothing is seen
        net.load(str(folder / file))
        got[file] = {"step": int(net.current_step), **live(objects, attributes)}
    for suffix in OBJECTS:
        net.simulate(7.0)
        for name, one in zip(NAMES, objects, strict=True):
            one.load(str(folder / f"{name}{suffix}"))
        got[f"objects {suffix}"] = live(objects, attributes)
    (folder / "got.json").write_text(json.dumps(got), encoding="utf-8")
    net.simulate(20.0)
    for file in FILES:
        net.save(str(folder / f"theirs-{file}"))
    for suffix in OBJECTS:
        for name, one in zip(NAMES, objects, strict=True):
            one.save(str(folder / f"theirs-{name}{suffix}"))
    wrote = {"step": int(net.current_step), **live(objects, attributes)}
    (folder / "wrote.json").write_text(json.dumps({"attributes": attributes, "version": ANNarchy.__version__, **wrote}))


if __name__ == "__main__":
    main()
