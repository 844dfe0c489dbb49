"""ODE methods: their measured order is their claim, `linear` is exact, and what they can't do they refuse."""

from __future__ import annotations

import itertools
import math

import mpmath
import numpy as np
import pytest
from scipy.integrate import solve_ivp

import engram as eg
from engram.errors import LanguageError
from engram.ir.errors import MethodMismatch
from engram.ir.methods import METHODS as ADVANCE
from engram.language.errors import MixedMethods, NotLinear
from engram.language.methods import METHODS, NAMES
from tests.cases import each

pytestmark = pytest.mark.cc

COUPLED = [method.name for method in METHODS.values() if method.is_coupled]
BACKENDS = ("c", "numpy")
END_MS = 8.0


def population(equations, parameters="", *, dt=1.0, backend="c", n=1, method=None, **values):
    """A compiled network and its one population of rate-coded neurons."""
    net = eg.Network(dt=dt, seed=1)
    if method is not None:
        net.config(method=method)
    pop = net.create(n, eg.Neuron(parameters=parameters, equations=equations))
    for name, value in values.items():
        setattr(pop, name, value)
    net.compile(backend=backend)
    return net, pop


# -- the table of SPEC section 4 ---------------------------------------------------------------------------

TABLE = {
    "explicit": 0.5,
    "midpoint": 0.625,
    "rk4": 0.606770833333333,
    "exponential": math.exp(-0.5),
    "implicit": 2 / 3,
    "semiimplicit": 2 / 3,
    "linear": math.exp(-0.5),
}


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("method", TABLE)
def test_one_step_of_each_method_gives_the_number_of_the_table(method, backend):
    net, pop = population(f"dr/dt = -0.5*r : {method}, init=1.0", backend=backend)
    net.step()

    assert pop.r[0] == pytest.approx(TABLE[method], abs=1e-15)


@each("alias", METHODS["rk4"].other_names)
def test_old_names_of_methods_are_known(alias):
    net, pop = population(f"dr/dt = -0.5*r : {alias}, init=1.0")
    net.step()

    assert pop.r[0] == pytest.approx(TABLE["rk4"], abs=1e-15)


@each("method", TABLE)
def test_default_method_is_that_of_config(method):
    net, pop = population("dr/dt = -0.5*r : init=1.0", method=method)
    net.step()

    assert pop.r[0] == pytest.approx(TABLE[method], abs=1e-15)


def test_default_method_is_that_of_setup_and_a_flag_wins():
    eg.setup(method="midpoint")
    pop = eg.Population(1, eg.Neuron(equations="dr/dt = -0.5*r : init=1.0\ndx/dt = -0.5*x : explicit, init=1.0"))
    eg.compile()
    eg.step()

    assert pop.r[0] == 0.625
    assert pop.x[0] == 0.5


def test_default_method_without_any_setting_is_explicit():
    net, pop = population("dr/dt = -0.5*r : init=1.0")
    net.step()

    assert pop.r[0] == 0.5


@each("method", [name for name in NAMES if name != "linear"])
def test_synapses_know_the_methods_and_the_default(method):
    for flag, default in ((f" : {method}", "explicit"), ("", method)):
        net = eg.Network(dt=1.0, seed=1)
        net.config(method=default)
        pop = net.create(1, eg.Neuron(equations="r = 1.0"))
        proj = net.connect(pop, pop, "exc", eg.Synapse(equations=f"dx/dt = -0.5*x{flag}")).all_to_all(
            1.0, allow_self_connections=True
        )
        net.compile()
        proj.x = 1.0
        net.step()

        assert proj.x[0][0] == pytest.approx(TABLE[method], abs=1e-15)


def test_time_is_constant_over_the_stages_of_a_step():
    for method in ("midpoint", "rk4"):
        net, pop = population(f"dr/dt = t : {method}", dt=0.5)
        net.simulate(2.0)

        assert pop.r[0] == 0.5 * (0.0 + 0.5 + 1.0 + 1.5)


# -- measured order ----------------------------------------------------------------------------------------


def slope(errors):
    """The order of convergence from errors at steps that halve each time."""
    return float(np.polyfit(-np.arange(len(errors)), np.log2(errors), 1)[0])


def errors_of(equations, names, expected, parameters="", *, steps, start, backend="c"):
    errors = []
    for dt in steps:
        net, pop = population(equations, parameters, dt=dt, backend=backend, **start)
        net.simulate(END_MS)
        errors.append(max(abs(getattr(pop, name)[0] - expected[name]) for name in names))
    return errors


def reference(rate, start):
    """The state at END_MS from an integration with an error far below what is measured."""
    solution = solve_ivp(lambda _, y: rate(y), (0.0, END_MS), start, method="DOP853", rtol=1e-13, atol=1e-14)
    assert solution.success
    return solution.y[:, -1]


# every equation is linear in its own variable, and the system is not: all methods but two take it
GATES = """
    dn/dt = 0.4*(1 - n)*(1 + v^2) - 0.3*n : {method}, init=0.1
    dv/dt = n*(1.2 - v) - 0.5*v*n^2 - 0.2*v : {method}, init=1.5
    r = v
"""
OSCILLATOR = """
    dx/dt = -0.2*x - y + 0.3 : {method}, init=1.0
    dy/dt = x - 0.1*y : {method}
    r = x
"""
GATES_END = dict(
    zip(
        "nv",
        reference(
            lambda y: [
                0.4 * (1 - y[0]) * (1 + y[1] ** 2) - 0.3 * y[0],
                y[0] * (1.2 - y[1]) - 0.5 * y[1] * y[0] ** 2 - 0.2 * y[1],
            ],
            [0.1, 1.5],
        ),
        strict=True,
    )
)
OSCILLATOR_END = dict(
    zip("xy", reference(lambda y: [-0.2 * y[0] - y[1] + 0.3, y[0] - 0.1 * y[1]], [1.0, 0.0]), strict=True)
)
ORDERS = {"explicit": 1, "exponential": 1, "semiimplicit": 1, "midpoint": 2, "rk4": 4}
FINE = [0.02 / 2**k for k in range(5)]
COARSE = [0.25 / 2**k for k in range(5)]


def test_claims_are_those_that_are_measured():
    assert {name: METHODS[name].order for name in NAMES} == {**ORDERS, "implicit": 1, "linear": None}
    assert {*TABLE} == {*ADVANCE} == {*NAMES}


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("method", ORDERS)
def test_order_on_a_coupled_nonlinear_system_is_the_claim(method, backend):
    steps = COARSE if method in ("midpoint", "rk4") else FINE
    steps = {FINE[0]: FINE[:3], COARSE[0]: COARSE[2:]}[steps[0]] if backend == "numpy" else steps
    errors = errors_of(GATES.format(method=method), "nv", GATES_END, steps=steps, start={}, backend=backend)

    assert slope(errors) == pytest.approx(ORDERS[method], abs=0.12)


@pytest.mark.parametrize("method", [*ORDERS, "implicit"])
def test_order_on_a_coupled_linear_system_is_the_claim(method):
    steps = COARSE if method in ("midpoint", "rk4") else FINE
    errors = errors_of(OSCILLATOR.format(method=method), "xy", OSCILLATOR_END, steps=steps, start={})

    assert slope(errors) == pytest.approx({**ORDERS, "implicit": 1}[method], abs=0.12)


def test_linear_on_a_coupled_linear_system_has_no_error_at_any_step():
    errors = errors_of(OSCILLATOR.format(method="linear"), "xy", OSCILLATOR_END, steps=[0.125, 1.0, 8.0], start={})

    assert max(errors) < 1e-12  # of the reference


@each("dt", [0.1, 1.0, 7.0])
def test_exponential_is_exact_for_constant_coefficients(dt):
    net, pop = population("tau*dr/dt + r = B : exponential, init=2.0", "tau = 10.0\nB = -1.0", dt=dt)
    net.simulate(10 * dt)

    assert pop.r[0] == pytest.approx(-1.0 + 3.0 * math.exp(-dt), rel=1e-14)


LOGISTIC = ("dx/dt = 1.5*x*(1 - x) + 0.1*x : {method}, init=0.1", lambda y: [1.5 * y[0] * (1 - y[0]) + 0.1 * y[0]])
RELAXING = ("dx/dt = 1.5 - 0.7*x : {method}, init=0.1", lambda y: [1.5 - 0.7 * y[0]])
DRIVEN = (
    "dz/dt = 0.5 - z : rk4\n dx/dt = -x/(1.0 + z^2) : {method}, init=0.1",
    lambda y: [-y[0] / (1 + y[1] ** 2), 0.5 - y[1]],
)


@pytest.mark.parametrize(
    ("method", "model"),
    [
        *[(m, LOGISTIC) for m in ("explicit", "semiimplicit", "midpoint", "rk4")],
        ("implicit", RELAXING),
        ("exponential", DRIVEN),
    ],
)
def test_order_of_an_equation_in_a_synapse_is_the_claim(method, model):
    text, rate = model
    start = [0.1, 0.0] if model is DRIVEN else [0.1]
    expected = reference(rate, start)[0]
    errors = []
    for dt in [0.1 / 2**k for k in range(4)]:
        net = eg.Network(dt=dt, seed=1)
        pop = net.create(1, eg.Neuron(equations="r = 1.0"))
        proj = net.connect(pop, pop, "exc", eg.Synapse(equations=text.format(method=method)))
        proj.all_to_all(1.0, allow_self_connections=True)
        net.compile()
        net.simulate(END_MS)
        errors.append(abs(proj.x[0][0] - expected))

    assert slope(errors) == pytest.approx({**ORDERS, "implicit": 1}[method], abs=0.2)


# -- coupling ----------------------------------------------------------------------------------------------


def test_midpoint_equations_of_one_block_are_shifted_together():
    net, pop = population("dx/dt = y : midpoint, init=1.0\n dy/dt = -x : midpoint\n r = x")
    net.step()

    assert (pop.x[0], pop.y[0]) == (1.0 + (0.0 - 0.5), -(1.0 + 0.5 * 0.0))


@pytest.mark.parametrize("backend", BACKENDS)
def test_implicit_equations_are_solved_together(backend):
    net, pop = population(
        "dx/dt = y - 0.1*x : implicit, init=1.0\n dy/dt = -x + 0.2*z : implicit\n"
        "dz/dt = x + y - z + 1.0 : implicit\n r = x",
        dt=0.5,
        backend=backend,
    )
    net.step()
    a = np.array([[-0.1, 1, 0], [-1, 0, 0.2], [1, 1, -1.0]])
    expected = np.linalg.solve(np.eye(3) - 0.5 * a, np.array([1, 0, 0]) + 0.5 * np.array([0, 0, 1.0]))

    np.testing.assert_allclose([pop.x[0], pop.y[0], pop.z[0]], expected, rtol=1e-14)


@pytest.mark.filterwarnings("ignore:.*is longer than")  # it shows what comes of such a step
def test_implicit_is_stable_where_explicit_is_not():
    for method, is_bounded in (("explicit", False), ("implicit", True), ("semiimplicit", True), ("linear", True)):
        net, pop = population(f"dr/dt = -30.0*r : {method}, init=1.0")
        net.simulate(30)

        assert (abs(pop.r[0]) <= 1.0) == is_bounded


@pytest.mark.parametrize("backend", BACKENDS)
def test_implicit_equations_of_a_synapse_are_solved_together(backend):
    """Q17."""
    net = eg.Network(dt=0.5, seed=1)
    pop = net.create(1, eg.Neuron(equations="r = 1.0"))
    text = "dx/dt = y : implicit, init=1.0\n dy/dt = -x : implicit"
    proj = net.connect(pop, pop, "exc", eg.Synapse(equations=text)).all_to_all(1.0, allow_self_connections=True)
    net.compile(backend=backend)
    net.step()
    expected = np.linalg.solve([[1, -0.5], [0.5, 1]], [1.0, 0.0])

    np.testing.assert_allclose([proj.x[0][0], proj.y[0][0]], expected, rtol=1e-15)


@pytest.mark.parametrize("backend", BACKENDS)
def test_rk4_equations_of_a_synapse_are_integrated_one_by_one(backend):
    """Q17: with y held, x advances by exactly y; in a neuron both are shifted together."""
    net = eg.Network(dt=1.0, seed=1)
    equations = "dx/dt = y : rk4, init=1.0\n dy/dt = -x : rk4, init=0.5"
    pop = net.create(1, eg.Neuron(equations=equations + "\n r = 1.0"))
    proj = net.connect(pop, pop, "exc", eg.Synapse(equations=equations)).all_to_all(1.0, allow_self_connections=True)
    net.compile(backend=backend)
    net.step()
    together = np.array([1.0, 0.5]) @ sum(
        np.linalg.matrix_power(np.array([[0, -1.0], [1, 0]]), k) / math.factorial(k) for k in range(5)
    )

    np.testing.assert_allclose([proj.x[0][0], proj.y[0][0]], [1.5, -0.5], rtol=1e-15)
    np.testing.assert_allclose([pop.x[0], pop.y[0]], together, rtol=1e-15)


# -- what a method refuses ---------------------------------------------------------------------------------


@each(("one", "other"), list(itertools.permutations(COUPLED, 2)))
def test_coupled_methods_mixed_in_one_neuron_are_refused(one, other):
    with pytest.raises(MixedMethods, match=f"'{other}' and '{one}' can't be mixed in one neuron") as caught:
        eg.Neuron(equations=f"dx/dt = -x : {one}\n r = x\n dy/dt = -y : {other}")

    assert caught.value.identifier == other


def test_coupled_method_mixed_with_the_default_one_is_refused_at_compile():
    with pytest.raises(MixedMethods, match="'midpoint' and 'rk4' can't be mixed in one neuron"):
        population("dx/dt = r : midpoint\n dr/dt = -x", method="rk4")


@each("alone", [name for name in NAMES if name not in COUPLED])
@each("coupled", COUPLED)
def test_other_methods_may_be_mixed_with_a_coupled_one(coupled, alone):
    text = f"dx/dt = -0.5*x : {coupled}, init=1.0\n dr/dt = -0.5*r : {alone}, init=1.0"
    net, pop = population(text)
    net.step()

    assert pop.x[0] == pytest.approx(TABLE[coupled], abs=1e-15)
    assert pop.r[0] == pytest.approx(TABLE[alone], abs=1e-15)


def test_exponential_of_an_equation_that_is_not_linear_is_refused():
    with pytest.raises(NotLinear, match="exponential"):
        eg.Neuron(equations="dr/dt = -r^2 : exponential")


@each("method", ["exponential", "implicit", "linear"])
def test_default_method_that_an_equation_does_not_fit_is_refused_at_compile(method):
    with pytest.raises(MethodMismatch, match=f"method '{method}' needs an equation") as caught:
        population("dr/dt = 1.0 - r^2", method=method)

    assert caught.value.variable == "r"
    assert isinstance(caught.value, LanguageError)


def test_semiimplicit_of_an_equation_that_is_not_linear_is_explicit():
    net, pop = population("dr/dt = -r^2 : semiimplicit, init=0.5")
    net.step()

    assert pop.r[0] == 0.25


@each("method", ["implicit", "linear"])
@each(
    ("equations", "term"),
    [
        ("dx/dt = -x + x*y : {m}\n dy/dt = 2*x - y : {m}\n r = x", "x*y"),
        ("dx/dt = y - exp(x) : {m}\n dy/dt = -y : {m}\n r = x", "exp(x)"),
        ("dx/dt = -x : {m}\n dy/dt = 3.0 - x - 1.0/y : {m}\n r = x", "1.0/y"),
        ("dr/dt = if r > 0.5: -r else: 1.0 : {m}", "ite(r > 0.5, -r, 1.0)"),
    ],
)
def test_system_that_is_not_linear_is_refused_naming_the_term(method, equations, term):
    with pytest.raises(MethodMismatch) as caught:
        population(equations.format(m=method))

    assert caught.value.term == term
    assert f"the term {term} is not" in str(caught.value)


@each(
    ("coefficient", "why"),
    [
        ("t", "changes from step to step"),
        ("y", "changes from step to step"),
        ("Uniform(0.0, 1.0)", "is drawn anew in every step"),
        ("sum(exc)", "changes from step to step"),
        ("mean(y)", "changes from step to step"),
    ],
)
def test_linear_with_a_coefficient_that_changes_is_refused(coefficient, why):
    with pytest.raises(MethodMismatch, match="whose coefficients are parameters") as caught:
        population(f"y = 0.5\n dr/dt = -{coefficient}*r : linear")

    assert caught.value.term == coefficient
    assert f"the term {coefficient} {why}" in str(caught.value)
    assert (caught.value.place.line, caught.value.place.column) == (2, 11)


# -- the exact method --------------------------------------------------------------------------------------

MATRICES = {
    "decay": [[-0.1]],
    "growth": [[0.3]],
    "zero 1": [[0.0]],
    "zero 3": [[0.0] * 3] * 3,
    "oscillator": [[0.0, 1.0], [-1.0, 0.0]],
    "alpha function": [[-0.5, 0.0], [1.0, -0.5]],
    "Jordan 3": [[-0.2, 1.0, 0.0], [0.0, -0.2, 1.0], [0.0, 0.0, -0.2]],
    "Jordan 4, nilpotent": [[0.0, 1.0, 0.0, 0.0], [0.0, 0.0, 1.0, 0.0], [0.0, 0.0, 0.0, 1.0], [0.0] * 4],
    "stiff": [[-1000.0, 1.0], [0.0, -0.001]],
    "stiff, coupled": [[-500.5, 499.5], [499.5, -500.5]],
    "integrate and fire": [[-0.05, 4.0, 4.0], [0.0, -0.5, 0.0], [0.0, 0.0, -2.0]],
    "full 4": [[-0.3, 0.2, 0.1, -0.4], [0.7, -0.9, 0.05, 0.3], [-0.2, 0.6, -0.1, 0.8], [0.15, -0.25, 0.35, -0.45]],
    "singular": [[-1.0, 1.0], [1.0, -1.0]],
}
LETTERS = "xyuv"


def exact(matrix, source, start, ms):
    """exp of the system with its constant inputs, with 60 digits."""
    n = len(matrix)
    with mpmath.workdps(60):
        whole = mpmath.zeros(n + 1)
        for i, row in enumerate(matrix):
            for j, value in enumerate(row):
                whole[i, j] = mpmath.mpf(value) * ms
            whole[i, n] = mpmath.mpf(source[i]) * ms
        # scaled, since mpmath's series alone loses digits where the norm is large
        squarings = max(0, int(mpmath.ceil(mpmath.log(mpmath.norm(whole, 1) + 1, 2))))
        result = mpmath.expm(whole / 2**squarings, method="taylor")
        for _ in range(squarings):
            result = result * result
        return [float(x) for x in (result * mpmath.matrix([*start, 1]))[:n]]


def system_text(n, inputs):
    """Equations with one parameter for each entry; what is always 0 is left out, as users do."""
    lines = []
    for i in range(n):
        terms = " + ".join(f"a{i}{j}*{LETTERS[j]}" for j in range(n))
        lines.append(f"d{LETTERS[i]}/dt = {terms}" + (f" + b{i}" if inputs[i] else "") + " : linear")
    return "\n".join([*lines, "r = x"])


def parameter_text(n, flag):
    names = [f"a{i}{j}" for i in range(n) for j in range(n)] + [f"b{i}" for i in range(n)]
    return "\n".join(f"{name} = 0.0{flag}" for name in names)


def set_matrix(pop, matrix, source):
    for i, row in enumerate(matrix):
        setattr(pop, f"b{i}", source[i])
        for j, value in enumerate(row):
            setattr(pop, f"a{i}{j}", value)


def assert_exact(found, expected, rel=1e-13):
    scale = max(1e-300, *map(abs, expected))
    assert max(abs(f - e) for f, e in zip(found, expected, strict=True)) <= rel * scale


@pytest.mark.parametrize("name", MATRICES)
@pytest.mark.parametrize("backend", BACKENDS)
def test_linear_is_exact_for_any_matrix(name, backend):
    matrix = MATRICES[name]
    n = len(matrix)
    source, start = [0.7, -0.3, 0.2, 1.1][:n], [1.0, -0.5, 2.0, 0.25][:n]
    for dt, inputs in ((0.1, source), (1.0, source), (1.0, [0.0] * n), (4.0, source)):
        values = dict(zip(LETTERS, start, strict=False))
        net, pop = population(
            system_text(n, [1] * n), parameter_text(n, ": population"), dt=dt, backend=backend, **values
        )
        set_matrix(pop, matrix, inputs)
        net.step()
        assert_exact([getattr(pop, x)[0] for x in LETTERS[:n]], exact(matrix, inputs, start, dt))


def test_linear_stays_exact_over_many_steps():
    matrix, start = MATRICES["oscillator"], [1.0, 0.0]
    net, pop = population(system_text(2, [0, 0]), parameter_text(2, ": population"), dt=0.1, x=1.0)
    set_matrix(pop, matrix, [0.0, 0.0])
    net.simulate(1000.0)

    assert_exact([pop.x[0], pop.y[0]], exact(matrix, [0.0, 0.0], start, 1000.0), 1e-11)


@pytest.mark.parametrize("backend", BACKENDS)
def test_linear_with_parameters_of_each_neuron_is_exact(backend):
    """One neuron for each matrix of two variables, all in one population."""
    chosen = {name: m for name, m in MATRICES.items() if len(m) == 2}
    net, pop = population(
        system_text(2, [1, 1]), parameter_text(2, ""), n=len(chosen), dt=0.5, backend=backend, x=1.0, y=-0.5
    )
    for i, j in itertools.product(range(2), range(2)):
        setattr(pop, f"a{i}{j}", np.array([m[i][j] for m in chosen.values()]))
    pop.b0 = np.linspace(-1, 1, len(chosen))
    net.step()

    for k, matrix in enumerate(chosen.values()):
        assert_exact([pop.x[k], pop.y[k]], exact(matrix, [pop.b0[k], 0.0], [1.0, -0.5], 0.5))


@pytest.mark.parametrize("backend", BACKENDS)
def test_linear_with_parameters_changed_between_runs_uses_the_new_ones(backend):
    net, pop = population("tau*dr/dt = -r + B : linear", "tau = 10.0 : population\nB = 0.0", backend=backend, r=1.0)
    net.simulate(5)
    middle = pop.r[0]
    pop.tau = 2.0
    pop.B = 3.0
    net.simulate(5)

    assert middle == pytest.approx(math.exp(-0.5), rel=1e-13)
    assert pop.r[0] == pytest.approx(3.0 + (middle - 3.0) * math.exp(-2.5), rel=1e-13)


@pytest.mark.parametrize("backend", BACKENDS)
def test_linear_with_a_constant_changed_between_runs_uses_the_new_one(backend):
    net = eg.Network(dt=1.0, seed=1)
    net.constant("tau_all", 10.0)
    pop = net.create(1, eg.Neuron(equations="dr/dt = -r/tau_all : linear, init=1.0"))
    net.compile(backend=backend)
    net.simulate(5)
    net.constant("tau_all", 1.0)
    net.simulate(2)

    assert pop.r[0] == pytest.approx(math.exp(-0.5) * math.exp(-2.0), rel=1e-13)


@pytest.mark.parametrize("backend", BACKENDS)
def test_linear_with_an_input_that_changes_takes_it_as_constant_in_each_step(backend):
    net, pop = population("dr/dt = -0.25*r + sin(t) : linear", backend=backend)
    net.simulate(10)
    expected = 0.0
    for k in range(10):
        expected = expected * math.exp(-0.25) + 4.0 * (1.0 - math.exp(-0.25)) * math.sin(k)

    assert pop.r[0] == pytest.approx(expected, rel=1e-13)


@pytest.mark.parametrize("backend", BACKENDS)
def test_linear_conductances_decay_and_drive_as_nest_does(backend):
    """v, an alpha-shaped and an exponential input: spikes jump, everything between them is exact."""
    neuron = eg.Neuron(
        parameters="tau_m = 10.0 : population\n tau_s = 2.0 : population",
        equations="dv/dt = -v/tau_m + g_exc : linear\n dg_exc/dt = -g_exc/tau_s : linear",
        spike="v > 1000.0",
    )
    net = eg.Network(dt=0.5, seed=1)
    source = net.create(1, eg.Neuron(equations="n = n + 1 : int", spike="n == 3"))
    pop = net.create(1, neuron)
    net.connect(source, pop, "exc").all_to_all(1.5)
    net.compile(backend=backend)
    net.simulate(10.0)
    ms = 17 * 0.5  # emitted in step 2, arrives in step 3, the last of 20 steps ends 17 steps after that begins

    assert_exact([pop.v[0], pop.g_exc[0]], exact([[-0.1, 1.0], [0.0, -0.5]], [0.0, 0.0], [0.0, 1.5], ms), 1e-12)


def test_linear_in_refractory_neurons_holds_what_is_frozen():
    neuron = eg.Neuron(equations="dv/dt = 1.0 - 0.1*v : linear", spike="v > 1.5", reset="v = 0.25", refractory=3.0)
    net = eg.Network(dt=1.0, seed=1)
    pop = net.create(1, neuron)
    net.compile()
    values = []
    for _ in range(7):
        net.step()
        values.append(pop.v[0])

    assert values[1:5] == [0.25] * 4
    assert values[5] > 0.25


@each(("flag", "default"), [(" : linear", "explicit"), ("", "linear")])
def test_linear_in_synapses_is_refused_with_its_place_and_what_to_write(flag, default):
    net = eg.Network(dt=1.0, seed=1)
    net.config(method=default)
    pop = net.create(1, eg.Neuron(equations="r = 1.0"))
    synapse = eg.Synapse(equations=f"y = 1.0\ndx/dt = -x{flag}", name="slow")
    net.connect(pop, pop, "exc", synapse).all_to_all(1.0, allow_self_connections=True)
    with pytest.raises(LanguageError, match="'linear' is for neurons") as caught:
        net.compile()

    assert "in Synapse 'slow', line 2, column 1" in str(caught.value)
    assert "write ': exponential' behind 'dx/dt = -x'" in str(caught.value)
    assert ("is the default of the network" in str(caught.value)) == (not flag)
