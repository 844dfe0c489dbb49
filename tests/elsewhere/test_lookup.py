"""What is told instead of others' names and arguments: there is something for each, and what it names exists."""

import ast
import importlib
import inspect
import re

import numpy as np
import pytest

import engram as eg
from engram.elsewhere.lookup import arguments, member_help, members, names
from tests.cases import check_each, each
from tests.elsewhere.calls import ROOTS, exists

NAMES = """
    NeuronGroup Synapses PoissonGroup PoissonInput SpikeGeneratorGroup StateMonitor SpikeMonitor PopulationRateMonitor
    network_operation run_regularly run start_scope defaultclock prefs seed SpatialNeuron Morphology linked_var
    set_device device check_units store restore ms second mV nS
    Create Connect GetConnections GetStatus SetStatus SetDefaults CopyModel Simulate ResetKernel SetKernelStatus
    iaf_psc_exp iaf_psc_alpha iaf_psc_delta hh_cond_exp_traub iaf_cond_exp iaf_cond_alpha aeif_cond_exp aeif_cond_alpha
    izhikevich stdp_synapse tsodyks2_synapse static_synapse dc_generator step_current_generator ac_generator
    noise_generator poisson_generator spike_generator spike_recorder voltmeter multimeter parrot_neuron
    AllToAllConnector OneToOneConnector FixedProbabilityConnector FixedNumberPreConnector FixedNumberPostConnector
    FixedTotalNumberConnector DistanceDependentProbabilityConnector FromListConnector FromFileConnector CSAConnector
    SmallWorldConnector ArrayConnector StaticSynapse STDPMechanism SpikePairRule TsodyksMarkramSynapse DCSource
    StepCurrentSource ACSource NoisyCurrentSource RandomDistribution Assembly record initialize run_for run_until end
    Pooling Convolution
"""
"""Some of those that users are known to type."""


def look_up(help_):
    """Fail if a help names what does not exist."""
    for code in re.findall("`([^`]+)`", help_):
        assert help_.count("`") % 2 == 0
        for node in ast.walk(ast.parse(re.sub(r"^(\w+)=$", r"\1", code))):
            exists(node)
    words = set(re.findall(r"\b(?:eg|net|pop|proj|monitor)\.\w+", re.sub("`[^`]+`", "", help_)))
    assert words <= {"pop.v"}, f"{words} stand outside of backticks"


def test_names_of_other_simulators_are_answered_by_what_exists():
    assert len(names()) > 250
    assert {*NAMES.split()} <= {*names()}
    check_each(names(), look_up)


@each("module", ["engram", "engram.annarchy", "engram.annarchy4", "engram.models"])
def test_each_name_gets_its_help_from_modules_that_have_it_not(module):
    there = importlib.import_module(module)

    def ask(name):
        if hasattr(there, name):
            assert name in there.__all__, "a submodule or a helper hides it"
            assert module.startswith("engram.annarchy")
            return
        with pytest.raises(AttributeError) as read:
            getattr(there, name)
        with pytest.raises(ImportError) as imported:
            __import__(module, fromlist=[name])
        assert str(read.value).endswith(f"\n  help: {names()[name]}.")
        help_ = names()[name].replace("eg.", "")  # it is imported like the name
        assert str(imported.value) == f"cannot import name {name!r} from {module!r}\n  help: {help_}."

    check_each([*names()], ask)


def test_misspelt_names_are_answered_by_the_nearest():
    with pytest.raises(ImportError, match=r"from 'engram'\n  help: did you mean Population\?"):
        from engram import Popluation  # noqa: F401  it is not there
    with pytest.raises(AttributeError, match=r"help: of PoissonGroup: it is `eg\.PoissonPopulation"):
        eg.poissongroup  # noqa: B018  it is read
    with pytest.raises(AttributeError, match="module 'engram' has no attribute 'ATanConnector'$"):
        eg.ATanConnector  # noqa: B018  is near the name of an exception, which is not meant
    with pytest.raises(ImportError, match="cannot import name 'nonsense' from 'engram'"):
        from engram import nonsense  # noqa: F401  it is not there


def test_modules_that_share_a_name_with_others_are_imported():
    from engram.annarchy import extensions

    assert inspect.ismodule(extensions)


def callable_of(name):
    return next(getattr(one, name) for one in (eg, *ROOTS.values()) if hasattr(one, name))


def test_arguments_of_other_simulators_are_answered_by_what_exists():
    def check(where, help_):
        call, argument = where
        look_up(help_)
        meant = re.match("it is `(\\w+)=", help_)
        if call == "*":
            assert meant
            return
        known = inspect.signature(callable_of(call)).parameters
        assert argument not in known
        assert meant is None or meant[1] in known or "settings" in known or call == "Network"

    assert len(arguments()) > 200
    check_each(arguments().items(), check)


def test_attributes_of_other_simulators_are_answered_by_what_exists():
    kinds = {"network": eg.Network, "population": eg.Population, "projection": eg.Projection, "monitor": eg.Monitor}
    kinds["distribution"] = eg.Normal

    def check(where, help_):
        kind, name = where
        assert not hasattr(kinds[kind], name)
        assert member_help(kind, name) == f"{help_}."
        look_up(help_)

    assert len(members()) > 150
    check_each([*members().items()], check)


def test_what_an_object_has_not_is_answered_with_what_is_near_or_its_methods():
    net = eg.Network()
    pop = net.create(3, eg.Izhikevich, name="p")
    proj, monitor = net.connect(pop, pop, "exc", name="s"), net.monitor(pop, "v", name="m")
    cases = {
        "freez": (lambda: net.freez, r"a network has no attribute 'freez'\n  help: it is `net\.disable_learning\(\)`"),
        "get_populaton": (lambda: net.get_populaton, "help: did you mean 'get_population'"),
        "net.name": (lambda: net.name, r"a network has a number, `net\.id`"),
        "net.profile": (lambda: net.profile, r"simulate\(1000\.0, profile=True\)"),
        "net.spikes": (lambda: net.spikes, r"`net\.monitor\(pop, 'spike'\)`"),
        "pop.weights": (lambda: pop.weights, r"`proj\.array\('w'\)`"),
        "proj.get_weight": (lambda: proj.get_weight, r"`proj\.connectivity_matrix\(\)`"),
        "net.x": (lambda: net.x, r"help: dir\(net\) lists all methods\."),
        "pop.foo": (lambda: pop.foo, r"known here: .*\n  help: .* Methods: clear, compute_firing_rate, .*"),
        "pop.record": (lambda: pop.record, r"'p' has no attribute or method 'record'\n  help: it is `net\.monitor\("),
        "pop[0].foo": (lambda: pop[0].foo, "help: attributes are defined in the model. Methods: "),
        "proj.foo": (lambda: proj.foo, r"help: .* dir\(proj\) lists all methods\."),
        "from_matrx": (lambda: proj.from_matrx, "help: did you mean 'from_matrix'"),
        "monitor.v": (lambda: monitor.v, r"'m' has no attribute 'v'\n  help: it is `monitor\.get\('v', keep=True\)`"),
        "monitor.x": (lambda: monitor.x, "help: Methods: .*, raster_plot, "),
        "plot": (lambda: eg.plot.rster, r"help: did you mean eg\.plot\.raster"),
        "neuron": (lambda: eg.Izhikevich().equation, "help: did you mean 'equations'"),
    }

    def check(read, words):
        with pytest.raises(AttributeError, match=words) as caught:
            read()
        assert len(str(caught.value)) < 600

    check_each(cases, check)
    assert not hasattr(monitor, "_repr_mimebundle_")


def unconnected():
    net = eg.Network()
    pop = net.create(3, eg.Izhikevich)
    return net.connect(pop, pop, "exc")


@each("name", ["allow_self", "connector", "place"])
def test_connectors_have_no_arguments_of_their_own_besides_those_that_they_show(name):
    for connect in (unconnected().all_to_all, lambda **given: unconnected().from_matrix(np.ones((3, 3)), **given)):
        with pytest.raises(eg.InvalidArgument, match=rf"unknown argument '{name}'"):
            connect(**{name: False})


@each(
    ("call", "help_"),
    [
        (lambda: eg.Neuron(on_pre="v += w"), r"belongs to the synapse: `eg\.Synapse\(pre_spike="),
        (lambda: eg.Neuron(on_post="v += w"), r"belongs to the synapse: `eg\.Synapse\(pre_spike="),
        (lambda: eg.Synapse(threshold="v > 1"), r"spikes are made by neurons: `eg\.Neuron\(spike="),
        (lambda: eg.Population(10, eg.Izhikevich, threshold="v > 1"), "belongs to the model"),
        (lambda: eg.Population(10, model=eg.Izhikevich), "it is `neuron=`"),
        (lambda: eg.Network().create(10, eqs="dv/dt = -v"), "it is `neuron=`"),
        (lambda: eg.Network().connect("a", "b", model="w : 1"), "it is `synapse=`"),
        (lambda: eg.Network().connect("a", "b", on_pre="v += w"), r"eg\.Synapse\(pre_spike="),
        (lambda: eg.Network().compile(threads=2), r"`net\.config\(num_threads=2\)`"),
        (lambda: eg.Network().compile(backnd="numpy"), "did you mean 'backend'"),
        (lambda: eg.Network(timestep=0.1), "it is `dt=`"),
        (lambda: eg.Network(method="rk4"), r"`net\.config\(method='rk4'\)`"),
        (lambda: eg.Network(dt=0.1).config(threads=2), "it is `num_threads=`"),
        (lambda: eg.Network(method="rk4"), r"before compile\(\): `net\.config\(method='rk4'\)`"),
        (lambda: unconnected().fixed_probability(p=0.1, weights=1.0), "it is `probability=`"),
        (lambda: unconnected().fixed_number_pre(n=3), "it is `number=`"),
        (lambda: unconnected().fixed_probability(weight=1.0), "it is `weights=`"),
        (lambda: unconnected().pre.set(v=3.0), r"`pop\.set\(\{'v': 3\.0\}\)`"),
        (lambda: unconnected().set(w=3.0), r"`proj\.set\(\{'w': 3\.0\}\)`"),
    ],
)
def test_arguments_are_answered_where_they_are_given(call, help_):
    with pytest.raises(eg.InvalidArgument, match=rf"unknown \w+ '\w+'\n  help: .*{help_}"):
        call()
