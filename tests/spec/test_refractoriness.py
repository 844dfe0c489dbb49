"""SPEC 5: what each equation of a refractory neuron does, and what becomes of the input that arrives."""

from __future__ import annotations

import numpy as np
import pytest

import engram as eg
from engram.errors import InvalidArgument
from engram.language.errors import MisplacedFlag
from tests.cases import each
from tests.spec.running import alone, connected, source, watch

ONCE = {"spike": "n == 1", "refractory": 2.0}  # refractory in steps 2 and 3


# -- equations ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("flag", "steps"),
    [("", [1, 2, 2, 2, 3]), (": unless refractory", [1, 2, 2, 2, 3]), (": while refractory", [1, 2, 3, 4, 5])],
)
@pytest.mark.parametrize("equation", ["x += 1", "dx/dt = 1"])
def test_flag_says_whether_an_equation_holds(equation, flag, steps, backend):
    texts = f"n = n + 1 : int, init=-1, while refractory\n{equation} {flag}"

    assert alone(backend, 5, "x", equations=texts, **ONCE)["x"] == steps


def test_conductance_goes_on_unless_its_equation_says_otherwise(backend):
    texts = "n = n + 1 : int, init=-1, while refractory\ng_a *= 0.5\ng_b *= 0.5 : unless refractory"

    seen = alone(backend, 5, "g_a g_b", values={"g_a": 32.0, "g_b": 32.0}, equations=texts, **ONCE)

    assert seen == {"g_a": [16, 8, 4, 2, 1], "g_b": [16, 8, 8, 8, 4]}


def test_flag_belongs_to_one_statement_and_not_to_its_variable(backend):
    texts = "n = n + 1 : int, init=-1, while refractory\ndx/dt = 1\nx += 10 : while refractory"

    assert alone(backend, 5, "x", equations=texts, **ONCE)["x"] == [11, 22, 32, 42, 53]


def test_variable_objects_have_the_flag_too(backend):
    equations = [
        eg.Variable("n = n + 1", init=-1, type=int, refractory="while"),
        eg.Variable("dx/dt = 1  # a comment", refractory="while"),
        eg.Variable("g_a *= 0.5", init=8.0, refractory="unless"),
    ]

    seen = alone(backend, 4, "x g_a", equations=equations, **ONCE)

    assert seen == {"x": [1, 2, 3, 4], "g_a": [4, 2, 2, 2]}


def test_variable_refuses_any_other_word():
    with pytest.raises(InvalidArgument, match=r"refractory must be 'unless' or 'while', not 'hold'\n  help: 'unless'"):
        eg.Variable("dx/dt = 1", refractory="hold")


@pytest.mark.parametrize("method", ["midpoint", "rk4", "implicit", "linear"])
def test_equation_that_goes_on_does_not_see_a_held_one_move(method, backend):
    """Where both are solved together: x is held at 0, though its equation alone would move it within the step."""
    texts = f"""
        n = n + 1 : int, init=-1, while refractory
        dx/dt = 1 - x : {method}
        dy/dt = x - 0.5*y : {method}, while refractory, init=1.0
    """
    held = {"midpoint": 1 - 0.5 + 0.125, "rk4": 1 - 0.5 + 0.125 - 1 / 48 + 1 / 384, "implicit": 1 / 1.5}

    seen = alone(backend, 4, "x y", equations=texts, reset="x = 0.0", **ONCE)

    factor = held.get(method, np.exp(-0.5))
    assert seen["x"][1:] == [0, 0, 0]
    assert seen["y"][2:] == pytest.approx([seen["y"][1] * factor, seen["y"][1] * factor**2], rel=1e-14)


def test_synapses_know_no_refractory_flags():
    with pytest.raises(MisplacedFlag, match="belongs to neurons"):
        eg.Synapse(pre_spike="g_target += w : unless refractory")


# -- input -------------------------------------------------------------------------------------------------

FIRING = "n = n + 1 : int, init=-1, while refractory\nx = g_exc : while refractory\n"


def receiver(decay, **texts):
    return eg.Neuron(equations=f"{FIRING}{decay}", **{**ONCE, **texts})


@pytest.mark.parametrize(
    ("decay", "kept", "dropped"),
    [
        ("", [0, 0, 8, 8, 8, 0], [0, 0, 0, 0, 8, 0]),  # instantaneous
        ("g_exc *= 0.5", [0, 0, 8, 12, 14, 7], [0, 0, 0, 0, 8, 4]),
        ("g_exc *= 0.5 : unless refractory", [0, 0, 8, 16, 24, 12], [0, 0, 0, 0, 8, 4]),
    ],
)
@pytest.mark.parametrize("choice", ["keep", "drop"])
def test_input_that_arrives_meanwhile_is_kept_or_dropped(choice, decay, kept, dropped, backend):
    """Spikes arrive in steps 2, 3 and 4; the neuron is refractory in the first two."""
    net, _, post, _ = connected(source(1, 2, 3), receiver(decay, refractory_input=choice), w=8.0)

    assert watch(net, backend, 6, lambda: post.x[0]) == (kept if choice == "keep" else dropped)


def test_what_was_there_before_and_what_is_set_meanwhile_stay(backend):
    net, _, post, _ = connected(source(0, 1, 2), receiver("g_exc *= 0.5", refractory_input="drop"), w=8.0)
    seen = watch(net, backend, 3, lambda: post.g_exc[0])
    post.g_exc = 100.0

    seen += watch(net, backend, 2, lambda: post.g_exc[0], compiled=True)

    # 8 arrives in step 1; then nothing counts, but what is set between the steps 2 and 3
    assert seen == [0, 4, 2, 50, 25]


def test_records_and_continuous_input_show_what_was_dropped(backend):
    """A gap junction brings 3 in every step; a record has the conductance as the update finds it."""
    gap = eg.Synapse(psp="w*pre.n")
    net, _, post, _ = connected(source(), receiver("", refractory_input="drop"), gap, w=1.0)
    monitor = net.monitor(post, ["g_exc", "x"])
    net.compile(backend=backend)

    net.simulate(6.0)

    assert monitor.get("g_exc")[:, 0].tolist() == monitor.get("x")[:, 0].tolist() == [-1, 0, 0, 0, 3, 4]


def test_disabled_population_keeps_its_conductance_and_its_rest(backend):
    net, _, post, _ = connected(source(1, 2, 3, 4), receiver("g_exc *= 1", refractory_input="drop"), w=8.0)
    watch(net, backend, 3, lambda: None)
    post.g_exc = 5.0
    post.disable()
    net.simulate(3.0)
    post.enable()

    assert watch(net, backend, 2, lambda: post.g_exc[0], compiled=True) == [5, 5]
    assert post.x[0] == 5.0


def test_any_other_choice_is_refused():
    with pytest.raises(InvalidArgument, match="refractory_input must be 'keep' or 'drop', not 'Drop'"):
        receiver("", refractory_input="Drop")


# -- networks ----------------------------------------------------------------------------------------------

FLY = eg.Neuron(
    parameters="t_mbr = 20.0 : population\ntau = 5.0 : population\nI = 0.0",
    equations="""
        dv/dt = (g_exc + I - v)/t_mbr : linear, unless refractory
        dg_exc/dt = -g_exc/tau : linear, unless refractory
    """,
    spike="v > 7.0",
    reset="v = 0.0; g_exc = 0.0",
    refractory=2.2,
    refractory_input="drop",
)


def fly(threads=1, dtype=eg.float64, choice="drop"):
    """The model of the fly's brain (Shiu et al. 2024), small: what arrives at a refractory neuron is lost."""
    neuron = FLY if choice == "drop" else eg.Neuron(**{**FLY._texts, "refractory_input": "keep"})
    net = eg.Network(dt=0.1, seed=3)
    net.config(num_threads=threads, dtype=dtype)
    pop = net.create(300, neuron, name="brain")
    pop.I = eg.Uniform(0.0, 9.0)
    for delay in (1.8, 0.1):
        proj = net.connect(pop, pop, "exc", name=f"late {delay}")
        proj.fixed_probability(0.1, weights=eg.Uniform(-1.0, 1.5), delays=delay)
    return net, pop


@pytest.mark.cc
@each("dtype", [eg.float64, eg.float32])
def test_threads_and_interpreter_agree_where_input_is_dropped(dtype):
    digests = []
    for threads, backend in ((1, "c"), (2, "c"), (5, "c"), (1, "numpy")):
        net, pop = fly(threads, dtype)
        net.compile(backend=backend)
        net.simulate(30.0)
        digests.append((pop.v.tobytes(), pop.g_exc.tobytes(), net.digest()))

    assert len(set(digests)) == 1


def test_saved_network_goes_on_to_the_bit_where_input_is_dropped(backend, tmp_path):
    whole, _ = fly()
    whole.compile(backend=backend)
    whole.simulate(40.0)
    half, _ = fly()
    half.compile(backend=backend)
    half.simulate(17.3)
    half.save(tmp_path / "half.npz")

    other, _ = fly()
    other.compile(backend=backend)
    other.load(tmp_path / "half.npz")
    other.simulate(22.7)

    assert other.digest() == whole.digest()


def test_dropped_input_makes_a_difference(backend):
    ends = []
    for choice in ("keep", "drop"):
        net, pop = fly(choice=choice)
        net.compile(backend=backend)
        net.simulate(40.0)
        ends.append(pop.v.tobytes())

    assert ends[0] != ends[1]
