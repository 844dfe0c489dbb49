"""From text to models."""

from __future__ import annotations

import subprocess
import sys

import pytest

from engram.errors import LanguageError
from engram.language import ModelErrors, linear_rate, parse_functions, parse_neuron, parse_synapse, to_text
from engram.language.errors import AssignedParameter, InvalidCharacter, MisplacedName, UnknownName
from engram.language.model import Assign, Model, Ode, Parameter
from engram.language.nodes import Call, Name, Number
from engram.language.printed import fingerprint
from tests.cases import each

IZHIKEVICH = {
    "parameters": """
        a = 0.02 : population
        b = 0.2 : population
        c = -65.0 : population   # mV
        noise = 5.0
    """,
    "equations": """
        dg_exc/dt = -g_exc/5.0
        I = g_exc*(0.0 - v) - g_inh + noise*Normal(0.0, 1.0)
        dv/dt = 0.04*v^2 + 5.0*v
                + 140.0 - u + I : init = -65.0
        du/dt = a*(b*v - u) : init = -13.0
    """,
    "spike": "v > 30.0",
    "reset": "v = c ; u += 8.0",
}


def _texts(model: Model) -> list[str]:
    return [s.text for s in model.equations]


def test_parse_neuron_when_spiking_adds_what_is_implicit() -> None:
    model = parse_neuron(**IZHIKEVICH)  # type: ignore[arg-type]

    assert model.spiking
    assert [v.name for v in model.variables] == ["g_exc", "I", "v", "u", "r", "g_inh"]
    assert [v.name for v in model.variables if v.implicit] == ["r", "g_inh"]
    assert _texts(model)[2:] == ["dv/dt = 0.04*v^2 + 5.0*v + 140.0 - u + I", "du/dt = a*(b*v - u)", "g_inh = 0"]
    assert model.targets == ("exc", "inh")
    assert model.draws == 1
    assert model.parameters[0] == Parameter("a", 0.02, "global")
    assert model.parameters[3] == Parameter("noise", 5.0, "local")
    assert model.attribute("v").init == -65.0  # type: ignore[union-attr]
    assert [s.text for s in model.reset] == ["v = c", "u += 8.0"]


def test_parse_neuron_when_conductance_is_a_parameter_makes_no_target() -> None:
    model = parse_neuron(parameters="g_L = 1.0", equations="dv/dt = -g_L*v + g_exc", spike="v > 1.0")

    assert model.targets == ("exc",)


def test_parse_neuron_when_input_is_added_after_its_ode_keeps_the_order() -> None:
    model = parse_neuron(equations="dg_exc/dt = -g_exc\ng_exc += 2.0*Poisson(1.0)\ndv/dt = g_exc", spike="v > 1.0")

    assert [type(s) for s in model.equations] == [Ode, Assign, Ode]


def test_parse_neuron_when_rate_coded_reads_sums() -> None:
    model = parse_neuron(
        parameters={"tau": 10.0, "n": 3, "flag": True}, equations="tau*dr/dt + r = sum(exc) - sum(inh) : min=0.0"
    )
    ode = model.equations[0]

    assert isinstance(ode, Ode)
    assert to_text(ode.rate) == "(sum(exc) - sum(inh) - r)/tau"
    assert ode.text == "tau*dr/dt + r = sum(exc) - sum(inh)"
    assert model.targets == ("exc", "inh")
    assert model.spiking is False
    assert [(p.value, p.type, p.locality) for p in model.parameters] == [
        (10.0, "float", "global"),
        (3.0, "float", "global"),
        (True, "bool", "global"),
    ]
    assert model.variables[0].minimum == Number(0.0)


def test_parse_synapse_of_stdp() -> None:
    model = parse_synapse(
        parameters="tau = 20.0 : projection\nw_max = 1.0 : projection",
        equations="dx/dt = -x/tau : event-driven\n tau*dy/dt = -y : exact",
        pre_spike="x += 0.1 ; w = clip(w + y, 0.0, w_max) : unless_post",
        post_spike="y -= 0.1 ; w = clip(w + x, 0.0, w_max)",
    )

    assert model.spiking
    assert [(o.name, o.method) for o in model.event_driven] == [("x", "event-driven"), ("y", "event-driven")]
    rates = [linear_rate(o.rate, o.name) for o in model.event_driven]
    assert [(r.divisor, r.decay, r.steady) for r in rates if r] == [(Name("tau"), Number(1), Number(0))] * 2
    assert model.equations == ()
    assert [s.text for s in model.pre_spike] == ["g_target += w", "x += 0.1", "w = clip(w + y, 0.0, w_max)"]
    assert [s.unless_post for s in model.pre_spike] == [False, False, True]
    assert [(v.name, v.implicit) for v in model.variables] == [("x", False), ("y", False), ("w", True)]


def test_parse_synapse_when_nothing_is_given_decides_nothing() -> None:
    model = parse_synapse()

    assert model.spiking is None
    assert model.psp is None
    assert model.parameters == (Parameter("w", 0.0, "local"),)


def test_parse_synapse_when_g_has_bounds_clamps_it_after_the_statement() -> None:
    model = parse_synapse(pre_spike="g_target += w : min=0.0, max=2.0")

    assert [s.text for s in model.pre_spike] == [
        "g_target += w",
        "g_target = ite(g_target < 0.0, 0.0, g_target)",
        "g_target = ite(g_target > 2.0, 2.0, g_target)",
    ]


def test_bounds_of_a_conductance_are_checked_as_other_expressions_are() -> None:
    model = parse_synapse(pre_spike="g_target += w : max=f(post.v)", functions="f(x) = 2*x")

    assert (model.reads_post, [f.name for f in model.functions]) == (("v",), ["f"])
    with pytest.raises(UnknownName, match="unknown name 'limit'"):
        parse_synapse(pre_spike="g_target += w : max=limit")


def test_parse_synapse_lists_what_it_reads_of_its_neighbours() -> None:
    model = parse_synapse(psp="w*pre.r", equations="w += pre.r*(post.r - mean(pre.x)) + post.v : min=0.0")

    assert model.reads_pre == ("r",)
    assert model.reads_post == ("r", "v")
    assert model.variables[0].name == "w"


def test_parse_neuron_when_conditional_spans_lines() -> None:
    model = parse_neuron(
        equations="""
        r = if t > 5.0:
                if v > 0: 1.0
                else: 2.0
            else: 3.0 : init=1, max=2.0
        v = 1.0; u = 2.0  # two on one line
        """
    )

    assert _texts(model) == ["r = ite(t > 5.0, ite(v > 0, 1.0, 2.0), 3.0)", "v = 1.0", "u = 2.0"]


def test_parse_neuron_when_flags_go_on_in_the_next_line() -> None:
    model = parse_neuron(equations="dr/dt = -r\n : init=1.0,\n min=0.0, rk4")

    assert model.variables[0].init == 1.0
    assert model.variables[0].minimum == Number(0.0)
    assert isinstance(model.equations[0], Ode)
    assert model.equations[0].method == "rk4"


def test_parse_neuron_when_constants_are_known_they_stay_names() -> None:
    model = parse_neuron(equations="r = C*pi : init=C", parameters="tau = C", constants={"C": 2.0})

    assert _texts(model) == ["r = C*3.141592653589793"]
    assert model.variables[0].init == "C"
    assert model.parameters[0].value == "C"


def test_parse_neuron_when_attribute_hides_a_number() -> None:
    assert _texts(parse_neuron(equations="r = E", parameters="E = 1.0")) == ["r = E"]


def test_parse_neuron_with_functions_keeps_those_it_calls() -> None:
    shared = parse_functions("cube(x) = x*square(x)\nsquare(x) = x^2 : double, double\nunused(x) = x")
    model = parse_neuron(equations="r = f(t)", functions="f(x) = if x > 0: cube(x) else: 0.0", shared_functions=shared)

    assert [f.name for f in model.functions] == ["square", "cube", "f"]
    assert [f.name for f in shared] == ["cube", "square", "unused"]
    assert isinstance(model.equations[0], Assign)
    assert model.equations[0].value == Call("f", (Name("t"),))


def test_parse_neuron_when_one_statement_is_wrong_does_not_miss_its_name_elsewhere() -> None:
    with pytest.raises(ModelErrors) as caught:
        parse_neuron(equations="x = (1.0\nr = x + y")

    assert [type(e).__name__ for e in caught.value.errors] == ["UnbalancedParenthesis", "UnknownName"]
    assert [e.identifier for e in caught.value.errors] == ["", "y"]


def test_parse_neuron_when_one_error_raises_it_as_itself_with_facts() -> None:
    with pytest.raises(UnknownName, match="did you mean 'tau'") as caught:
        parse_neuron(name="n", equations="\n r = taau", parameters="tau = 1.0")

    assert caught.value.identifier == "taau"
    assert caught.value.suggestion == "tau"
    assert caught.value.place is not None
    assert (caught.value.place.line, caught.value.place.column) == (2, 6)


def test_parse_when_keyword_argument_is_in_an_equation_is_refused() -> None:
    with pytest.raises(MisplacedName, match="'min='"):
        parse_neuron(equations="r = Normal(0.0, 1.0, min=0.0)")


def test_draws_are_numbered_in_order_of_appearance() -> None:
    model = parse_neuron(equations="r = Uniform(0, 1) + Uniform(0, 1)\ns = Normal(r, 1)", spike=None)

    assert model.draws == 3
    assert "number=2" in repr(model.equations[1])


def test_import_of_the_language_does_not_import_the_parser_generator() -> None:
    code = "import engram.language, sys; sys.exit('lark' in sys.modules)"

    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@each("block", ["pre_spike", "post_spike", "reset"])
def test_constant_that_an_event_assigns_is_refused(block: str) -> None:
    parse = parse_neuron if block == "reset" else parse_synapse
    texts = {"equations": "v = 1.0", block: "v += 1\nzed += 1"} | ({"spike": "v > 0"} if block == "reset" else {})
    with pytest.raises(AssignedParameter, match="'zed' is a constant and cannot be assigned") as caught:
        parse(**texts, constants={"zed": 1.0})

    assert caught.value.place is not None
    assert (caught.value.place.block, caught.value.place.line) == (block, 2)


def test_variable_that_hides_a_constant_is_assigned_by_events() -> None:
    model = parse_synapse(equations="zed = 2.0", pre_spike="zed += 1", constants={"zed": 1.0})

    assert model.attribute("zed") is not None


def test_hints_for_a_number_of_numpy_and_an_operation_over_neighbours() -> None:
    with pytest.raises(InvalidCharacter, match="write 'pi'\\."):
        parse_neuron(equations="r = np.pi")
    with pytest.raises(ModelErrors, match=r"the operation stands outside: 'mean\(pre\.r\)'"):
        parse_synapse(equations="x = pre.mean(r)")


def test_flag_of_reset_that_says_nothing_is_taken():
    texts = {"equations": "dv/dt = 1.0", "spike": "v > 1.0", "refractory": 2.0}
    with_flag = parse_neuron(reset="v = 0.0 : unless_refractory", **texts)
    assert fingerprint(with_flag) == fingerprint(parse_neuron(reset="v = 0.0", **texts))
    for wrong in ("unless_refractory = 1.0", "while_refractory"):
        with pytest.raises(LanguageError, match="unknown flag"):
            parse_neuron(reset=f"v = 0.0 : {wrong}", **texts)


def test_scalars_of_numpy_in_a_text_are_numbers():
    """As an f-string writes them where NumPy is 2: a minus before a power belongs to the number."""
    given = parse_neuron(
        parameters="tau = np.float64(10.0)\nk = np.float64(-inf)\nn = numpy.int64(3) : int",
        equations="dv/dt = np.float32(-2.0)^2 - v/tau : init=np.float64(-1e-3)",
        spike="v > np.float64(1.0)",
        refractory="np.float64(5.0)",
    )
    plain = parse_neuron(
        parameters="tau = 10.0\nk = -inf\nn = 3 : int",
        equations="dv/dt = (-2.0)^2 - v/tau : init=-1e-3",
        spike="v > 1.0",
        refractory=5.0,
    )
    assert fingerprint(given) == fingerprint(plain)
    with pytest.raises(LanguageError) as caught:
        parse_neuron(equations="r = np.float64(1.0) + sin", name="n")
    assert "\n  1 | r = np.float64(1.0) + sin\n    |                       ^^^\n" in str(caught.value)


@each(
    ("texts", "help_"),
    [
        ({"equations": "r = 1.0 : volt"}, "there are no units"),
        ({"equations": "r = 1.0 : mV"}, "there are no units"),
        ({"equations": "r = k", "parameters": "k = 10.0 : second"}, "there are no units"),
        ({"equations": "r = k", "parameters": "k = 10.0 : constant"}, "leave it out: a parameter changes only"),
        ({"equations": "dv/dt = -v", "spike": "v > 1", "refractory": "5*ms"}, "write refractory=5.0, without a unit"),
        ({"equations": "dv/dt = -v", "spike": "v > 1", "refractory": "v > 0"}, "the name of a parameter"),
    ],
)
def test_units_and_constants_of_brian2_are_answered(texts, help_):
    with pytest.raises(LanguageError, match=f"help: .*{help_}"):
        parse_neuron(**texts)
