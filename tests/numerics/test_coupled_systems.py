"""Methods that solve many equations at once, `linear` and `implicit`: systems of any size, and what is refused."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.linalg import expm

import engram as eg
from engram.ir.errors import BadCoefficient, MethodMismatch
from engram.ir.lower import lower_neuron
from engram.language import parse_neuron
from engram.language.errors import ModelErrors, TooLarge
from tests.cases import each

pytestmark = pytest.mark.cc

BACKENDS = ("c", "numpy")


def chain(n: int, method: str) -> str:
    """Compartments, each coupled to its neighbours; an input into the first."""
    lines = []
    for i in range(n):
        terms = [f"-x{i}/tau"] + [f"g*(x{j} - x{i})" for j in (i - 1, i + 1) if 0 <= j < n] + ["I"] * (i == 0)
        lines.append(f"dx{i}/dt = {' + '.join(terms)} : {method}")
    return "\n".join([*lines, "r = x0"])


def matrix_of_chain(n: int, tau: float, g: float) -> np.ndarray:
    a = np.diag(np.full(n - 1, g), 1) + np.diag(np.full(n - 1, g), -1)
    return a - np.diag(a.sum(axis=1) + 1 / tau)


def network_of(
    equations: str, parameters: str, backend: str, n: int = 1, functions: str | None = None
) -> tuple[eg.Network, eg.Population]:
    net = eg.Network(dt=0.5, seed=1)
    pop = net.create(n, eg.Neuron(parameters, equations, functions=functions), name="cable")
    net.compile(backend=backend)
    return net, pop


@pytest.mark.parametrize("flag", ["", ": population"])
@pytest.mark.parametrize("backend", BACKENDS)
def test_linear_chain_of_compartments_is_exact(backend, flag):
    n, tau, g, current = 12, 8.0, 0.7, 1.5
    net, pop = network_of(chain(n, "linear"), f"tau = {tau} {flag}\ng = {g} {flag}\nI = {current}", backend, n=3)
    net.simulate(5)
    a = matrix_of_chain(n, tau, g)
    steady = np.linalg.solve(a, -np.eye(n)[0] * current)
    expected = steady - expm(a * 5.0) @ steady

    for neuron in range(3):
        found = [pop.get(f"x{i}")[neuron] for i in range(n)]
        np.testing.assert_allclose(found, expected, rtol=1e-11, atol=1e-15)


@pytest.mark.parametrize("backend", BACKENDS)
def test_implicit_chain_of_compartments_is_backward_euler(backend):
    n, tau, g, current = 9, 8.0, 0.7, 1.5
    net, pop = network_of(chain(n, "implicit"), f"tau = {tau}\ng = {g}\nI = {current}", backend)
    net.simulate(2)
    expected, step = np.zeros(n), np.eye(n) - 0.5 * matrix_of_chain(n, tau, g)
    for _ in range(4):
        expected = np.linalg.solve(step, expected + 0.5 * current * np.eye(n)[0])

    np.testing.assert_allclose([pop.get(f"x{i}")[0] for i in range(n)], expected, rtol=1e-13)


def test_implicit_chain_takes_a_step_for_each_compartment():
    sizes = []
    for n in (20, 40):
        (kernel,) = lower_neuron(parse_neuron(equations=chain(n, "implicit"), parameters="tau = 1; g = 1; I = 1"))
        sizes.append(len(kernel.body))

    assert sizes[1] < 2.1 * sizes[0]


def test_linear_with_many_variables_has_one_table():
    """Thousands of arguments would take the compiler minutes."""
    model = parse_neuron(equations=chain(60, "linear"), parameters="tau = 1; g = 1; I = 1")
    (kernel,) = lower_neuron(model)
    (table,) = [a for a in kernel.arguments if a.entries]

    assert table.entries == 60 * 60 + 60  # one input
    assert len(kernel.arguments) == 60 + 3


@pytest.mark.parametrize("backend", BACKENDS)
def test_inputs_that_are_the_same_share_a_column(backend):
    text = "dx/dt = a - x + 0.1*y : linear\ndy/dt = -y + 2*t : linear\ndz/dt = a - z + 0.3*x : linear\nr = x"
    (kernel,) = lower_neuron(parse_neuron(equations=text, parameters="a = 1.5"))
    net, pop = network_of(text, "a = 1.5", backend)
    net.simulate(0.5)
    a = np.array([[-1.0, 0.1, 0.0], [0.0, -1.0, 0.0], [0.3, 0.0, -1.0]])
    expected = np.linalg.solve(a, (expm(a * 0.5) - np.eye(3)) @ np.array([1.5, 0.0, 1.5]))

    assert kernel.propagators[0].inputs == ((0, 2), (1,))
    np.testing.assert_allclose([pop.x[0], pop.y[0], pop.z[0]], expected, rtol=1e-13)


@pytest.mark.parametrize(
    ("method", "n", "message"),
    [
        ("linear", 100, "the method 'linear' needs more than 10000 coefficients for 100 coupled equations"),
        ("implicit", 26, "the method 'implicit' needs more than 5000 operations for 26 coupled equations"),
    ],
)
def test_systems_above_the_bound_are_refused(method, n, message):
    dense = [f"dx{i}/dt = {' + '.join(f'x{j}' for j in range(n))} : implicit" for i in range(n)]
    equations = "\n".join([*dense, "r = x0"]) if method == "implicit" else chain(n, method)
    with pytest.raises(TooLarge, match=message) as caught:
        lower_neuron(parse_neuron(equations=equations, parameters="tau = 1; g = 1; I = 1"))

    assert caught.value.place.line == 1


# -- coefficients that have no value -----------------------------------------------------------------------


@pytest.mark.parametrize("backend", BACKENDS)
def test_time_constant_next_to_zero_is_refused_by_name_and_nothing_runs(backend):
    net, pop = network_of("tau*dv/dt = -v + 1.0 : linear\nr = v", "tau = 10.0", backend, n=3)
    pop.tau = [5.0, 5.0, 1e-310]
    with pytest.raises(BadCoefficient) as caught:
        net.simulate(10)

    assert str(caught.value) == (
        "population 'cable': dv/dt can't be solved by the method 'linear' in neuron 2: its coefficient of 'v' is -inf\n"
        "  it is -1.0/tau, with tau = 1e-310\n"
        "  help: choose parameters for which it is finite, and below 1e+290; no time constant may be 0."
    )
    assert (caught.value.variable, caught.value.parameters) == ("v", ("tau",))
    assert net.current_step == 0


@each(("tau", "shown"), [(1e-310, "-inf"), (-1e-300, "1e+300")])
def test_shared_coefficient_that_is_no_number_is_refused(tau, shown):
    net, pop = network_of("dv/dt = -v/tau : linear\nr = v", "tau = 10.0 : population", "numpy")
    pop.tau = tau
    with pytest.raises(BadCoefficient, match=f"coefficient of 'v' is {shown.replace('+', '.')}"):
        net.step()
    pop.tau = 1.0
    net.step()

    assert pop.r[0] == 0.0


def test_coefficient_of_dt_alone_is_refused():
    net, _ = network_of("dv/dt = -v*sqrt(dt - 5.0) : linear\nr = v", "", "numpy")
    with pytest.raises(BadCoefficient, match=r"it is -sqrt\(dt - 5.0\)\n"):
        net.step()


# -- the message of what does not fit ----------------------------------------------------------------------


@each(
    ("method", "equations", "message"),
    [
        (
            "exponential",
            "tau*dv/dt = -v + 2.0\n  + a*exp(v)\nr = v",
            "method 'exponential' needs an equation linear in v\n"
            "  in Neuron 'cell', line 2, column 7:\n"
            "  2 |   + a*exp(v)\n"
            "    |       ^^^^^^\n"
            "  the term exp(v) is not\n"
            "  help: take another method, such as ': rk4', or write the equation in that form.",
        ),
        (
            "linear",
            "dv/dt = -v*u\ndu/dt = -u/tau\nr = v",
            "method 'linear' needs an equation linear in v, u\n"
            "  in Neuron 'cell', line 1, column 9:\n"
            "  1 | dv/dt = -v*u\n"
            "    |         ^^^^\n"
            "  the term -v*u is not\n"
            "  help: take another method, such as ': rk4', or write the equation in that form.",
        ),
        (
            "linear",
            "dv/dt = -v*sq(t)/tau\nr = v",
            "method 'linear' needs an equation whose coefficients are parameters\n"
            "  in Neuron 'cell', line 1, column 15:\n"
            "  1 | dv/dt = -v*sq(t)/tau\n"
            "    |               ^\n"
            "  the term t changes from step to step\n"
            "  help: take another method, such as ': rk4', or write the equation in that form.",
        ),
        (
            "implicit",
            "dv/dt = 1.0 - 0.5*sq(v)\nr = v",
            "method 'implicit' needs an equation linear in v\n"
            "  in Neuron 'cell', line 1, column 19:\n"
            "  1 | dv/dt = 1.0 - 0.5*sq(v)\n"
            "    |                   ^^^^^\n"
            "  the term v*v is not\n"
            "  help: take another method, such as ': rk4', or write the equation in that form.",
        ),
    ],
)
def test_message_shows_the_model_the_line_and_the_term(method, equations, message):
    net = eg.Network(dt=1.0, seed=1)
    net.config(method=method)
    net.create(1, eg.Neuron(parameters="tau = 1.0\na = 2.0", equations=equations, functions="sq(x) = x*x", name="cell"))
    with pytest.raises(MethodMismatch) as caught:
        net.compile()

    assert str(caught.value) == message
    assert caught.value.method == method


@each("method", ["exponential", "semiimplicit", "implicit", "linear"])
def test_function_that_is_linear_works_like_its_expansion(method):
    values = []
    for right, functions in (("(2.0 - v)/tau", None), ("toward(v, 2.0)/tau", "toward(x, e) = e - x")):
        net, pop = network_of(f"dv/dt = {right} : {method}\nr = v", "tau = 10.0", "c", functions=functions)
        net.simulate(3)
        values.append(pop.v[0])

    assert values[0] == values[1] > 0


# -- systems with an assignment between their equations ----------------------------------------------------


@each("is_default", [False, True])
@each("method", ["implicit", "linear"])
def test_assignment_between_equations_that_are_solved_together_is_refused(method, is_default):
    flag = "" if is_default else f" : {method}"
    net = eg.Network(dt=1.0, seed=1)
    if is_default:
        net.config(method=method)
    net.create(1, eg.Neuron(equations=f"dv/dt = u - v{flag}\nx = v\ndu/dt = v - u{flag}\nr = x", name="cell"))
    with pytest.raises(MethodMismatch) as caught:
        net.compile()

    assert str(caught.value) == (
        f"the method '{method}' solves v and u together, and 'x = v' stands between their equations\n"
        "  in Neuron 'cell', line 2, column 1:\n"
        "  2 | x = v\n"
        "    | ^^^^^\n"
        "  help: move 'x = v' before or after the equations."
    )


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize(("method", "v"), [("implicit", 1 / 3), ("linear", 0.5 * (1 - np.exp(-2)))])
def test_assignment_behind_the_equations_leaves_them_one_system(method, v, backend):
    net = eg.Network(dt=1.0, seed=1)
    equations = f"dv/dt = u - v : {method}\ndu/dt = v - u : {method}, init=1.0\nx = v\nr = x"
    pop = net.create(1, eg.Neuron(equations=equations))
    net.compile(backend=backend)
    net.step()

    assert pop.v[0] == pytest.approx(v, rel=1e-13)
    assert pop.u[0] == pytest.approx(1 - v, rel=1e-13)


@each("first", ["implicit", "linear"])
def test_equations_that_do_not_read_each_other_may_stand_apart(first):
    net, pop = network_of(f"dv/dt = -v : {first}, init=1.0\nx = v\ndu/dt = x - u : {first}\nr = u", "", "numpy")
    net.step()

    assert 0 < pop.u[0] < pop.x[0] == pop.v[0] < 1


def test_one_way_from_the_earlier_equation_is_the_joint_solution_of_implicit():
    values = []
    for lines in ("{v}\nx = v\n{u}", "{v}\n{u}\nx = v"):
        text = lines.format(v="dv/dt = -v : implicit, init=1.0", u="du/dt = v - u : implicit")
        net, pop = network_of(f"{text}\nr = u", "", "numpy")
        net.step()
        values.append(pop.u[0])

    assert values[0] == pytest.approx(values[1], rel=1e-15)
    with pytest.raises(MethodMismatch, match="solves v and u together"):
        network_of("dv/dt = -v : linear\nx = v\ndu/dt = v - u : linear\nr = u", "", "numpy")


# -- everything that does not fit, at once -----------------------------------------------------------------


@each("method", ["implicit", "linear"])
def test_all_terms_of_all_equations_are_named_at_once(method):
    equations = f"dv/dt = -v*u + cos(v) : {method}\ndu/dt = v - exp(u) : {method}\nr = v"
    with pytest.raises(ModelErrors, match="3 errors in Neuron") as caught:
        network_of(equations, "", "numpy")

    assert [(e.variable, e.term) for e in caught.value.errors] == [("v", "-v*u"), ("v", "cos(v)"), ("u", "exp(u)")]


def test_all_coefficients_that_change_are_named_at_once():
    with pytest.raises(ModelErrors) as caught:
        network_of("dv/dt = -v*t : linear\ndu/dt = v*Uniform(0, 1) - u*t : linear\nr = v", "", "numpy")

    assert {(e.variable, e.term) for e in caught.value.errors} == {("v", "t"), ("u", "Uniform(0, 1)"), ("u", "t")}
