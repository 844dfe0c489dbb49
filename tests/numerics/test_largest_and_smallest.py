"""``max`` and ``min``: of expressions, over a population, over the synapses of a dendrite. NaN is never hidden."""

import math

import numpy as np
import pytest

import engram as eg
from engram.errors import LanguageError
from tests.cases import each
from tests.spec.running import alone, connected, sink, source, watch

NAN = math.nan


@pytest.fixture(params=[pytest.param("c", marks=pytest.mark.cc), "numpy"])
def backend(request):
    return request.param


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_of_two_values_the_larger_and_the_smaller_and_nan_of_either(backend, dtype):
    a = np.array([1.0, 2.0, NAN, 1.0, NAN, -math.inf, math.inf, NAN, 3.0])
    b = np.array([2.0, 1.0, 1.0, NAN, NAN, 5.0, 5.0, math.inf, 3.0])
    net = eg.Network(dt=1.0, seed=1)
    net.config(dtype=dtype, check_finite=False)
    pop = net.create(9, eg.Neuron(parameters="a = 0.0\n b = 0.0", equations="r = max(a, b)\n s = min(a, b)"))
    net.compile(backend=backend)
    pop.a, pop.b = a, b
    net.step()

    np.testing.assert_array_equal(pop.r, np.maximum(a, b))
    np.testing.assert_array_equal(pop.s, np.minimum(a, b))


def test_of_one_attribute_they_are_over_the_population_and_of_several_values_for_each_neuron(backend):
    net = eg.Network(dt=1.0, seed=1)
    pop = net.create(3, eg.Neuron(parameters="a = 0.0", equations="r = max(a) + 100*max(a, 2) + 10000*max(1, a, 2, a)"))
    pop.a = [1.0, 2.0, 3.0]
    net.compile(backend=backend)
    net.simulate(2.0)

    assert pop.r.tolist() == [20203, 20203, 30303]


def test_they_may_stand_in_functions_clamps_conditions_and_resets(backend):
    texts = {
        "functions": "f(x, y) = max(x, 2*y) - min(x, y, 0)",
        "equations": "x += 1\n y = f(x, 1) : max = min(x, 3), min = max(-9.0, -7.0)",
        "spike": "max(x, y) >= min(4, 5)",
        "reset": "x = max(-2, -3)",
    }

    assert alone(backend, 5, "x y", **texts) == {"x": [1, 2, 3, -2, -1], "y": [1, 2, 3, 3, -1]}


def test_they_may_stand_in_synapses_and_psp(backend):
    rate = eg.Synapse(equations="x = max(pre.r, post.r, w)", psp="min(w, pre.r)*max(w, pre.r)")
    net, _, post, proj = connected(eg.Neuron(equations="r = 3 + t"), eg.Neuron(equations="r = sum(exc)"), rate, w=2.0)
    sums, x = watch(net, backend, 2, lambda: post.r[0], lambda: proj.x[0][0])

    assert (sums, x) == ([0, 6], [3, 6])

    spiking = eg.Synapse(pre_spike="g_target += max(w, 5); w = min(w, 1)")
    net, _, post, proj = connected(source(0), sink(), spiking, w=2.0)

    assert watch(net, backend, 2, lambda: [post.g_exc[0], proj.w[0][0]]) == [[0, 2], [5, 1]]


@pytest.mark.parametrize("operation", ["max", "min"])
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_operation_over_synapses_is_nan_wherever_in_the_row_one_is(backend, operation, dtype):
    n = 19
    net = eg.Network(dt=1.0, seed=1)
    net.config(dtype=dtype, check_finite=False)
    pre = net.create(n, eg.Neuron(parameters="b = 0.0", equations="r = b"))
    post = net.create(n + 1, eg.Neuron(equations="r = sum(exc)"))
    proj = net.connect(pre, post, "exc", eg.Synapse(psp="w + pre.r", operation=operation)).all_to_all(eg.Uniform(0, 1))
    net.compile(backend=backend)
    w = proj.connectivity_matrix().copy()  # (post, pre)
    w[np.arange(n), np.arange(n)] = NAN  # of each neuron another synapse, of the last one none
    proj.w = w.ravel()
    net.simulate(2.0)

    assert np.isnan(post.r[:-1]).all()
    assert post.r[-1] == getattr(w[-1], operation)()


@pytest.mark.parametrize(
    ("backend", "threads"),
    [pytest.param("c", 1, marks=pytest.mark.cc), pytest.param("c", 3, marks=pytest.mark.cc), ("numpy", 1)],
)
def test_over_a_population_they_are_nan_whoever_is(backend, threads):
    n = 200
    net = eg.Network(dt=1.0, seed=1)
    net.config(num_threads=threads)
    pop = net.create(n, eg.Neuron(parameters="b = 1.0", equations="m = max(b) + min(b) : population\n r = 0"))
    net.compile(backend=backend)
    for rank in (0, 1, 63, 64, 100, n - 1):
        pop.b = 1.0
        pop.b[rank] = NAN
        net.simulate(2.0)
        assert math.isnan(pop.m)
        pop.b = 1.0
        net.simulate(2.0)
        assert pop.m == 2.0


@each("call", ["max()", "min(2*x)", "max(3.0)", "min(x + 1)"])
def test_one_argument_is_an_attribute(call):
    with pytest.raises(LanguageError, match=rf"{call[:3]}\(\) takes one attribute, .*, or several values") as caught:
        eg.Neuron(equations=f"x = t\n r = {call}")

    assert f"{call[:3]}(a, b) is the" in str(caught.value)
