"""Networks in which engram differs on purpose; what each gives is computed here, in NumPy, from the definitions alone.

Event-driven synapses with many events (section 17, quirk Q2): ANNarchy's decay between two presynaptic events, and from
a postsynaptic event to a presynaptic one, covers one step too few; engram's covers the steps that passed.
An event-driven variable that begins beside its steady state: ANNarchy lets it age by 10,000 steps before the run;
in engram it holds from the beginning of the run.
``sum()`` (section 3.5): 0 in ANNarchy 5.0.4.1 when the projections have named targets; engram's is their sum.
"""

import numpy as np

from tests.reference.recording import Recording, reference, set_phases, source, spiker

PERIODS, PHASES = (4, 7, 9), (0, 2, 1)
POST_PERIODS, POST_PHASES = (5, 8), (-1, 3)


def _connected(sim, net, synapse, seen):
    rec = Recording()
    pre = net.create(3, spiker(sim), name="pre")
    pre.period, pre.phase = list(PERIODS), list(PHASES)
    reader = sim.Neuron(
        parameters="period = 5 : int\nphase = 0 : int",
        equations="""
            k = k + 1 : int, init = -1
            hit = modulo(k + phase, period) : int, init = 1
            input = g_exc
        """,
        spike="hit == 0",
    )
    post = net.create(2, reader, name="reader")
    post.period, post.phase = list(POST_PERIODS), list(POST_PHASES)
    proj = net.connect(pre, post, "exc", synapse).all_to_all(weights=0.4, force_multiple_weights=True)
    rec.watch(net, "post", post, "spike", "g_exc")
    rec.sample("proj", proj, *seen)
    return rec


@reference("13, Q2: STDP", steps=100)
def network_stdp(sim, net):
    return _connected(sim, net, sim.models.STDP(tau_plus=12.0, tau_minus=18.0, A_plus=0.05, A_minus=0.04), ["w"])


@reference("13, Q2: STP, a facilitating and depressing synapse", steps=100)
def network_stp(sim, net):
    return _connected(sim, net, sim.models.STP(tau_rec=80.0, tau_facil=30.0, U=0.2), [])


def _spikes(step, periods, phases):
    """Ranks that spike in a step; the counter of the neurons is the step. The remainder is that of C."""
    return [k for k, (p, s) in enumerate(zip(periods, phases, strict=True)) if np.fmod(step + s, p) == 0]


class Clock:
    """Steps that a decay covers at an event: ANNarchy's, or those that passed."""

    def __init__(self, legacy):
        self.legacy = legacy
        self.last = None if legacy else 0  # long ago, or the beginning of the run

    def elapsed(self, step, side):
        steps = np.inf if self.last is None else step - self.last - (self.legacy and side == "pre")
        self.last = step
        return steps


def expected_stdp(steps, legacy):
    """Weights after every step and g as it arrives, from the definition of STDP in section 13."""
    w, g = np.full((2, 3), 0.4), np.zeros((steps, 2))
    x, y = np.zeros((2, 3)), np.zeros((2, 3))
    clocks = [[Clock(legacy) for _ in range(3)] for _ in range(2)]
    trace = []

    def decay(i, j, step, side):
        passed = clocks[i][j].elapsed(step, side)
        x[i, j] *= np.exp(-passed / 12.0)
        y[i, j] *= np.exp(-passed / 18.0)

    for step in range(steps):
        for j in _spikes(step - 1, PERIODS, PHASES) if step else []:
            for i in range(2):
                decay(i, j, step, "pre")
                g[step, i] += w[i, j]
                x[i, j] += 0.05
                w[i, j] = np.clip(w[i, j] + y[i, j], 0.0, 1.0)
        for i in _spikes(step, POST_PERIODS, POST_PHASES):
            for j in range(3):
                decay(i, j, step, "post")
                y[i, j] -= 0.04
                w[i, j] = np.clip(w[i, j] + x[i, j], 0.0, 1.0)
        trace.append(w.ravel().copy())
    return {"proj.w": np.array(trace), "post.g_exc": g}


def expected_stp(steps, legacy):
    """What g gets, from the definition of STP in section 13. Only presynaptic events change anything."""
    x, u, g = np.ones(3), np.full(3, 0.2), np.zeros((steps, 2))
    clocks = [Clock(legacy) for _ in range(3)]
    for step in range(1, steps):
        for j in _spikes(step - 1, PERIODS, PHASES):
            passed = clocks[j].elapsed(step, "pre")
            x[j] = 1.0 + (x[j] - 1.0) * np.exp(-passed / 80.0)
            u[j] = 0.2 + (u[j] - 0.2) * np.exp(-passed / 30.0)
            g[step] += 0.4 * u[j] * x[j]
            x[j] *= 1.0 - u[j]
            u[j] += 0.2 * (1.0 - u[j])
    return {"post.g_exc": g}


def expected_event_driven(steps, legacy):
    """Weights after every step of the network of that name in ``spiking_synapses.py``; y begins at 0.5, not at 0.2."""
    x, y, w = np.zeros((2, 3)), np.full((2, 3), 0.5), np.full((2, 3), 0.4)
    clocks = [[Clock(legacy) for _ in range(3)] for _ in range(2)]
    trace = []

    def decay(i, j, step, side):
        passed = clocks[i][j].elapsed(step, side)
        x[i, j] *= np.exp(-passed / 15.0)
        y[i, j] = 0.2 + (y[i, j] - 0.2) * np.exp(-passed / 8.0)

    for step in range(steps):
        for j in _spikes(step - 1, (1000,) * 3, (0, -1, -3)) if step else []:
            for i in range(2):
                decay(i, j, step, "pre")
                x[i, j] += 1.0
        for i in _spikes(step, (7, 9), (1, 4)):
            for j in range(3):
                decay(i, j, step, "post")
                y[i, j] += 0.3
                w[i, j] += 0.05 * x[i, j] * y[i, j]
        trace.append(w.ravel().copy())
    return {"proj.w": np.array(trace)}


@reference("3.5: sum() over all targets", steps=20)
def network_sum_of_all(sim, net):
    rec = Recording()
    pre, post = net.create(3, source(sim), name="pre"), net.create(2, sim.Neuron(equations="r = sum()"), name="post")
    set_phases(pre)
    net.connect(pre, post, "exc").all_to_all(weights=0.5)
    net.connect(pre, post, "inh").all_to_all(weights=-0.2)
    rec.watch(net, "post", post, "r")
    return rec


def expected_sum_of_all(steps, legacy):
    """Inputs are the sines of one step before, weighted by 0.5 - 0.2; nothing has arrived in step 0."""
    r = np.zeros((steps, 2))
    for step in range(1, 1 if legacy else steps):
        r[step] = 0.3 * sum(1.0 + 0.8 * np.sin((0.3 + 0.07 * k) * (step - 1) + 0.9 * k) for k in range(3))
    return {"post.r": r}


EXPECTED = {
    "event_driven": expected_event_driven,
    "stdp": expected_stdp,
    "stp": expected_stp,
    "sum_of_all": expected_sum_of_all,
}
