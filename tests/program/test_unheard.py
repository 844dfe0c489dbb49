"""What arrives and is read by nothing: said once, at compile, whatever the name of the target."""

import warnings

import pytest

import engram as eg
from tests.cases import each

SPIKING = eg.Neuron(equations="dv/dt = -v + g_exc", spike="v > 1", reset="v = 0")
RATES = eg.Neuron(equations="r = sum(exc)")


def compiled(neuron, *targets, synapse=None, monitor="", **more):
    """Return the warnings about targets that compile gives."""
    net = eg.Network(seed=1)
    pop = net.create(2, neuron, name="pop", **more)
    for target in targets:
        net.connect(pop, pop, target, synapse).all_to_all(weights=1.0)
    if monitor:
        net.monitor(pop, monitor)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        net.compile(backend="numpy")
    return [str(one.message) for one in caught if "no equation of" in str(one.message)]


@each(("neuron", "word"), [(SPIKING, "g_elsewhere"), (RATES, r"sum(elsewhere)")])
def test_target_that_nothing_reads_is_said_once(neuron, word):
    (said,) = compiled(neuron, "exc", "elsewhere", "nowhere")

    assert said == (
        "projection 'proj1': no equation of 'pop' reads what comes in by the target 'elsewhere'; nor what "
        f"others bring\n  help: its neurons read 'exc': take such a target, or write {word} in their equations."
    )


@each(("neuron", "target"), [(SPIKING, "g_exc"), (RATES, "Exc")])
def test_target_that_is_a_slip_is_said_when_it_is_connected_and_then_alone(neuron, target):
    with pytest.warns(eg.EngramWarning, match=f"don't read the input '{target}'\n  help: did you mean 'exc'"):
        assert compiled(neuron, target) == []


def test_neuron_without_inputs_has_no_target_to_take():
    (said,) = compiled(eg.Neuron(equations="dv/dt = -v", spike="v > 1", reset="v = 0"), "exc")
    assert said.endswith("help: its neurons read no input: write g_exc in their equations.")


def test_implicit_network_that_is_empty_beside_another_points_at_that():
    eg.clear()
    net = eg.Network()
    net.create(2, RATES)
    with pytest.warns(eg.EngramWarning, match=r"is empty\n  help: this is the implicit network; net\.compile\(\)"):
        eg.compile(backend="numpy")
    eg.clear()


@each(
    "given",
    [
        {"neuron": SPIKING, "targets": ["exc"]},
        {"neuron": eg.Neuron(equations="r = sum()"), "targets": ["any"]},
        {"neuron": RATES, "targets": ["any"], "monitor": "sum(any)"},
        {"neuron": RATES, "targets": ["any"], "synapse": eg.Synapse(equations="x = post.sum(any)")},
        {"neuron": RATES, "targets": ["any"], "synapse": eg.Synapse(equations="x = pre.sum()")},
        {"neuron": RATES, "targets": ["any"], "stop_condition": "sum(any) > 1.0"},
    ],
)
def test_what_is_read_somewhere_is_not_said(given):
    targets = given.pop("targets")
    assert compiled(given.pop("neuron"), *targets, **given) == []
