"""What users may pass: texts, lists, dictionaries, objects."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from engram.errors import EngramError, InvalidArgument
from engram.language import Parameter, Variable, parse_neuron, parse_synapse
from engram.language.errors import BadValue, UnknownMethod, UnknownName, WrongLocality
from engram.language.nodes import Name, Number
from engram.state import distributions
from tests.cases import each


def _distribution(name: str, *args: float, **keywords: Any) -> Any:
    return getattr(distributions, name)(*args, **keywords)


def test_dictionary_gives_global_parameters_and_text_local_ones() -> None:
    by_dictionary = parse_neuron(parameters={"tau": 10.0}, equations="r = tau")
    by_text = parse_neuron(parameters="tau = 10.0", equations="r = tau")

    assert by_dictionary.parameters[0].locality == "global"
    assert by_text.parameters[0].locality == "local"


@each(
    ("given", "value", "locality", "kind"),
    [
        (Parameter(3.0), 3.0, "global", "float"),
        (Parameter(3, type=int), 3, "global", "int"),
        (Parameter(3, locality="local", type="int"), 3, "local", "int"),
        (Parameter(1, type=bool), True, "global", "bool"),
        (Parameter(0.1, locality="population"), 0.1, "global", "float"),
        (np.float64(0.1), 0.1, "global", "float"),
        (np.float32(0.5), 0.5, "global", "float"),
        (np.int64(3), 3.0, "global", "float"),
        (np.bool_(True), True, "global", "bool"),
        (-1e-300, -1e-300, "global", "float"),
        ("C", "C", "global", "float"),
    ],
)
def test_dictionary_values(given: object, value: object, locality: str, kind: str) -> None:
    found = parse_neuron(parameters={"p": given}, equations="r = p", constants={"C": 1.0}).parameters[0]

    assert (found.value, found.locality, found.type) == (value, locality, kind)


def test_variables_as_objects_say_the_same_as_text() -> None:
    by_objects = parse_neuron(
        parameters="r0 = 1.0",
        equations=[
            Variable("dr/dt = -r  # a leak", init="r0", min=0.0, max="2*r0", method="exponential"),
            "s = r",
            Variable("n = 1", type=int, locality="population"),
        ],
    )
    by_text = parse_neuron(
        parameters="r0 = 1.0",
        equations="dr/dt = -r : init=r0, min=0.0, max=2*r0, exponential\ns = r\nn = 1 : int, population",
    )

    assert by_objects.variables == by_text.variables
    assert by_objects.equations == by_text.equations


def test_items_of_a_list_are_statements_of_their_own() -> None:
    model = parse_neuron(equations=["r = 1.0", "s = 2.0"])

    assert [s.text for s in model.equations] == ["r = 1.0", "s = 2.0"]


def test_a_single_variable_is_enough() -> None:
    assert parse_neuron(equations=Variable("r = 1.0", init=2)).variables[0].init == 2.0


def test_unknown_method_of_an_object_is_an_error_with_a_place() -> None:
    with pytest.raises(UnknownMethod, match="unknown method 'euler'"):
        parse_neuron(equations=Variable("dr/dt = 1.0", method="euler"))


def test_bounds_and_types() -> None:
    model = parse_neuron(equations="r = True : bool\nn = 3 : int, init=2, max=N", parameters="N = 5 : int")

    assert [(v.type, v.init) for v in model.variables] == [("bool", False), ("int", 2)]
    assert model.variables[1].maximum == Name("N")
    assert model.parameters[0].value == 5
    assert isinstance(model.parameters[0].value, int)


@each(
    ("given", "message"),
    [
        ({"p": [1.0]}, "the value of 'p' must be a number, a name or a distribution, got list: [1.0]"),
        ({"p": np.ones(2)}, "values for each neuron or synapse are set on the population or projection"),
        ({"p": None}, "the value of 'p' must be a number, a name or a distribution, got NoneType: None"),
        ({3: 1.0}, "parameters: 3 is no name of a parameter"),
        ({"tau m": 1.0}, "parameters: 'tau m' is no name of a parameter"),
        ({"": 1.0}, "parameters: '' is no name of a parameter"),
        ({"1a": 1.0}, "a name has letters, digits and '_', and begins with a letter"),
        ({"a\n": 1.0}, r"'a\n' can't be the name of a parameter: it has U+000A CONTROL CHARACTER as character 2"),
        (3.0, "parameters must be text, a list or a dictionary, got float: 3.0"),
        ({"a"}, "parameters must be text, a list or a dictionary, got set: {'a'}"),
        ([1.0], "parameters holds text and Variable objects, got float: 1.0"),
    ],
)
def test_wrong_parameters_are_refused_by_name(given: Any, message: str) -> None:
    with pytest.raises(InvalidArgument) as caught:
        parse_neuron(parameters=given, equations="r = 1.0")

    assert message in str(caught.value)


@each(
    ("call", "message"),
    [
        (lambda: Variable(None), "Variable(): equation must be text, not None"),  # type: ignore[arg-type]
        (lambda: Variable(), "Variable(): argument 'equation' is missing"),  # type: ignore[call-arg]
        (lambda: Variable("dr/dt = 1", method=3), "Variable(): method must be text or None, not 3"),  # type: ignore[arg-type]
        (lambda: Variable("r = 1", locality=None), "Variable(): locality must be text, not None"),  # type: ignore[arg-type]
        (lambda: Variable("r = 1", locality="here"), "Variable(): locality must be one of local, semiglobal, global"),
        (lambda: Variable("r = 1", type=None), "Variable(): type must be"),  # type: ignore[arg-type]
        (lambda: Variable("r = 1", type=str), "Variable(): type must be float, int or bool, not the class str"),
        (lambda: Parameter(), "Parameter(): argument 'value' is missing"),  # type: ignore[call-arg]
        (lambda: Parameter(None), "Parameter(): value must be a number, a name or a distribution, not None"),
        (lambda: Parameter(1.0, "everywhere"), "Parameter(): locality must be one of local, semiglobal, global"),
        (lambda: Parameter(1.0, type="real"), "Parameter(): type must be float, int or bool, not 'real'"),
        (
            lambda: parse_neuron(equations=Variable("r = 1", init=[1.0])),
            "Variable: init must be a number, a name or a distribution, got list: [1.0]",
        ),
        (lambda: parse_neuron(equations={"r": 1}), "equations must be text, a list or a Variable, got dict"),  # type: ignore[arg-type]
        (lambda: parse_neuron(equations=["r = 1", None]), "equations holds text and Variable objects, got NoneType"),  # type: ignore[list-item]
        (lambda: parse_neuron(equations="r = 1", extra_values=3), "extra_values must be a dictionary, got int: 3"),  # type: ignore[arg-type]
        (
            lambda: parse_neuron(parameters="b = 'a'", equations="r = b", extra_values={"a": [1]}),
            "extra_values['a'] must be a number, a name or a distribution\n  in Neuron, block parameters, line 1",
        ),
    ],
)
def test_wrong_arguments_are_refused_by_name(call: Callable[[], object], message: str) -> None:
    with pytest.raises(EngramError) as caught:
        call()

    assert message in str(caught.value)


# -- names in quotes ---------------------------------------------------------------------------------------


@each("quotes", ["'{}'", '"{}"'])
@each(
    ("value", "flag", "expected"),
    [
        (10, "", (10.0, "float", "local")),
        (2.5, ": population", (2.5, "float", "global")),
        (True, "", (True, "bool", "local")),
        (np.float32(0.5), "", (0.5, "float", "local")),
        (np.int64(3), ": int", (3, "int", "local")),
        (np.bool_(True), "", (True, "bool", "local")),
        ("C", "", ("C", "float", "local")),
        (_distribution("Uniform", 0.0, 1.0), "", (_distribution("Uniform", 0.0, 1.0), "float", "local")),
    ],
)
def test_name_in_quotes_stands_for_an_extra_value(quotes: str, value: Any, flag: str, expected: object) -> None:
    text, given = f"tau = {quotes.format('t_m')}", {"t_m": value, "b": 1}
    model = parse_neuron(parameters=text + flag, equations="r = tau", constants={"C": 1.0}, extra_values=given)
    (parameter,) = model.parameters

    assert (parameter.value, parameter.type, parameter.locality) == expected
    assert type(parameter.value) is type(expected[0])  # type: ignore[index]
    assert parse_synapse(parameters=text, constants={"C": 1.0}, extra_values=given).parameters[0].name == "tau"


def test_extra_values_that_no_text_names_may_be_anything() -> None:
    study = {"t": 10, "colours": {"blue": np.zeros(2)}, "seed": None, "run 1": [1, 2], "folder": "results"}
    model = parse_neuron(parameters="tau = 't'", equations="r = tau", extra_values=study)

    assert model.parameters[0].value == 10.0
    for name in ("colours", "seed"):
        with pytest.raises(BadValue, match=f"'{name}'] must be a number, a name or a distribution"):
            parse_neuron(parameters=f"tau = '{name}'", equations="r = tau", extra_values=study)


def test_extra_value_that_is_text_must_be_the_name_of_a_constant() -> None:
    known = parse_neuron(parameters="a = 'x'", equations="r = a", extra_values={"x": "C"}, constants={"C": 1.0})

    assert known.parameters[0].value == "C"
    with pytest.raises(UnknownName, match="must be a number, a distribution or a constant, not '10.0'"):
        parse_neuron(parameters="a = 'x'", equations="r = a", extra_values={"x": "10.0"})


def test_model_with_extra_values_says_the_same_as_one_with_numbers() -> None:
    by_name = parse_neuron(parameters="a = 'x'", equations="dr/dt = a - r", extra_values={"x": 3.0})
    by_number = parse_neuron(parameters="a = 3.0", equations="dr/dt = a - r")

    assert by_name.parameters == by_number.parameters
    assert by_name.equations == by_number.equations


def test_distributions_as_flags_and_values() -> None:
    model = parse_neuron(
        parameters="tau = Normal(10.0, 2*0.5, min=0.1)", equations="r = tau : init=Uniform(-1, 1)\ns = Number"[:-11]
    )

    assert model.parameters[0].value == _distribution("Normal", 10.0, 1.0, min=0.1)
    assert model.variables[0].init == _distribution("Uniform", -1.0, 1.0)


@each(
    "text",
    [
        "Normal(0.0, 1.0, min=0.0, redraw=True)",
        "LogNormal(0.0, 1.0, max=1.0, redraw=True)",
        "Exponential(2.0, max=1.0, redraw=True)",
        "Gamma(2.0, 1.0, min=1.0, redraw=True)",
        "Poisson(4.0, max=5.0, redraw=True)",
        "Poisson(4.0)",
    ],
)
def test_distributions_are_the_same_as_text_and_as_objects(text: str) -> None:
    written = parse_neuron(parameters=f"a = {text} : local", equations="r = a")
    value = written.parameters[0].value
    again = parse_neuron(parameters={"a": Parameter(value, locality="local")}, equations="r = a")

    assert repr(value) == text
    assert dict(again.texts)["parameters"] == f"a = {text} : local, float"
    assert again.parameters == written.parameters


def test_distribution_that_cannot_be_drawn_again_is_shown_in_its_text() -> None:
    with pytest.raises(BadValue) as caught:
        parse_neuron(equations="r = 1.0\nx = r : init=Normal(0, 1, min=20, redraw=True)")
    assert str(caught.value) == (
        "Normal: too few values lie between the bounds to draw again\n"
        "  in Neuron, line 2, column 14:\n"
        "  2 | x = r : init=Normal(0, 1, min=20, redraw=True)\n"
        "    |              ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^\n"
        "  expected: a probability of 0.001 or more that a value lies between them\n"
        "  got: 2.75e-89 for Normal(0.0, 1.0, min=20.0, redraw=True)\n"
        "  help: move the bounds to where values are, or leave out redraw=True, which then clips."
    )


def test_distribution_objects_are_kept_as_they_are() -> None:
    uniform = _distribution("Uniform", 0.0, 1.0, rng=np.random.default_rng(1))
    normal = _distribution("Normal", 0.0, 1.0, min=-1.0)
    model = parse_synapse(
        parameters={"a": 1.0, "tau": Parameter(normal, locality="local")},
        equations=["x = 1.0", Variable("y = tau*a", init=uniform)],
    )

    assert model.parameters[1].value is normal
    assert model.variables[1].init is uniform
    assert "tau = Normal(0.0, 1.0, min=-1.0) : local, float" in dict(model.texts)["parameters"]
    assert "init=Uniform(0.0, 1.0)" in dict(model.texts)["equations"]


def test_texts_parse_to_the_same_model() -> None:
    first = parse_neuron(
        parameters={"tau": 10.0, "n": Parameter(3, "local", int)},
        equations=[Variable("tau*dr/dt = -r", init=0.5, max=Number(1).value, method="rk4"), "s = r + n"],
    )
    second = parse_neuron(**dict(first.texts))  # type: ignore[arg-type]

    assert second.parameters == first.parameters
    assert second.variables == first.variables
    assert second.equations == first.equations


def test_event_variables_are_local() -> None:
    with pytest.raises(WrongLocality):
        parse_synapse(pre_spike="x += 1.0 : projection")
