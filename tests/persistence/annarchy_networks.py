"""The networks whose files of ANNarchy stand in ``tests/data/annarchy/files``, as engram builds them.

Each folder is one of three networks, saved by version 4.8 or 5.0.4 as a whole, object by object and as connectivity.
``expected.json`` was read from ANNarchy's live attributes, not from the files.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

import engram as eg

__all__ = ["FILES", "FOLDERS", "NEURONS", "assert_as_expected", "built", "expected"]

FOLDER = Path(__file__).parents[1] / "data" / "annarchy" / "files"
FOLDERS = sorted(FOLDER.glob("*/*"))
FILES = sorted(path for folder in FOLDERS for path in folder.iterdir() if path.suffix != ".json")

NEURONS = {
    "rate": eg.Neuron(
        parameters="tau = 10.0 : population\nbaseline = 0.5",
        equations="tau*dr/dt = -r + sum(exc) + baseline : min=0.0",
    ),
    "spiking": eg.Neuron(
        parameters="""
            a = 0.02 : population
            b = 0.2 : population
            c = -65.0 : population
            d = 8.0 : population
            tau_ampa = 5.0 : population
            tau_nmda = 150.0 : population
            v_rev = 0.0 : population
            v_thresh = 30.0 : population
            i_off = 5.0
        """,
        equations="""
            dg_exc/dt = -g_exc/tau_ampa
            dg_inh/dt = -g_inh/tau_nmda
            I = i_off + g_exc*(v_rev - v) - g_inh
            dv/dt = 0.04*v^2 + 5.0*v + 140.0 - u + I : init=-65.0
            du/dt = a*(b*v - u) : init=-13.0
        """,
        spike="v > v_thresh",
        reset="v = c\nu += d",
        refractory=1.0,
    ),
}
SYNAPSES = {
    "rate": eg.Synapse(
        parameters="tau = 200.0 : projection\nalpha = 2.0 : projection\neta = 1.0",
        equations="""
            tau*dw/dt = eta*(pre.r*post.r - alpha*post.r^2*w) : min=0.0
            trace = 0.9*trace + 0.1*pre.r*post.r
        """,
    ),
    "spiking": eg.Synapse(
        parameters="""
            tau_plus = 20.0 : projection
            tau_minus = 60.0 : projection
            A_plus = 0.0002 : projection
            A_minus = 0.000066 : projection
            w_max = 0.03 : projection
        """,
        equations="""
            dx/dt = -x/tau_plus : event-driven
            dy/dt = -y/tau_minus : event-driven
        """,
        pre_spike="g_target += w\nx += A_plus*w_max\nw = clip(w + y, 0.0, w_max)",
        post_spike="y -= A_minus*w_max\nw = clip(w + x, 0.0, w_max)",
    ),
}


@cache
def expected(folder):
    """Return what ANNarchy had in its attributes."""
    return json.loads((folder / "expected.json").read_text(encoding="utf-8"))


def built(folder, connect=None, **more):
    """Return the network of a folder, compiled; ``connect`` gives it other synapses than one weight for all pairs."""
    said = expected(folder)
    kind = "rate" if said["kind"] == "rate" else "spiking"
    net = eg.Network(dt=said["dt"], seed=3, **more)
    populations = [net.create(one["size"], NEURONS[kind], name=name) for name, one in said["populations"].items()]
    ((name, _),) = said["projections"].items()
    projection = net.connect(*populations, "exc", SYNAPSES[kind], name=name)
    if connect is None:
        projection.all_to_all(0.5)
    else:
        connect(projection)
    net.compile()
    return net


def assert_as_expected(net, folder, names, attributes=None):
    """Compare objects with what ANNarchy had, to the bit."""
    said = expected(folder)
    for name in names:
        its = {**said["populations"], **said["projections"]}[name]
        if name in said["populations"]:
            live = net.get_population(name)
        else:
            live = net.get_projection(name)
            assert list(live.post_ranks) == its["post_ranks"]
            assert _plain(live.pre_ranks) == its["pre_ranks"]
            assert _plain(live.delay) == its["delays_ms"]
        for attribute, value in its["attributes"].items():
            if attributes is None or attribute in attributes:
                assert _plain(getattr(live, attribute)) == value, f"{name}.{attribute}"


def _plain(value):
    """Return numbers in lists of Python's."""
    if hasattr(value, "tolist"):
        return value.tolist()
    return [_plain(one) for one in value] if isinstance(value, list) else value
