"""What every kernel must do: the NumPy interpreter says what it means. A new one brings a network."""

from abc import ABC, abstractmethod

import numpy as np
import pytest

import engram as eg
from engram.ir import kernels
from engram.state.slots import Role

ULPS = 4
DOUBLE, SINGLE = {}, {"dtype": eg.float32}
MIXED = {"synapse_dtype": eg.float32}
NIGHTLY = pytest.mark.nightly
PRECISIONS = [
    pytest.param(DOUBLE, id="double"),
    pytest.param(SINGLE, id="single"),
    pytest.param(MIXED, id="single synapses", marks=NIGHTLY),
]
SHARES = [
    pytest.param(2, DOUBLE, id="2"),
    pytest.param(3, SINGLE, id="3, single"),
    *(pytest.param(threads, DOUBLE, id=f"{threads}", marks=NIGHTLY) for threads in (3, 5)),
]


def build(create, backend="c", seed=5, threads=1, dt=1.0, method="explicit", precision=DOUBLE):
    """Return the compiled network that ``create`` fills."""
    net = eg.Network(dt=dt, seed=seed)
    net.config(num_threads=threads, method=method, **precision)
    create(net)
    net.compile(backend=backend)
    return net


def bits(net):
    """All values by path, NaN as one NaN."""
    found = {}
    for path in net._core.state.slots():
        pieces = [np.ascontiguousarray(p) for p in net._core.state.leaf(path).pieces]
        found[path] = b"".join((np.where(p != p, np.nan, p) if p.dtype.kind == "f" else p).tobytes() for p in pieces)
    return found


def ulps(a, b):
    """Distance of two arrays of one dtype in units in the last place; NaN equals NaN, 0.0 equals -0.0."""
    word = np.int32 if a.dtype == np.float32 else np.int64

    def ordered(x):
        whole = np.ascontiguousarray(x).view(word)
        return np.where(whole < 0, -(whole & np.iinfo(word).max), whole).astype(object)

    both = np.isnan(a) & np.isnan(b)
    return int(np.max(np.where(both, 0, np.abs(ordered(a) - ordered(b))), initial=0))


def copy_state(source, target):
    """Give one network the values of another of the same form."""
    for path, slot in source._core.state.slots().items():
        if slot.role is not Role.RECORD:
            target._core.state.array(path)[...] = source._core.state[path]


def assert_close(native, meaning, scale):
    for path, slot in native._core.state.slots().items():
        if slot.role is Role.RECORD:
            continue
        a, b = native._core.state[path], meaning._core.state[path]
        if a.dtype.kind != "f":
            assert a.tobytes() == b.tobytes(), path
        else:
            # a difference of large terms may lose digits: what is below the size of the terms counts as equal
            near = np.abs(a - b) <= scale * np.finfo(a.dtype).eps
            assert ulps(np.where(near, a, b), a) <= ULPS, path


class KernelContract(ABC):
    """Subclasses bring ``create``; ``exact`` where all operations give the same bits in C and NumPy."""

    exact = True
    steps = 12
    scale = 8.0
    dt = 1.0
    method = "explicit"

    @abstractmethod
    def create(self, net):
        """Fill a network."""

    def begin(self, net):  # noqa: B027  most have nothing to do
        """Do what is to be done after compile."""

    def network(self, backend="c", threads=1, precision=DOUBLE):
        net = build(self.create, backend, threads=threads, dt=self.dt, method=self.method, precision=precision)
        self.begin(net)
        return net

    @pytest.mark.cc
    @pytest.mark.parametrize("precision", PRECISIONS)
    def test_kernel_gives_the_values_of_the_interpreter(self, precision):
        native, meaning = self.network(precision=precision), self.network("numpy", precision=precision)
        before = bits(native)
        for _ in range(self.steps):
            native.step()
            meaning.step()
            if self.exact:
                found, expected = bits(native), bits(meaning)
                assert [p for p in expected if found[p] != expected[p]] == []
            else:
                assert_close(native, meaning, self.scale)
                copy_state(native, meaning)

        assert bits(native) != before

    @pytest.mark.cc
    @pytest.mark.parametrize(("threads", "precision"), SHARES)
    def test_kernel_when_shared_out_gives_the_same_bits(self, threads, precision):
        one, many = self.network(precision=precision), self.network(threads=threads, precision=precision)
        for net in (one, many):
            net.simulate(self.steps * self.dt)

        assert bits(many) == bits(one)

    @pytest.mark.parametrize("precision", [DOUBLE, pytest.param(SINGLE, marks=NIGHTLY)], ids=["double", "single"])
    def test_invariants_when_left_in_the_loop_give_the_same_bits(self, monkeypatch, precision):
        taken_out = self.network("numpy", precision=precision)
        monkeypatch.setattr(kernels, "hoisted", lambda kernel: kernel)
        left_in = self.network("numpy", precision=precision)
        for net in (taken_out, left_in):
            net.simulate(self.steps * self.dt)

        assert bits(left_in) == bits(taken_out)

    @pytest.mark.cc
    def test_kernel_when_memory_of_the_engine_is_fresh_in_each_step_gives_the_same_bits(self):
        """Whatever the engine keeps beside the tree may last for one call only."""
        at_once, by_steps = self.network(), self.network()
        at_once.simulate(self.steps * self.dt)
        for _ in range(self.steps):
            by_steps._keeper.runner.derived._engine = None
            by_steps.simulate(self.dt)

        assert bits(by_steps) == bits(at_once)
