"""What a reference network is, and how it is run: the same for both simulators.

Called by ``test_reference.py`` and by ``benchmarks/record_reference.py``, which runs it where engram is not installed:
so this package imports nothing but NumPy.
"""

import re
from dataclasses import dataclass, field

import numpy as np

NETWORKS = {}


@dataclass
class Recording:
    """What to record of a network, and what to do while it runs.

    Attributes:
        monitors: name -> (monitor, variables).
        values: name -> (population or projection, attribute), read after every step.
        compiled: called after compile.
        before: step -> function called before that step.
    """

    monitors: dict = field(default_factory=dict)
    values: dict = field(default_factory=dict)
    compiled: object = None
    before: dict = field(default_factory=dict)

    def watch(self, net, name, obj, *variables):
        """Record variables of a population with a monitor."""
        self.monitors[name] = (net.monitor(obj, list(variables)), variables)

    def sample(self, name, obj, *attributes):
        """Read attributes of a projection after every step."""
        for attribute in attributes:
            self.values[f"{name}.{attribute}"] = (obj, attribute)


@dataclass(frozen=True)
class Reference:
    """A network: its function, step, number of steps, and what it covers."""

    name: str
    build: object
    dt: float
    steps: int
    covers: str


def reference(covers, dt=1.0, steps=60):
    """Register ``network_<name>(sim, net)``, which returns a :class:`Recording`."""

    def register(build):
        name = re.sub("^network_", "", build.__name__)
        NETWORKS[name] = Reference(name, build, dt, steps, covers)
        return build

    return register


def run(sim, name, settings=None, **compile_options):
    """Build a network with ``sim`` (the module), run it, and return arrays by name; ``settings`` are for its config.

    A variable is (steps, elements), spikes are rows (step, rank) in ascending order.
    """
    entry = NETWORKS[name]
    net = sim.Network(dt=entry.dt, seed=1)
    net.config(**(settings or {}))
    recording = entry.build(sim, net)
    net.compile(**compile_options)
    if recording.compiled is not None:
        recording.compiled()
    samples = {key: [] for key in recording.values}
    for step in range(entry.steps):
        if step in recording.before:
            recording.before[step]()
        net.simulate(entry.dt)
        for key, (obj, attribute) in recording.values.items():
            value = getattr(obj, attribute)
            rows = value if isinstance(value, list) and value and isinstance(value[0], list) else [value]
            samples[key].append(np.concatenate([np.ravel(np.asarray(row, dtype=float)) for row in rows]))
    arrays = {key: np.array(rows) for key, rows in samples.items()}
    for key, (monitor, variables) in recording.monitors.items():
        for variable in variables:
            arrays[f"{key}.{variable}"] = _recorded(monitor, variable)
    return arrays


def _recorded(monitor, variable):
    if variable == "spike":
        spikes = monitor.get("spike")
        rows = sorted((int(step), int(rank)) for rank, steps in spikes.items() for step in steps)
        return np.array(rows, dtype=np.int64).reshape(-1, 2)
    values = np.asarray(monitor.get(variable, reshape=False), dtype=float)
    return values.reshape(len(values), -1)


# -- parts that many networks use --------------------------------------------------------------------------


def spiker(sim):
    """A neuron that spikes in the steps k with k + phase divisible by ``period`` or by ``second``."""
    return sim.Neuron(
        parameters="""
            period = 5 : int
            second = 1000 : int
            phase = 0 : int
        """,
        equations="""
            k = k + 1 : int, init = -1
            first = modulo(k + phase, period) : int, init = 1
            other = modulo(k + phase, second) : int, init = 1
        """,
        spike="(first == 0) or (other == 0)",
    )


def source(sim):
    """A rate-coded neuron that follows a sine of its own frequency and phase."""
    return sim.Neuron(
        parameters="""
            omega = 0.3
            phase = 0.0
        """,
        equations="""
            r = 1.0 + 0.8*sin(omega*t + phase)
            half = 0.5*r - 0.1
        """,
    )


def set_phases(pop, omega=0.3):
    """Give the neurons of a :func:`source` different frequencies and phases."""
    size = pop.size
    pop.omega = [omega + 0.07 * k for k in range(size)]
    pop.phase = [0.9 * k for k in range(size)]


def weights(post, pre, low=0.1, high=0.9):
    """A matrix as lists in which no two numbers are equal, low to high."""
    flat = (np.arange(post * pre) * 0.6180339887498949) % 1.0
    return (low + (high - low) * flat).reshape(post, pre).tolist()


def without_diagonal(matrix):
    """The rows without the element of the same rank: all-to-all within a population has no self connections."""
    return [[x for j, x in enumerate(row) if j != i] for i, row in enumerate(matrix)]
