"""Parameters that events assign: they mean what the advice says that they should be written as."""

import pytest

import engram as eg
from engram.language import parse_neuron, parse_synapse
from engram.language.errors import AssignedParameter, MisplacedName, WrongLocality
from engram.language.printed import fingerprint, printed
from tests.cases import each

SPIKING = {"spike": "v > 1.0", "reset": "v = 0.0\ndecision = 2"}


@each("flag", ["", " : int", " : population", " : population, int"])
def test_parameter_that_a_reset_assigns_is_the_variable_of_the_advice(flag):
    given = parse_neuron(parameters=f"decision = 1{flag}\nk = 2.0", equations="dv/dt = k", **SPIKING)
    is_int, shared = flag.endswith("int"), "population, " if "population" in flag else ""
    init = ", int" if is_int else ""
    text = f"decision = decision : {shared}init=1{init}\ndv/dt = k"
    meant = parse_neuron(parameters="k = 2.0", equations=text, **SPIKING)

    assert given.attribute("decision").init == meant.attribute("decision").init == 1
    assert fingerprint(given) == fingerprint(meant)
    assert fingerprint(parse_neuron(**printed(given))) == fingerprint(given)
    (caution,) = given.cautions
    assert f"block reset, line 2, column 1:\n  2 | decision = 2\n    | {'^' * 8}\n" in caution
    assert f"in `equations`: decision = decision : {shared}init={'1' if is_int else '1.0'}{init}" in caution
    assert meant.cautions == ()


def test_parameter_that_synaptic_events_assign_is_the_variable_of_the_advice():
    given = parse_synapse(parameters="x = 0.5\nk = 2.0", pre_spike="g_target += w*x\nx *= k", post_spike="x = 1.0")
    meant = parse_synapse(parameters="k = 2.0", pre_spike="g_target += w*x\nx *= k : init=0.5", post_spike="x = 1.0")

    assert fingerprint(given) == fingerprint(meant)
    assert given.attribute("x").init == 0.5
    assert fingerprint(parse_synapse(**printed(given))) == fingerprint(given)
    assert "write here: x *= k : init=0.5" in given.cautions[0]
    assert len(given.cautions) == 1


def test_shared_parameters_of_synapses_and_those_that_equations_assign_stay_errors():
    with pytest.raises(WrongLocality, match="drop the flag of 'n': each synapse then has a variable of its own"):
        parse_synapse(parameters="n = 0 : projection", pre_spike="n += 1")
    with pytest.raises(AssignedParameter, match="'x' is a parameter and cannot be assigned"):
        parse_synapse(parameters="x = 1.0", equations="x = 2.0")


def test_caution_is_said_whenever_the_model_is_made():
    for _ in range(2):  # the second time without parsing
        with pytest.warns(UserWarning, match="'decision' is a parameter that reset assigns") as caught:
            texts = {"spike": "g_x >= 1.0", "reset": "decision = number"}
            neuron = eg.Neuron("decision = 0.0\nnumber = -1.0", "dg_x/dt = -g_x/20", **texts)
        assert caught[0].filename == __file__

    net = eg.Network(dt=1.0, seed=1)
    pop = net.create(3, neuron)
    pop.number, pop.g_x = [1.0, 2.0, 3.0], [0.1, 3.0, 0.3]
    net.compile(backend="numpy")
    net.step()

    assert pop.decision.tolist() == [0.0, 2.0, 0.0]


def test_names_of_neighbours_that_are_declared_are_variables_of_the_synapse():
    """Elsewhere ``v_post`` is the neuron's; who gives it an initial value means the synapse's, whatever its name."""
    for texts in ({"pre_spike": "v_post += w : init=1.0"}, {"parameters": "v_post = 1.0", "pre_spike": "v_post += w"}):
        model = parse_synapse(**texts)
        again = parse_synapse(**printed(model), is_printed=True)
        assert fingerprint(again) == fingerprint(model)
        assert [(v.name, v.init) for v in again.variables] == [("v_post", 1.0)]

    with pytest.raises(MisplacedName, match="'v_post' would be a new variable of the synapse"):
        parse_synapse(parameters="u = 1.0", pre_spike="v_post += w")


@pytest.mark.parametrize(
    ("text", "write"),
    [
        ("v += w", "g_target += w"),
        ("ge += 2.0*w", "g_target += 2.0*w"),
        ("I += 0.5", "g_target += 0.5"),
        ("v_target += w", "g_target += w"),
        ("Vpost += J", "g_target += J"),
        ("v = v + w", "g_target += w"),
    ],
)
def test_what_acts_on_a_neuron_elsewhere_is_told_where_nothing_reads_it(text, write):
    with pytest.warns(eg.EngramWarning, match="nothing reads") as caught:
        eg.Synapse("J = 0.2", pre_spike=text)
    assert caught[0].filename == __file__
    assert f"help: write '{write}', which the neuron's equations read as e.g. g_exc" in str(caught[0].message)


@each(
    "texts",
    [
        {"pre_spike": "n += 1"},
        {"pre_spike": "v += w : init=0.0"},
        {"pre_spike": "v += w", "post_spike": "w += v"},
        {"pre_spike": "g_target += w; v += w"},
        {"pre_spike": "v += w", "equations": "dv/dt = -v"},
    ],
)
def test_variables_of_synapses_that_are_meant_are_not_told(texts):
    assert parse_synapse(**texts).cautions == ()


def test_white_noise_of_brian2_is_reported_where_the_model_is_made():
    with pytest.raises(eg.UnknownName, match=r"write 'Normal\(0\.0, 1\.0\)/sqrt\(dt\)'"):
        eg.Neuron(equations="dr/dt = -r + xi")
    eg.Neuron(equations="dr/dt = -r + sigma")  # a constant that may come
