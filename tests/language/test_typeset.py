"""Names and expressions as mathematics: parentheses where they are needed, nothing that Markdown would eat."""

from __future__ import annotations

import re

from hypothesis import given

from engram.language.model import Assign
from engram.language.nodes import Name
from engram.language.parser import parse_neuron
from engram.language.symbols import symbol
from engram.language.typeset import to_latex, typeset_assignment, typeset_ode
from tests.cases import each
from tests.language.trees_strategy import expressions

PARAMETERS = "tau_m = 10.0\na = 1.0\nb = 2.0\nv1 = 3.0\nx_m = 0.0 : table"


def statement(text: str):
    model = parse_neuron(
        name="",
        constants={},
        shared_functions=(),
        parameters=PARAMETERS,
        equations=f"{text}\nr = 0.0",
        functions="f(x) = x",
    )
    return model.equations[0], model


def latex(text: str) -> str:
    return typeset_assignment(statement(f"x = {text}")[0]).removeprefix("x = ")


@each(
    ("name", "expected"),
    [
        ("tau_m", r"\tau_m"),
        ("tau_syn_exc", r"\tau_{\mathrm{syn},\mathrm{exc}}"),
        ("E_tau", r"E_{\tau}"),
        ("Delta_T", r"\Delta_T"),
        ("v", "v"),
        ("v1", "v_1"),
        ("tau12_x", r"\tau_{12,x}"),
        ("noise", r"\mathrm{noise}"),
        ("noise2", r"\mathrm{noise2}"),
        ("alphabet", r"\mathrm{alphabet}"),
        ("dt", r"\Delta t"),
        ("_x", r"\mathrm{\_x}"),
        ("a__b", r"\mathrm{a\_\_b}"),
    ],
)
def test_symbol(name, expected):
    assert symbol(name) == expected


@each(
    ("text", "expected"),
    [
        ("a*b/tau_m", r"\frac{a \cdot b}{\tau_m}"),
        ("-(a + b)/2.0", r"-\frac{a + b}{2}"),
        ("-a*b", r"-a \cdot b"),
        ("a - (b - a)", r"a - \left(b - a\right)"),
        ("a - -b", r"a - \left(-b\right)"),
        ("(-a)^2", r"\left(-a\right)^{2}"),
        ("-a^2", "-a^{2}"),
        ("(a/b)^b", r"\left(\frac{a}{b}\right)^{b}"),
        ("a^(b + 1)", "a^{b + 1}"),
        ("pos(a)^2", r"\left(\left[a\right]^{+}\right)^{2}"),
        ("sqrt(abs(a))", r"\sqrt{\left\lvert a \right\rvert}"),
        ("log(a)*f(b)", r"\ln\left(a\right) \cdot f\left(b\right)"),
        ("6.6e-05*a", r"6.6 \times 10^{-5} \cdot a"),
        ("1e300", "10^{300}"),
        ("2*pi", r"2 \cdot \pi"),
        ("Normal(a, 0.1)", r"\operatorname{Normal}\left(a, 0.1\right)"),
        ("mean(r) + norm2(r)", r"\operatorname{mean}\left(r\right) + \left\lVert r \right\rVert_2"),
        ("sum(exc) + sum()", r"\operatorname{sum}\left(\mathrm{exc}\right) + \operatorname{sum}\left(\right)"),
        ("x_m[a + 1]/2", r"\frac{x_m\left[a + 1\right]}{2}"),
        ("modulo(t, 3) + 1", r"\left(t \bmod 3\right) + 1"),
        (
            "if a > 1 and not (b == 2): a else: if a < b: 2.0 else: v1",
            r"\begin{cases} a & \text{if } a > 1 \land \lnot \left(b = 2\right) \cr "
            r"2 & \text{if } a < b \cr v_1 & \text{otherwise} \end{cases}",
        ),
        (
            "1 + ite(a > b, 1, 2)",
            r"1 + \left(\begin{cases} 1 & \text{if } a > b \cr 2 & \text{otherwise} \end{cases}\right)",
        ),
    ],
)
def test_expression(text, expected):
    assert latex(text) == expected


def test_equation_is_typeset_as_it_was_written():
    ode, model = statement("tau_m*dx/dt + x = a*E_1\nE_1 = 1.0")

    assert typeset_ode(ode, model) == r"\tau_m \cdot \frac{dx}{dt} + x = a \cdot E_1"


@each(
    ("text", "expected"),
    [("x += a - b", r"x \leftarrow x + a - b"), ("x -= a - b", r"x \leftarrow x - \left(a - b\right)")],
)
def test_increment_is_an_arrow(text, expected):
    assert typeset_assignment(statement(f"x = 0.0\n{text}")[1].equations[1]) == expected


def test_assignment_at_an_event_is_an_arrow():
    assert typeset_assignment(Assign("v", "=", Name("a"), "v = a"), is_event=True) == r"v \leftarrow a"


@given(expressions)
def test_any_expression_is_balanced_and_survives_markdown(tree):
    text = to_latex(tree)

    assert text.count("{") == text.count("}")
    assert text.count(r"\left") - text.count(r"\leftarrow") == text.count(r"\right")
    assert re.findall(r"\\[^A-Za-z_]", text) == []
    assert "$" not in text
    assert text.isascii()
