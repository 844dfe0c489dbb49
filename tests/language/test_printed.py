"""A model printed anew parses to an equal model, with the constants that it reads and no other function."""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from typing import Any

import pytest
from hypothesis import given, settings

import engram as eg
from engram.errors import LanguageError
from engram.language import parse_functions, parse_neuron, parse_synapse
from engram.language.model import Model
from engram.language.nodes import Span
from engram.language.printed import constants_of, fingerprint, printed
from tests.cases import check_each, each
from tests.fuzz.generator import make_text
from tests.resume.networks import CASES as RESUMED
from tests.spec.pasted_models import NEURONS, SYNAPSES
from tests.strategies import NeuronText, examples, neurons, traces
from tools.networks.run import CASES as COMPARED


def _plain(x: Any) -> Any:
    """Return a model as nested tuples with types, so that 1 is not 1.0; without names, texts and places."""
    if is_dataclass(x) and not isinstance(x, Span):
        left_out = {"span", "text", "texts", "rng", *(("name",) if isinstance(x, Model) else ())}
        return type(x).__name__, *((f.name, _plain(getattr(x, f.name))) for f in fields(x) if f.name not in left_out)
    return tuple(map(_plain, x)) if isinstance(x, tuple) else repr(x)


def _again(model: Model) -> Model:
    parse = parse_neuron if model.kind == "neuron" else parse_synapse
    return parse(**printed(model), constants=dict.fromkeys(constants_of(model), 0.0))


def _check(model: Model) -> None:
    again = _again(model)

    assert _plain(again) == _plain(model)
    assert printed(again) == printed(model)
    assert fingerprint(again) == fingerprint(model)


NETWORKS: dict[str, dict[str, Any]] = {"tests/resume": RESUMED, "tools/networks": COMPARED}
READY = [*eg.models.list_standard_neurons(), *eg.models.list_standard_synapses()]


def test_ready_made_model_survives_print() -> None:
    check_each({kind.__name__: kind for kind in READY}, lambda kind: _check(kind().model))


def test_pasted_neuron_survives_print() -> None:
    check_each(dict(NEURONS), lambda texts: _check(parse_neuron(**texts)))


def test_pasted_synapse_survives_print() -> None:
    check_each({title: texts for title, _, texts in SYNAPSES}, lambda texts: _check(parse_synapse(**texts)))


def test_models_of_networks_survive_print() -> None:
    def check(case: Any) -> None:
        net = eg.Network(dt=case.dt)
        case.create(net) if hasattr(case, "create") else next(case.script(net))
        definitions = {part.definition.key: part.definition for part in net._core.components}
        eg.clear()

        assert definitions
        for definition in definitions.values():
            _check(definition.model)

    check_each({f"{name} of {where}": case for where, cases in NETWORKS.items() for name, case in cases.items()}, check)


@settings(max_examples=examples(20))
@given(neurons())
def test_random_neuron_survives_print(text: NeuronText) -> None:
    _check(parse_neuron(**vars(text)))


@settings(max_examples=examples(20))
@given(traces())
def test_random_traces_survive_print(texts: dict[str, str]) -> None:
    _check(parse_synapse(**texts))


def test_random_models_from_the_whole_language_survive_print() -> None:
    sound = 0
    for seed in range(examples(100)):
        text = make_text(seed)
        try:
            model = (parse_neuron if text.kind == "neuron" else parse_synapse)(**text.arguments)
        except LanguageError:
            continue
        sound += 1
        _check(model)

    assert sound > examples(30)


def _parsed(kind: str, constants: tuple[str, ...] = (), shared: str = "", **texts: Any) -> Model:
    parse = parse_neuron if kind == "neuron" else parse_synapse
    known = dict.fromkeys(constants, 1.0)
    return parse(**texts, constants=known, shared_functions=parse_functions(shared, known))


DRAWS = "tau*dx/dt + Uniform(0, 1)*x = Normal(0, 1)"
PRINTS: list[tuple[str, dict[str, Any], str, str]] = [
    ("solved", {"equations": "10*dr/dt + r = t"}, "equations", "dr/dt = (t - r)/10"),
    ("draws in another order", {"equations": f"{DRAWS}\nr=x", "parameters": "tau=1"}, "equations", f"{DRAWS}\nr = x"),
    ("a draw twice", {"equations": "Uniform(0, 1)*(dr/dt + r) = 1"}, "equations", "Uniform(0, 1)*(dr/dt + r) = 1"),
    ("no derivative", {"equations": "r = dtau/(dt)", "parameters": "dtau=1"}, "equations", "r = dtau/(dt)"),
    ("infinite", {"equations": "r = a", "parameters": "a=inf;b=-inf:population"},
     "parameters", "a = inf\nb = -inf : population"),
    ("infinite, beside a constant of that name", {"equations": "r = inf*a", "parameters": "a=inf;b=-inf;c=+inf",
                                                  "constants": ("inf",)}, "parameters", "a = inf\nb = -inf\nc = +inf"),
    ("types", {"equations": "r = 1", "parameters": "a=3:int;b=True;c=-0.0"}, "parameters",
     "a = 3 : int\nb = True : bool\nc = -0.0"),
    ("distributions", {"equations": "r = 1 : init=Normal(0,1,min=-1,redraw=True)", "parameters": "a=Gamma(2)"},
     "equations", "r = 1 : init=Normal(0.0, 1.0, min=-1.0, redraw=True)"),
    ("bounds of two lines", {"equations": "r = 1 ; x += 1 : max=5 ; x = 2*x : min=0, init=1"}, "equations",
     "r = 1\nx += 1 : init=1.0, min=0, max=5\nx = 2*x : min=0"),
    ("types of functions", {"equations": "r = f(1, 2, 3)", "functions": "f(a,b,c) = a*c : bool, int, float, int"},
     "functions", "f(a, b, c) = a*c : bool, int, float, int"),
    ("functions in an equation", {"equations": "dr/dt = f(t) - r", "functions": "g(x)=x:int;f(x)=g(x);h(x)=x"},
     "functions", "g(x) = x : int\nf(x) = g(x)"),
    ("shared functions and constants", {"shared": "f(x)=k*x", "constants": ("k", "l", "x"), "equations": "r = f(t)"},
     "functions", "f(x) = k*x"),
    ("a constant of the same name", {"constants": ("tau",), "parameters": "tau=tau", "equations": "r=tau"},
     "parameters", "tau = tau"),
    ("table", {"parameters": "x = 1 : int, table, population", "equations": "r = x[ t/2.0 ]"},
     "parameters", "x = 1 : population, int, table"),
    ("entry of a table", {"parameters": "x = 1 : table", "equations": "r = -x[ (t + 1)/2.0 ]^2"},
     "equations", "r = -x[(t + 1)/2.0]^2"),
    ("what is implicit", {"equations": "dv/dt = g_exc - v : unless refractory", "spike": "v>1", "refractory": 2,
                          "reset": "v = 0 ; g_inh = 0"}, "reset", "v = 0\ng_inh = 0"),
]  # fmt: skip
SYNAPTIC: list[tuple[str, dict[str, Any], str, str]] = [
    ("bounds of a conductance", {"pre_spike": "g_target += w : max=f(post.v), unless_post", "functions": "f(x)=x"},
     "pre_spike", "g_target += w : unless_post\ng_target = ite(g_target > f(post.v), f(post.v), g_target)"),
    ("event-driven among others", {"equations": "dx/dt=-x : event-driven;y = 2 : postsynaptic;dz/dt=-z:event-driven"},
     "equations", "dx/dt = -x : event-driven\ny = 2 : postsynaptic\ndz/dt = -z : event-driven"),
    ("new at events", {"post_spike": "n += 1 : int, init=4 ; n = n : max=9"}, "post_spike",
     "n += 1 : init=4, int\nn = n : max=9"),
    ("no events", {"post_spike": " ; ", "psp": "w*pre.v"}, "psp", "w*pre.v"),
    ("operation", {"psp": "w*pre.r", "operation": "max"}, "operation", "max"),
    ("a function with a name of the projection's", {"psp": "update(w)", "shared": "update(x) = x"}, "functions",
     "update(x) = x"),
]  # fmt: skip


@each(("kind", "rows"), [("neuron", PRINTS), ("synapse", SYNAPTIC)])
def test_print_says_what_was_understood(kind: str, rows: list[tuple[str, dict[str, Any], str, str]]) -> None:
    def check(texts: dict[str, Any], block: str, text: str) -> None:
        model = _parsed(kind, **texts)
        _check(model)

        assert printed(model)[block] == text

    check_each({title: tuple(rest) for title, *rest in rows}, check)


@pytest.mark.parametrize("operator", ["+", "*", " and "])
def test_long_chain_is_cut_where_it_was(operator: str) -> None:
    for n in (64, 65, 129, 256, 503):
        chain = operator.join(["a"] * (n + 1))
        _check(parse_neuron(parameters="a = 1", equations=f"r = {chain}"))
        _check(parse_neuron(parameters="a = 1", equations=f"a*dr/dt + r + a = {chain}"))


def test_constants_are_those_that_are_read() -> None:
    texts = {"parameters": "p = c", "equations": "r = f(d) : init = e"}
    model = _parsed("neuron", ("c", "d", "e", "k", "x"), "f(x) = k*x", **texts)

    assert constants_of(model) == ("c", "d", "e", "k")
