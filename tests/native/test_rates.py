"""Sums over rate-coded synapses, and their equations: the same bits in every layout, alone or with the next sums."""

import numpy as np
import pytest

import engram as eg
from engram.ir.kernel_job import RunKernel
from engram.program import compiling, schedule, wired
from tests.contracts.kernel_contract import KernelContract, bits

FRACTIONS = eg.Neuron(
    parameters="start = 0.5 : population\n gain = 0.75",
    equations="x = 0.37*x + 0.61*sum(exc) + 0.1*Uniform(0.0, 1.0)\n r = x - floor(x) : init = start",
    name="fractions",
)
RULE = {
    "parameters": "eta = 0.01 : projection\n alpha = 1.5 : projection",
    "equations": "dw/dt = eta*(pre.r*post.r - alpha*post.r^2*w)",
}
OJA = eg.Synapse(**RULE, name="Oja")
SLIDING = eg.Synapse(
    parameters="eta = 0.02 : projection\n tau = 30.0 : projection",
    equations="""
        shared += 0.125 : projection
        dtheta/dt = (post.r^2 - theta)/tau : postsynaptic
        dw/dt = eta*post.r*(post.r - theta)*pre.r : min = -0.5, max = 0.5
        n += 1 : int
        late = n > 4 : bool
    """,
    psp="w*(pre.r - post.gain) + theta*shared + ite(late, 0.25, 0.0)",
    name="sliding",
)
NOISY = eg.Synapse(
    equations="dw/dt = 0.01*pre.r*(Uniform(-1.0, 1.0) + post.r)\n m = Uniform(0.0, 1.0) : postsynaptic",
    psp="w*pre.r + 0.01*m",
    name="noisy",
)
HEAVY = eg.Synapse(equations="dw/dt = 0.01*(pre.r - sqrt(abs(w)))*floor(3.0*post.r)", name="heavy")


class Learning(KernelContract):
    """Three projections of one synapse: from each to all, to all others, and to some; rows end within a block."""

    synapse = OJA
    delays = 0.0
    looks_ahead = True
    layouts = ("full", "others", "short list")

    def create(self, net):
        p, q = net.create(133, FRACTIONS, name="p"), net.create(71, FRACTIONS, name="q")
        weights = eg.Uniform(-0.1, 0.1)
        net.connect(p, q, "exc", self.synapse, name="all").all_to_all(weights=weights, delays=self.delays)
        net.connect(p, p, "exc", self.synapse, name="others").all_to_all(weights=weights, delays=self.delays)
        some = net.connect(q, p, "exc", self.synapse, name="some")
        some.fixed_probability(0.5, weights=weights, delays=self.delays)

    def begin(self, net):
        for number, population in enumerate(net.get_populations()):
            population.r = np.linspace(0.0, 0.9, population.size) ** (number + 1)
            population.gain = np.linspace(0.5, 1.0, population.size)

    def interfered(self, net):
        """Run with learning that comes and goes, in calls of several lengths."""
        every, others, some = net.get_projections()
        net.simulate(3.0)
        others.enable_learning(period=3.0, offset=1.0)
        net.simulate(1.0)
        every.plasticity = False
        net.simulate(4.0)
        some.update = False
        every.w = 0.01
        net.simulate(2.0)
        every.plasticity = some.update = True
        others.transmission = False
        net.get_population("p").r = 0.25
        net.simulate(3.0)
        others.transmission = True
        net.simulate(4.0)
        return net

    @pytest.mark.cc
    def test_run_of_many_steps_gives_the_values_of_the_interpreter(self):
        native, meaning = self.network(), self.network("numpy")
        for net in (native, meaning):
            net.simulate(self.steps)

        assert bits(native) == bits(meaning)

    @pytest.mark.cc
    def test_sums_are_taken_along_where_they_can(self):
        net = self.network()
        net.simulate(self.steps)
        ready = [int(place.ready[0]) for place in net._keeper.runner.derived.engine._table._shared.all_ahead()]

        assert ready == ([self.steps] * 3 if self.looks_ahead else [])

    @pytest.mark.cc
    @pytest.mark.parametrize("threads", [1, 2])
    def test_sums_when_taken_along_are_those_that_are_made_anew(self, monkeypatch, threads):
        along = self.interfered(self.network(threads=threads))
        monkeypatch.setattr(schedule, "look_ahead", list)
        anew = self.interfered(self.network(threads=threads))

        assert not any(isinstance(job, RunKernel) and job.ahead for job in anew._keeper.runner.derived.jobs)
        assert bits(along) == bits(anew)

    @pytest.mark.cc
    @pytest.mark.parametrize("layout", ["list", pytest.param("short list", marks=pytest.mark.nightly)])
    def test_layout_changes_no_bit(self, monkeypatch, layout):
        best = self.interfered(self.network())
        found = tuple(
            best._keeper.runner.derived.code[projection._core.path][0].kernel.layout
            for projection in best.get_projections()
        )
        for module in (compiling, wired):
            monkeypatch.setattr(module, "layout_of", lambda projection: layout)
        listed = self.interfered(self.network())

        assert found == self.layouts
        assert bits(listed) == bits(best)


class TestOja(Learning):
    pass


class TestOjaUniformDelay(Learning):
    delays = 3.0


class TestOjaDelays(Learning):
    delays = eg.Uniform(1.0, 5.0)


class TestSliding(Learning):
    synapse = SLIDING


class TestMean(Learning):
    synapse = eg.Synapse(**RULE, operation="mean", name="mean")


class TestMaximum(Learning):
    synapse = eg.Synapse(**RULE, operation="max", name="max")
    looks_ahead = False


class TestNoisy(Learning):
    synapse = NOISY


class TestHeavy(Learning):
    synapse = HEAVY


class TestPspOfTime(Learning):
    synapse = eg.Synapse(**RULE, psp="w*pre.r*ite(t > 5.0, 1.0, 0.5)")
    looks_ahead = False
