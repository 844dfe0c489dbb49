"""Subclasses of a network, and what new networks take."""

import copy
import inspect

import pytest

import engram as eg
from engram.errors import InvalidArgument, UnknownAttribute, WrongCall
from tests.cases import each
from tests.network.small import LEAKY


class Plain(eg.Network):
    """Needs no super().__init__()."""

    def __init__(self, n, w=1.0):
        self.cells, self.w = self.create(n, LEAKY), w


class Old(eg.Network):
    """Calls it, as any class of Python would."""

    def __init__(self, n, seed=None):
        super().__init__(dt=0.5, seed=seed)
        self.cells = self.create(n, LEAKY)


class Any(eg.Network):
    """Takes what comes."""

    def __init__(self, *sizes, **more):
        self.sizes, self.more = sizes, more


def test_subclass_needs_no_call_of_the_constructor_above_it():
    net = Plain(3, w=0.5, dt=0.1, seed=7)

    assert (net.dt, net.seed, len(net.cells), net.w) == (0.1, 7, 3, 0.5)
    assert (Plain(3).dt, Plain(n=2).cells.size) == (1.0, 2)
    assert (Any(1, 2, dt=0.2, x=3).dt, Any(1, 2, dt=0.2, x=3).more) == (0.2, {"x": 3})
    assert str(inspect.signature(Plain)) == "(n, w=1.0)"


def test_subclass_may_call_it_and_name_dt_and_seed():
    assert [(net.dt, net.seed) for net in (Old(1, 7), Old(1, seed=7), Old(1, seed=7, dt=0.1))] == [(0.5, 7)] * 3
    assert copy.deepcopy(Old(1, 7)).seed == 7


def test_arguments_that_cannot_be_are_refused():
    with pytest.raises(TypeError, match="unexpected keyword argument 'tau'"):
        Plain(3, tau=1.0)
    with pytest.raises(InvalidArgument, match="dt: expected ms"):
        Plain(3, dt=-1.0)
    with pytest.raises(WrongCall, match="unknown argument 'tau'"):
        eg.Network(tau=1.0)


@pytest.mark.filterwarnings("ignore:.*the implicit network")
def test_new_networks_take_the_settings_of_setup_but_its_seed():
    eg.clear()
    eg.setup(dt=0.1, seed=3, method="exponential")
    net, other = eg.Network(), Plain(1, dt=0.5)

    assert (net.dt, net._core.config.method, other.dt, net.seed == 3) == (0.1, "exponential", 0.5, False)
    eg.clear()  # which keeps what setup was given
    assert eg.Network().dt == eg.dt() == 0.1
    eg.setup(dt=1.0)
    assert eg.Network().dt == 1.0


@each("name", ["num_threads", "seed", "method", "dtype", "compile", "compiled"])
def test_assignment_without_effect_is_refused(name):
    with pytest.raises(UnknownAttribute, match=f"'{name}' of a network can't be assigned\n  help: "):
        setattr(eg.Network(seed=1), name, 4)


def test_what_is_in_a_network():
    net = eg.Network(seed=1)
    pop = net.create(2, LEAKY, name="p")
    proj, monitor = net.connect(pop, "p", "exc"), net.monitor(pop, "r")

    assert all(one in net for one in (pop, proj, monitor, "p", proj.name))
    assert not any(one in eg.Network(seed=1) for one in (pop, proj, monitor, "p", 3))
