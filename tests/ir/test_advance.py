"""Where the step of an Euler method goes: into what is the same for many elements, and nowhere else."""

import numpy as np
import pytest

from engram.ir.interpret import evaluate
from engram.ir.lower import lower_neuron
from engram.ir.lower_synapses import lower_synapse
from engram.ir.nodes import Index
from engram.ir.printer import expression_text
from engram.models.definition import Neuron, Synapse
from tests.cases import each

PARAMETERS = "tau = 10.0 : population\n c = 2.0 : population\n own = 3.0"
CELL = Neuron(parameters=PARAMETERS, equations="r = 0.5").model


def step(kernel):
    """The new value of the first variable, as text: h is the step, what was hoisted is back in its place."""
    shared = {s.symbol: s.value for s in kernel.prelude if s.symbol.startswith("shared.")}
    return expression_text(kernel.body[0].value, shared).replace("clock.h", "h")


@each(
    ("equation", "expected"),
    [
        ("dr/dt = c*r", "r + h*c*r"),
        ("tau*dr/dt = own - r", "r + h/tau*(own - r)"),
        ("tau*dr/dt = c*own", "r + h/tau*c*own"),
        ("dr/dt = c*own - tau*r", "r + (h*c*own - h*tau*r)"),
        ("dr/dt = c*own - r", "r + h*(c*own - r)"),  # a product for each term would be one more
        ("dr/dt = -own/tau", "r + h/tau*-own"),
        ("dr/dt = own/r", "r + h*(own/r)"),
        ("dr/dt = c", "r + h*c"),
        ("dr/dt = c*sin(own)*Normal(0.0, 1.0)", "r + h*c*sin(own)*(0.0 + 1.0*normal_0())"),
    ],
)
def test_step_of_a_neuron(equation, expected):
    (kernel,) = lower_neuron(Neuron(parameters=PARAMETERS, equations=equation).model)

    assert step(kernel) == expected


@each(
    ("equation", "expected"),
    [
        ("dx/dt = eta*pre.r*post.r", "x + h*post.r*eta*pre.r"),
        ("dx/dt = eta*(pre.r*post.r - post.r^2*x)", "x + (h*eta*post.r*pre.r - h*eta*(post.r*post.r)*x)"),
        ("dx/dt = eta*post.r*(post.r - eta)*pre.r", "x + h*(eta*post.r*(post.r - eta))*pre.r"),
        ("dx/dt = w*pre.r", "x + h*(w*pre.r)"),
    ],
)
@each("forms", [{}, {"w": Index.ONE}])
def test_step_of_a_synapse_is_the_same_however_weights_are_stored(equation, expected, forms):
    model = Synapse(parameters="eta = 0.1 : projection", equations=equation).model
    kernel = lower_synapse(model, CELL, CELL, forms=forms)[-1]

    assert step(kernel) == expected


@each(
    "rate", ["c*own - tau*r", "-(own - c)/tau", "c*(tau*r - own*(c - tau))", "own/c*r*tau", "(c*r + own*tau)/own - c"]
)
def test_step_is_that_of_euler_but_for_rounding(rate):
    values = {"r": np.float64(0.7), "own": np.float64(3.1), "c": np.float64(1.3), "tau": np.float64(7.9)}
    values |= {"clock.h": np.float64(0.1), "dt": np.float64(0.1)}
    (kernel,) = lower_neuron(Neuron(parameters=PARAMETERS, equations=f"dr/dt = {rate}").model)
    for statement in kernel.prelude:
        values[statement.symbol] = evaluate(statement.value, values)
    expected = 0.7 + 0.1 * eval(rate, {}, values)  # noqa: S307  a text of this file

    assert evaluate(kernel.body[0].value, values) == pytest.approx(expected, rel=1e-14)
