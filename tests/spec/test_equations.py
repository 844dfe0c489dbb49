"""SPEC 3: forms, flags, order of evaluation, expressions, conditionals, functions, constants."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

import engram as eg
from engram.errors import LanguageError
from engram.language.errors import UnknownTarget
from tests.cases import each
from tests.spec.running import alone, connected, watch

# -- 3.2 parameters ----------------------------------------------------------------------------------------


def localities(definition):
    return {a.name: (a.locality, a.type) for a in definition.spec.attributes}


def test_parameters_in_text_are_local_and_in_a_dictionary_global():
    text = eg.Neuron(parameters="tau = 10.0\n c = 1 : population, int\n d = true", equations="r = tau")
    table = eg.Neuron(parameters={"tau": 10.0, "on": True, "k": eg.Parameter(3, "local", int)}, equations="r = tau")

    assert localities(text) == {
        **{"tau": ("local", "float"), "c": ("global", "int"), "d": ("local", "bool")},
        "r": ("local", "float"),
    }
    assert localities(table) == {
        **{"tau": ("global", "float"), "on": ("global", "bool"), "k": ("local", "int")},
        "r": ("local", "float"),
    }


def test_localities_of_synapses_have_their_own_words_and_aliases():
    text = eg.Synapse(parameters="a = 1.0\n b = 1.0 : projection\n c = 1.0 : postsynaptic")
    table = eg.Synapse(
        parameters={
            "a": 1.0,
            **{f"b{k}": eg.Parameter(1.0, word) for k, word in enumerate(("projection", "postsynaptic", "semiglobal"))},
        }
    )

    assert [localities(text)[x][0] for x in "abc"] == ["local", "global", "semiglobal"]
    assert [localities(table)[x][0] for x in ("a", "b0", "b1", "b2")] == [
        "global",
        "global",
        "semiglobal",
        "semiglobal",
    ]
    with pytest.raises(LanguageError, match="projection"):
        eg.Neuron(parameters="a = 1.0 : projection", equations="r = a")


def test_name_in_quotes_takes_its_value_from_extra_values(backend):
    text = {"parameters": "b = 'bias' : population\n c = 'gain'", "extra_values": {"bias": 2.0, "gain": 0.5, "z": 1}}
    net = eg.Network(dt=1.0, seed=1)
    pop = net.create(2, eg.Neuron(equations="r = b", **text))
    proj = net.connect(pop, pop, "exc", eg.Synapse(parameters="k = 'kick'", psp="k", extra_values={"kick": 3}))
    proj.all_to_all(1.0)
    net.compile(backend=backend)

    assert (pop.b, pop.c.tolist(), proj.k[0][0]) == (2.0, [0.5, 0.5], 3.0)


def test_parameter_may_be_a_distribution(backend):
    net = eg.Network(dt=1.0, seed=4)
    pop = net.create(
        500,
        eg.Neuron(
            parameters={"x": eg.Parameter(eg.Uniform(2.0, 3.0), "local"), "y": eg.Parameter(2.5, "local")},
            equations="r = x + y",
        ),
    )
    net.compile(backend=backend)
    net.step()

    assert 2.0 < pop.x.min() < pop.x.max() < 3.0
    assert len(set(pop.x.tolist())) == 500
    assert (pop.r == pop.x + 2.5).all()


def test_lists_semicolons_comments_and_broken_lines_are_one_text(backend):
    texts = [
        "a = 1.0 # one\n\n   b = a + \n      2.0\n r = b",
        "a = 1.0 ; b = a + 2.0 ; r = b",
        ["a = 1.0", "b = a\n + 2.0", "r = b"],
        [eg.Variable("a = 1.0"), "b = a + 2.0", eg.Variable("r = b")],
    ]
    found = [alone(backend, 1, "r", equations=text)["r"] for text in texts]

    assert found == [[3.0]] * 4


def test_variable_object_has_all_flags(backend):
    variable = eg.Variable("dr/dt = -0.5*r", init=4.0, min=1.5, max="top", method="midpoint")
    found = alone(backend, 3, "r", equations=variable, parameters="top = 2.0")

    assert found["r"] == [2.0, 1.5, 1.5]  # 4*0.625 is above the top, 2*0.625 below the bottom


# -- 3.3 variables and flags -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    ["10*dr/dt + r = 5.0", "10*dr/dt = 5.0 - r", "dr/dt = (5.0 - r)/10", "r + dr/dt*10 = 5.0", "5.0 - r = 10*dr/dt"],
)
def test_derivative_may_stand_anywhere_once(text, backend):
    assert alone(backend, 2, "r", equations=text)["r"] == pytest.approx([0.5, 0.95], rel=1e-15)


def test_clamps_act_at_once_and_later_statements_see_them(backend):
    """They hold for the statement that carries them: an increment without a flag goes beyond."""
    found = alone(
        backend,
        2,
        "a b c r",
        equations="""
            a = 5.0 : max=2.0
            b = a
            a += 3.0
            c = a
            dr/dt = 10.0 : min=-1.0, max=c+1.0
        """,
    )

    assert (found["b"], found["c"], found["r"]) == ([2.0, 2.0], [5.0, 5.0], [6.0, 6.0])


def test_clamps_of_a_block_of_equations_act_on_each_written_value(backend):
    found = alone(backend, 2, "x r", equations="dx/dt = 4.0 : max=1.0\n dr/dt = x")

    assert (found["x"], found["r"]) == ([1.0, 1.0], [0.0, 1.0])


@pytest.mark.parametrize(("init", "value"), [("3", 3.0), ("-2.5", -2.5), ("True", 1.0), ("start", 7.0)])
def test_initial_value_is_a_number_a_bool_or_a_name(init, value, backend):
    found = alone(backend, 1, "r", parameters="start = 7.0", equations=f"dr/dt = 0 : init={init}, float")

    assert found["r"] == [value]


def test_value_of_a_parameter_or_variable_may_be_a_constant(backend):
    eg.Constant("standard", 9.0)
    found = alone(
        backend, 1, "r x", parameters={"x": eg.Parameter("standard")}, equations="dr/dt = 0 : init=standard, float"
    )

    assert found == {"r": [9.0], "x": [9.0]}


def test_initial_value_as_a_flag_may_be_drawn(backend):
    """Q8: mended."""
    net = eg.Network(dt=1.0, seed=2)
    pop = net.create(
        200, eg.Neuron(equations=["dr/dt = 0.0 : init=Uniform(1, 2)", eg.Variable("dx/dt = 0.0", init=eg.Normal(5, 1))])
    )
    net.compile(backend=backend)

    assert 1.0 < pop.r.min() < pop.r.max() < 2.0
    assert len(set(pop.x.tolist())) == 200


def test_types_store_whole_numbers_and_truths(backend):
    found = alone(backend, 3, "n flag r", equations="n = n + 1.75 : int\n flag = n > 2 : bool\n r = n/2 + flag")
    same = eg.Neuron(equations=eg.Variable("r = 1.5", type=int))

    assert found == {"n": [1, 2, 3], "flag": [False, False, True], "r": [0.5, 1.0, 2.5]}
    assert localities(same)["r"] == ("local", "int")


@pytest.mark.parametrize("value", ["1e300", "-1e300", "0.0/0.0", "1.0/0.0", "9223372036854775808"])
def test_whole_number_out_of_range_is_the_smallest_one(value, backend):
    """Defined for every value, so that vectors and tails, threads and backends agree."""
    found = alone(backend, 1, "r", n=13, equations=f"r = {value} + 0*t : int")

    assert found["r"] == [-(2**63)]


def test_increments_act_on_the_value_before_them(backend):
    found = alone(backend, 2, "r", equations="r = 2.0\n r += 4.0\n r *= 3.0\n r -= 2.0\n r /= 4.0")

    assert found["r"] == [4.0, 4.0]


def test_new_names_in_events_are_local_variables_of_the_synapse(backend):
    net, _, _, proj = connected(
        eg.Neuron(equations="v = 2.0", spike="v > 1.0"),
        eg.Neuron(equations="v = 2.0", spike="v > 1.0"),
        eg.Synapse(pre_spike="g_target += w\n count += 1 : int\n", post_spike="other += 0.5 : init=2.0"),
    )
    counts, others = watch(net, backend, 3, lambda: proj.count, lambda: proj.other)

    assert counts == [[[0]], [[1]], [[2]]]
    assert others == [[[2.5]], [[3.0]], [[3.5]]]


# -- 3.4 order ---------------------------------------------------------------------------------------------


def test_blocks_of_equations_are_simultaneous_and_assignments_split_them(backend):
    found = alone(backend, 3, "a b c d", equations="da/dt = 1\n db/dt = a\n c = a + b\n dd/dt = c\n r = 0")

    assert found == {"a": [1, 2, 3], "b": [0, 1, 3], "c": [1, 3, 6], "d": [1, 4, 10]}


def test_an_increment_between_equations_splits_the_block(backend):
    together = alone(backend, 2, "r", equations="dx/dt = 1\n dr/dt = x")
    apart = alone(backend, 2, "r", equations="dx/dt = 1\n x += 10.0\n dr/dt = x")

    assert together["r"] == [0, 1]
    assert apart["r"] == [11, 33]


def test_global_variables_come_before_local_ones_whatever_the_order_of_the_text(backend):
    found = alone(backend, 3, "r z", equations="r = z\n z = z + 1.0 : population")

    assert found["r"] == found["z"] == [1, 2, 3]


def test_assignments_see_what_was_assigned_before_them_in_the_same_step(backend):
    found = alone(backend, 2, "a r", equations="a = r + 1\n r = a*2")

    assert found == {"a": [1, 3], "r": [2, 6]}


def test_synapses_run_global_then_semiglobal_then_local_equations(backend):
    text = """
        x = s + p
        s = p*10 : postsynaptic
        p = p + 1 : projection
    """
    net, _, _, proj = connected(
        eg.Neuron(equations="r = 0"), eg.Neuron(equations="r = 0"), eg.Synapse(equations=text), n_post=2
    )
    x, s, p = watch(net, backend, 2, lambda: proj.x, lambda: proj.s, lambda: proj.p)

    assert (x, s, p) == ([[[11]] * 2, [[22]] * 2], [[10] * 2, [20] * 2], [1, 2])


# -- 3.5 expressions ---------------------------------------------------------------------------------------

X = 1.25
EXPRESSIONS = {
    "2 + 3*4 - 5/2": 11.5,
    "2^3^2": 512.0,
    "-2^2": -4.0,
    "(-2)**3": -8.0,
    "2^3 + 3^5 + 2^7": 379.0,
    "x^0 + 0^0": 2.0,
    "2^65 / 2^64": 2.0,
    "x^7": X * X * X * X * X * X * X,
    "2^-1": 0.5,
    "7/2": 3.5,  # Q9: mended
    "1/k": 1 / 3,
    "modulo(-7, 3)": -1.0,
    "modulo(7, -3)": 1.0,
    "modulo(7.9, 3.9)": 1.0,
    "round(2.5)": 3.0,
    "round(-2.5)": -3.0,
    "round(0.49999999999999994)": 0.0,
    "floor(-1.5) + ceil(1.2)": 0.0,
    "pos(x) + positive(-x)": X,
    "neg(-x) + negative(x)": -X,
    "clip(x, 0.0, 1.0) + clip(-x, -1, 1)": 0.0,
    "power(x, 3)": X * X * X,
    "pow(2.0, 0.5)": 2**0.5,
    "ite(x > 1, 10, 20)": 10.0,
    "isnan(0.0/0.0) + 2*isfinite(x) + 4*isfinite(1.0/0.0)": 3.0,
    "abs(-x) + fabs(-x)": 2 * X,
    "exp(x)": math.exp(X),
    "log(x) + log10(100.0*x)": math.log(X) + math.log10(100 * X),
    "sqrt(x)": math.sqrt(X),
    "sin(x) + cos(x) + tan(x)": math.sin(X) + math.cos(X) + math.tan(X),
    "asin(0.3) + acos(0.3) + atan(x) + atan2(x, -1)": math.pi / 2 + math.atan(X) + math.atan2(X, -1),
    "sinh(x) + cosh(x) + tanh(x)": math.sinh(X) + math.cosh(X) + math.tanh(X),
    "pi + E": math.pi + math.e,
    "x > 1 and x < 2": 1.0,
    "x > 2 or not (x is 1.25)": 0.0,
    "x is not 1.25 or x == 1.25": 1.0,
    "(x != 1.25) | (x >= 1.25) & (x <= 1)": 0.0,
    "1 < x < 2": 1.0,
    "1 < x < 1.2": 0.0,
    "(x > 1)*3": 3.0,  # section 19: accepted
    "not x or k": 1.0,
    "True + true + False + false": 2.0,
    "if x > 1: 10 else: 20": 10.0,
    "if not x: 1 else: 2": 2.0,
    "if x > 2: 1 else: if x > 1: 2 else: 3": 2.0,
    "if x < 2: if x < 1: 1 else: 2 else: 3": 2.0,
    "if x > 1 and k == 3:\n   if k is 3:\n  x\n  else:\n  1\n  else:\n -x + \n 1": X,
    "1 if 0 else 2": None,
}


def test_expression_has_its_value(backend):
    sound = {text: value for text, value in EXPRESSIONS.items() if value is not None}
    names = [f"e{k}" for k in range(len(sound))]
    lines = [f"{name} = {text}" for name, text in zip(names, sound, strict=True)]
    found = alone(
        backend, 1, " ".join(names), parameters=f"x = {X}\n k = 3 : int", equations="\n".join([*lines, "r = 0.0"])
    )
    values = {text: found[name][0] for name, text in zip(names, sound, strict=True)}

    assert values == {text: pytest.approx(value, rel=4e-16, abs=1e-16) for text, value in sound.items()}


def test_expression_that_is_none_is_refused():
    refused = [text for text, value in EXPRESSIONS.items() if value is None]
    assert refused
    for text in refused:
        with pytest.raises(LanguageError):
            eg.Neuron(equations=f"r = {text}")


@pytest.mark.parametrize("name", ["sin", "cos", "tan"])
def test_trigonometry_of_angles_from_2_to_the_45_on_is_nan(name, backend):
    below, beyond = 2.0**45 - 0.0078125, -(2.0**45)
    text = f"near = {name}({below!r})\n r = {name}({beyond!r})\n far = {name}(1e300)"
    found = alone(backend, 1, "near r far", equations=text)

    assert found["near"] == [pytest.approx(getattr(math, name)(below), rel=1e-12)]
    assert np.isnan([found["r"], found["far"]]).all()


def test_conditionals_may_stand_in_equations_conditions_functions_psp_and_events(backend):
    ode = alone(backend, 4, "r", equations="dr/dt = if t > 1: 1 else: 0")
    function = alone(backend, 1, "r", equations="r = f(3.0)", functions="f(x) = if x > 2: 10 else: 20")
    neuron = eg.Neuron(equations="n = n + 1", spike="if n > 2: True else: False", reset="n = if t > 2: 0 else: 1")
    net = eg.Network(dt=1.0, seed=1)
    pop = net.create(1, neuron)
    events = watch(net, backend, 5, lambda: pop.n[0])
    net, _, post, _ = connected(
        eg.Neuron(equations="r = t"),
        eg.Neuron(equations="r = sum(exc)"),
        eg.Synapse(psp="if pre.r > 1: w else: 0"),
        w=5.0,
    )
    sums = watch(net, backend, 4, lambda: post.r[0])

    assert ode["r"] == [0, 0, 1, 2]
    assert function["r"] == [10]
    assert events == [1, 2, 1, 2, 0]
    assert sums == [0, 0, 0, 5]


@pytest.mark.parametrize(
    ("draw", "law"), [("Normal(1.0, 2.0)", stats.norm(1.0, 2.0)), ("Uniform(-1.0, 3.0)", stats.uniform(-1.0, 4.0))]
)
def test_same_draw_twice_in_one_equation_is_two_draws(draw, law, backend):
    """Q15: engram's own; ANNarchy draws once for both."""

    def values(a, b):
        net = eg.Network(dt=1.0, seed=3)
        neuron = eg.Neuron(
            parameters=f"a = {a} : population\n b = {b} : population", equations=f"r = a*{draw} + b*{draw}"
        )
        pop = net.create(2000, neuron)
        return watch(net, backend, 1, lambda: pop.r)[0]

    one, other, total = values(1.0, 0.0), values(0.0, 1.0), values(1.0, 1.0)

    assert (total == one + other).all()
    assert (one != other).all()
    assert abs(np.corrcoef(one, other)[0, 1]) < 0.1
    assert [stats.kstest(found, law.cdf).pvalue > 1e-4 for found in (one, other)] == [True, True]


def test_condition_may_be_a_bare_number(backend):
    net = eg.Network(dt=1.0, seed=1)
    pop = net.create(1, eg.Neuron(equations="v = 0", spike="modulo(t, 3)"))

    assert [len(s) for s in watch(net, backend, 7, lambda: pop.spike)] == [0, 1, 1, 0, 1, 1, 0]


def test_time_is_that_at_the_beginning_of_the_step(backend):
    found = alone(backend, 3, "r x", dt=0.5, equations="r = t\n x = dt")

    assert found == {"r": [0.0, 0.5, 1.0], "x": [0.5] * 3}


def test_last_spike_of_a_neuron_that_never_spiked_was_ten_thousand_steps_ago(backend):
    found = alone(backend, 4, "x", dt=0.5, equations="x = t_last\n n = n + 1", spike="n == 2")

    assert found["x"] == [-5000.0, -5000.0, 0.5, 0.5]


@pytest.mark.parametrize(
    ("operation", "value"), [("mean", 2.0), ("min", -1.0), ("max", 6.0), ("norm1", 10.0), ("norm2", math.sqrt(46))]
)
def test_global_operation_is_seen_in_the_next_step_and_is_0_before(operation, value, backend):
    net = eg.Network(dt=1.0, seed=1)
    pop = net.create(4, eg.Neuron(equations=f"r = {operation}(x)\n x = x"))
    pop.x = [-1.0, 0.0, 3.0, 6.0]

    assert [r[0] for r in watch(net, backend, 2, lambda: pop.r)] == [0.0, pytest.approx(value, rel=1e-15)]


def test_global_operation_on_a_neighbour_is_that_of_the_present_step_in_synaptic_equations(backend):
    text = "x = mean(pre.r) + 100*max(post.r)\n s = min(pre.r) : postsynaptic\n p = norm1(post.r) : projection"
    net, _, _, proj = connected(
        eg.Neuron(equations="r = t"), eg.Neuron(equations="r = 2*t"), eg.Synapse(equations=text), n_pre=3, n_post=2
    )
    x, s, p = watch(net, backend, 3, lambda: proj.x[0][0], lambda: proj.s, lambda: proj.p)

    assert x == [0.0, 201.0, 402.0]
    assert s == [[0.0] * 2, [1.0] * 2, [2.0] * 2]
    assert p == [0.0, 4.0, 8.0]


def test_sums_of_all_targets_of_neurons_and_of_neighbours(backend):
    net = eg.Network(dt=1.0, seed=1)
    a = net.create(1, eg.Neuron(parameters="b = 1.0", equations="r = b"))
    post = net.create(1, eg.Neuron(equations="x = sum(exc) - sum(inh)\n y = sum()\n r = sum(none)"))
    net.connect(a, post, "exc").all_to_all(5.0)
    net.connect(a, post, "inh").all_to_all(3.0)
    reader = eg.Synapse(equations="z = pre.sum(exc) + 10*post.sum(inh)")
    proj = net.connect(post, post, "other", reader).all_to_all(1.0, allow_self_connections=True)
    x, y, r, z = watch(net, backend, 2, lambda: post.x[0], lambda: post.y[0], lambda: post.r[0], lambda: proj.z[0][0])

    assert (x[1], y[1], r[1], z[1]) == (2.0, 8.0, 0.0, 35.0)


def test_sums_of_neighbours_count_every_target_that_is_connected(backend):
    """Also those that the neurons themselves don't read, and whichever was connected last."""
    net = eg.Network(dt=1.0, seed=1)
    a = net.create(1, eg.Neuron(parameters="b = 1.0", equations="r = b"))
    post = net.create(1, eg.Neuron(equations="r = sum(exc)"))
    reader = eg.Synapse(equations="z = post.sum() + 100*post.sum(late) + 1000*pre.sum()")
    proj = net.connect(a, post, "exc", reader).all_to_all(2.0)
    net.connect(a, post, "unread").all_to_all(3.0)
    net.connect(a, post, "late").all_to_all(4.0)
    z = watch(net, backend, 2, lambda: proj.z[0][0])

    assert z[1] == 2.0 + 3.0 + 4.0 + 400.0


def test_sum_of_a_target_that_nothing_is_connected_to_is_refused_at_compile(backend):
    net = eg.Network(seed=1)
    neuron = eg.Neuron(equations="r = sum(exc)", name="rate")
    a, post = net.create(1, neuron), net.create(1, neuron)
    net.connect(a, post, "inh", eg.Synapse(equations="x = post.sum(exc)", name="s")).all_to_all(1.0)
    with pytest.raises(UnknownTarget, match=r"'post.sum\(exc\)': nothing is connected to the target 'exc'"):
        net.compile(backend=backend)
    net.connect(a, post, "exc").all_to_all(1.0)
    net.compile(backend=backend)

    assert net.compiled


# -- functions and constants -------------------------------------------------------------------------------


def test_functions_call_each_other_in_any_order_and_have_types(backend):
    """Section 19: also those that are declared later."""
    own = alone(
        backend,
        1,
        "r",
        equations="r = f(2.0, 3.0)",
        functions="f(x, y) = g(x)*y : double, double\n g(x) = if x > 1: x + 1 else: x",
    )
    eg.add_function("later(x) = 2*x")
    eg.add_function("twice(x) = later(later(x))")
    shared = alone(backend, 1, "r", equations="r = twice(3.0)")

    assert own["r"] == [9.0]
    assert shared["r"] == [12.0]


def test_types_of_a_function_convert_its_arguments_and_result(backend):
    found = alone(
        backend,
        1,
        "r a b c d",
        equations="r = f(2.9, 1.7)\n a = g(-2.7)\n b = h(7)\n c = whole(7)\n d = yes(0.5) + yes(0)",
        functions="f(n, x) = n*x : double, int, double\n g(x) = x : int\n h(x) = x/2 : double, int\n"
        "whole(n) = n/2 : int, int\n yes(x) = x : bool",
    )

    assert found == {"r": [2 * 1.7], "a": [-2], "b": [3.5], "c": [3], "d": [1]}


def test_own_function_hides_a_shared_one(backend):
    eg.add_function("f(x) = 1.0")

    assert alone(backend, 1, "r", equations="r = f(1.0)", functions="f(x) = 2.0")["r"] == [2.0]


def test_functions_know_constants_and_synapses_know_functions(backend):
    gain = eg.Constant("gain", 4.0)
    net, _, post, _ = connected(
        eg.Neuron(equations="r = 1.0"),
        eg.Neuron(equations="r = sum(exc)"),
        eg.Synapse(psp="f(w, pre.r)", functions="f(x, y) = gain*x + y"),
        w=2.0,
    )
    values = watch(net, backend, 2, lambda: post.r[0])

    assert float(gain) == 4.0
    assert values[1] == 9.0


@each("name", ["exp", "sin", "clip", "Uniform", "mean"])
def test_function_with_the_name_of_a_built_in_one_is_refused(name):
    with pytest.raises(LanguageError):
        eg.add_function(f"{name}(x) = x")


def test_constants_can_be_changed_live_in_one_network_or_in_all(backend):
    everywhere = eg.Constant("everywhere", 1.0)
    nets = []
    for _ in range(2):
        net = eg.Network(dt=1.0, seed=1)
        net.constant("here", 10.0)
        pop = net.create(1, eg.Neuron(equations="r = everywhere + here"))
        net.compile(backend=backend)
        nets.append((net, pop))
    first = [run(net, pop) for net, pop in nets]
    everywhere.set(2.0)
    second = [run(net, pop) for net, pop in nets]
    nets[0][0].constant("here", 20.0)
    third = [run(net, pop) for net, pop in nets]

    assert (first, second, third) == ([11.0, 11.0], [12.0, 12.0], [22.0, 12.0])
    assert nets[0][0].get_constant("here") == 20.0


def run(net, pop):
    net.step()
    return pop.r[0]


def test_parameter_hides_a_constant_of_the_same_name(backend):
    eg.Constant("tau", 10.0)

    assert alone(backend, 1, "r", parameters="tau = 3.0", equations="r = tau")["r"] == [3.0]


# -- what may not depend on what ---------------------------------------------------------------------------


@each(
    "text",
    [
        "x = 1.0\n p = x : projection",
        "p = pre.r : projection",
        "p = post.r : projection",
        "s = 1.0 : postsynaptic\n p = s : projection",
        "x = 1.0\n s = x : postsynaptic",
        "s = pre.r : postsynaptic",
        "x = mean(x)",
    ],
)
def test_shared_variable_that_depends_on_what_is_not_shared_is_refused(text):
    with pytest.raises(LanguageError):
        eg.Synapse(equations=text)


def test_population_global_of_a_neighbour_can_be_read_with_any_delay(backend):
    """Section 19: accepted, also without a delay."""
    for delays in (0.0, 3.0):
        net, _, _, proj = connected(
            eg.Neuron(equations="g = t : population\n r = g"),
            eg.Neuron(equations="r = 0.0"),
            eg.Synapse(equations="x = pre.g"),
            delays=delays,
        )
        found = watch(net, backend, 5, lambda proj=proj: proj.x[0][0])

        assert found in ([0, 1, 2, 3, 4], [0, 0, 0, 1, 2])


def test_semiimplicit_equation_may_read_a_global_operation(backend):
    """Section 19: accepted."""
    net, _, _, proj = connected(
        eg.Neuron(equations="r = 2.0"),
        eg.Neuron(equations="r = 0.0"),
        eg.Synapse(equations="dx/dt = mean(pre.r) - x : semiimplicit"),
    )
    values = watch(net, backend, 2, lambda: proj.x[0][0])

    np.testing.assert_allclose(values, [1.0, 1.5], rtol=1e-15)
