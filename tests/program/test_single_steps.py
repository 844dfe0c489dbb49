"""Single steps that are repeated by one call of C: whatever happens between two of them counts at once."""

import numpy as np
import pytest

from engram.errors import BrokenNetwork, ClearedNetwork, InvalidArgument, NotFinite
from tests.cases import each
from tests.interrupts import interrupted
from tests.program.test_finite import blowing_up
from tests.program.test_interrupts import assert_is_as_if_nothing_had_happened, assert_stands_between_two_steps
from tests.resume.networks import started

pytestmark = pytest.mark.cc


def step_until_repeated(net):
    """Run steps one by one until one was a repetition and the next would be; returns how many those were."""
    its = net._keeper.runner.single_steps
    for n in range(1, 20):
        left = its._left
        net.step()
        if its._left == left - 1 > 0:
            return n
    raise AssertionError("no step was repeated")


def pruned(net, proj):
    pre = int(proj.pre_ranks[0][0])
    proj.prune_synapse(int(proj.post_ranks[0]), pre)


HAPPENINGS = {
    "parameter": lambda net, pop, proj: setattr(pop, "noise", 1.0),
    "what tables follow from": lambda net, pop, proj: (setattr(pop, "tau_ampa", 2.0), setattr(proj, "tau_plus", 7.0)),
    "element": lambda net, pop, proj: pop.v.__setitem__(3, -50.0),
    "weights": lambda net, pop, proj: setattr(proj, "w", 0.01),
    "delays": lambda net, pop, proj: setattr(proj, "delay", 2.0),
    "synapse": lambda net, pop, proj: pruned(net, proj),
    "monitor": lambda net, pop, proj: net.monitor(pop, "u"),
    "monitor off": lambda net, pop, proj: next(iter(net.get_monitors())).pause(),
    "learning": lambda net, pop, proj: proj.disable_learning(),
    "clock": lambda net, pop, proj: setattr(net, "current_step", net.current_step + 1000),
    "trial": lambda net, pop, proj: net.reset(),
    "threads": lambda net, pop, proj: net.config(num_threads=3),
    "callback": lambda net, pop, proj: net.every(1.0)(lambda n: None),
    "run": lambda net, pop, proj: net.simulate(20 * net.dt),
    "state": lambda net, pop, proj: net.restore(net.snapshot()),
}


@each("happening", [*HAPPENINGS])
def test_what_happens_between_repeated_steps_counts_in_the_next_one(happening):
    by_steps, at_once = started("stdp"), started("stdp")
    at_once.simulate(step_until_repeated(by_steps) * at_once.dt)
    for net in (by_steps, at_once):
        pop, proj = net.get_populations()[0], net.get_projections()[0]
        HAPPENINGS[happening](net, pop, proj)
    for _ in range(40):
        by_steps.step()
    at_once.simulate(40 * at_once.dt)

    assert by_steps.digest() == at_once.digest()


def test_repeated_steps_stop_at_once_where_none_can_be_run():
    net = started("stdp")
    step_until_repeated(net)
    net._core.state.broken = "a load failed"
    with pytest.raises(BrokenNetwork, match="a load failed"):
        net.step()
    net._core.state.broken = ""
    step_until_repeated(net)
    net._core.runs_in = -1  # another thread
    with pytest.raises(InvalidArgument, match="simulating in another thread"):
        net.step()
    net._core.runs_in = None
    step_until_repeated(net)
    net._core.is_cleared = True
    with pytest.raises(ClearedNetwork):
        net.step()


def test_damage_that_was_seen_stops_the_next_step():
    net, pop, _ = blowing_up()
    while np.isfinite(pop.v).all():
        net.step()
    net.step()
    assert "v of population 'p'" in net.damage
    with pytest.raises(NotFinite, match="v of population 'p'"):
        net.step()


@each("name", ["stdp", "rates"])
def test_interrupt_at_any_bytecode_of_a_repeated_step_leaves_a_network_that_goes_on_to_the_bit(name):
    net, n, is_long = started(name), 0, True
    while is_long:
        n += 1
        step_until_repeated(net)
        is_long = interrupted(n, net.step)
        assert_stands_between_two_steps(net)

    assert n > 50
    assert_is_as_if_nothing_had_happened(net, name)
