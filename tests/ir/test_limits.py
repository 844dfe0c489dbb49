"""Which parameters of a user's own model divide its equations, and what is said of a value of 0."""

import pytest

import engram as eg
from engram.errors import InvalidArgument
from engram.language.errors import BadValue, ModelErrors
from tests.cases import each

DIVIDING = [
    ("tau*dr/dt = -r", "tau"),
    ("dr/dt = -r/tau", "tau"),
    ("dr/dt = (1.0 - r)/tau + b/(2.0*c)", "tau c"),
    ("tau*c*dr/dt = -r", "tau c"),
    ("c*dr/dt = c/tau*(1.0 - r) + b", "tau c"),
    ("tau*dr/dt = if b > 0.0: 1.0/c else: r", "tau"),
    ("dr/dt = -r/-tau^2", "tau"),
    ("r = b/tau", ""),
    ("dr/dt = b*tau - r", ""),
    ("dr/dt = exp(-dt/tau) - r", ""),
    ("dr/dt = -r/(tau + c)", ""),
    ("dr/dt = ite(tau > 0.0, -r/tau, 0.0)", ""),
    ("dr/dt = half(r)/tau - f(r, c)", "tau c"),
]


@each(("equations", "names"), DIVIDING)
def test_divisors_of_derivatives_are_found(equations, names):
    functions = "f(x, y) = x/y\nhalf(x) = 0.5*x"
    spec = eg.Neuron(
        parameters="tau = 1.0\nb = 1.0\nc = 1.0", equations=f"{equations}\nr2 = b", functions=functions
    ).spec

    assert {limit.name for limit in spec.limits} == set(names.split())


def test_zero_is_refused_with_a_caret_and_negative_numbers_are_not():
    for value in ("0.0", "-0.0", "0"):
        with pytest.raises(BadValue) as caught:
            eg.Neuron(name="cell", parameters=f"b = 1.0\ntau = {value}", equations="tau*dr/dt = -r + b")
        assert str(caught.value).splitlines() == [
            f"'tau' must be a number other than 0, got {float(value)}",
            "  in Neuron 'cell', block parameters, line 2, column 1:",
            f"  2 | tau = {value}",
            "    | ^^^",
            "  it divides in tau*dr/dt = -r + b",
            "  help: any other value will do, also a small one, such as 0.01, and inf.",
        ]
    pop = eg.Network().create(2, eg.Neuron(parameters="tau = -1.0", equations="tau*dr/dt = -r"))
    pop.tau = -2.0

    assert pop.tau.tolist() == [-2.0, -2.0]


def test_all_zeros_of_a_text_are_reported_together():
    with pytest.raises(ModelErrors) as caught:
        eg.Synapse(
            parameters={"tau": 0.0, "c": 0, "b": 0.0},
            equations="tau*dx/dt = -x : event-driven\ndw/dt = b/c",
            pre_spike="x += 1.0",
        )

    assert [error.identifier for error in caught.value.errors] == ["c", "tau"] or [
        error.identifier for error in caught.value.errors
    ] == ["tau", "c"]


def test_constant_that_divides_is_held_to_the_limit_in_every_network_that_reads_it():
    TAU = eg.Constant("TAU_L", 5.0)
    net = eg.Network(seed=1)
    net.create(
        1, eg.Neuron(parameters="tau = TAU_L", equations="tau*dx/dt = -x\nTAU_L*dr/dt = -r", name="cell"), name="a"
    )
    net.compile(backend="numpy")
    for call in (lambda: TAU.set(0.0), lambda: net.get_constant("TAU_L").set(0.0), lambda: net.constant("TAU_L", 0.0)):
        with pytest.raises(InvalidArgument, match=r"cell: TAU_L must be a number other than 0, got 0.0\n.*\n.*'a'"):
            call()

    assert (float(TAU), float(net.get_constant("TAU_L"))) == (5.0, 5.0)


def test_parameter_that_is_a_constant_is_looked_at_by_compile():
    eg.Constant("NONE_L", 0.0)
    net = eg.Network(seed=1)
    pop = net.create(1, eg.Neuron(parameters="tau = NONE_L", equations="tau*dr/dt = -r"), name="a")
    with pytest.raises(InvalidArgument, match="tau must be a number other than 0, got 0.0"):
        net.compile(backend="numpy")
    pop.tau = 3.0
    net.compile(backend="numpy")

    assert pop.tau.tolist() == [3.0]
