"""``net.explain``: its structure before and after compile, its C the one that runs, errors."""

from __future__ import annotations

from pathlib import Path

import pytest

import engram as eg
from engram.errors import CompileError, InvalidArgument
from engram.explain import explanation as explain
from engram.native.library import shipped, source_digest
from tests.cases import each
from tests.network.described import network


def test_population_before_compile():
    found = network().explain("exc_cells")
    text = str(found)

    assert found.title == "population 'exc_cells': 20 spiking neurons, geometry (4, 5)"
    assert "not compiled: what follows is what compile() would make now" in found.facts
    assert [k.name for k in found.kernels] == ["cell globals", "cell update"]
    assert text.index("equations\n") < text.index("\nslots\n") < text.index("\nkernel 'cell globals'")
    assert "(?: a length that is known after compile())" in text


def test_equations_stand_in_the_order_of_evaluation_with_their_methods():
    lines = [line.strip() for line in network().explain("exc_cells").equations]

    assert lines[:4] == [
        "once per population and step:",
        "1. assignment",
        "slow = mean(v) + Normal(0.0, 1.0)",
        "once per neuron and step:",
    ]
    assert lines[4] == "2. equations, simultaneous: all see the values of before"
    ode = lines.index("tau_m*dv/dt + v = E_L + drive(g_exc) - k*(v - E_L)^2")
    assert lines[ode + 1].startswith("explicit, the network's method: v = v + h*f, f = (")
    assert lines[ode + 2 : ode + 4] == ["then v is at least -90.0", "then v is at most v_thresh + 100.0"]
    assert "exponential: g_exc = g_exc + h*phi1(-h*k)*f, phi1(z) = (exp(z) - 1)/z, f = -g_exc/5.0, k = 1/5.0" in lines
    spike = lines.index("spikes if: v > v_thresh")
    assert lines[spike + 1 : spike + 3] == ["then:", "v = E_L"]
    assert lines[-1].startswith("rests after a spike for refractory (2.0 in the model) ms; variables but ")


RESTING = eg.Neuron(
    equations="dv/dt = g_exc - v\ndw/dt = -w : while refractory\ndg_exc/dt = -g_exc : unless refractory",
    spike="v > 1.0",
    refractory=2.0,
    refractory_input="drop",
)


def test_explanation_and_report_say_what_a_refractory_neuron_does(tmp_path):
    net = eg.Network()
    net.create(3, RESTING, name="pop")
    explanation = net.explain("pop")
    lines = [line.strip() for line in explanation.equations]
    report = Path(net.report(tmp_path / "report.md")).read_text(encoding="utf-8")

    assert "dw/dt = -w  (goes on while the neuron is refractory)" in lines
    assert "dg_exc/dt = -g_exc  (holds while the neuron is refractory)" in lines
    assert lines[-2].endswith("variables but conductances keep their values, where no equation says otherwise")
    assert lines[-1] == "what arrives meanwhile is dropped"
    assert [kernel.name for kernel in explanation.kernels] == ["neuron keep", "neuron drop", "neuron update"]
    assert "holds while the neuron is refractory" in report
    assert "where no equation says otherwise. What arrives meanwhile is dropped." in report


def test_projection_runs_conductances_first():
    lines = [line.strip() for line in network().explain("learning").equations]
    first = lines.index("when a presynaptic spike arrives, g_target first:")

    assert lines[first + 1] == "g_target += w"
    assert "w = clip(w + x, 0.0, w_max)  (unless the postsynaptic neuron spikes too)" in lines
    assert any(line.startswith("event-driven: x = x + e*phi1(-e*k)*f at events") for line in lines)


@pytest.mark.cc
@each("name", ["exc_cells", "inh", "learning", "near", "far"])
def test_kernels_are_those_that_run(name):
    net = network()
    before = net.explain(name)
    net.compile()
    after = net.explain(name)
    owner = net.get_population(name) if name in ("exc_cells", "inh") else net.get_projection(name)

    shared = source_digest(shipped("packed")[1])  # the code that delivers to all synapses that only add their weight
    expected = (
        [shared] if name in ("near", "far") else [c.key for c in net._keeper.runner.derived.code[owner._core.path]]
    )
    assert [source_digest(k.source) for k in after.kernels] == expected
    assert [k.source for k in before.kernels] == [k.source for k in after.kernels]
    assert all(Path(k.object_file).is_file() for k in after.kernels)
    assert "compiled" in after.facts


@pytest.mark.cc
def test_slots_before_compile_are_those_of_after():
    net = network()
    before = {n: net.explain(n).slots for n in ("exc_cells", "inh", "learning", "near", "far")}
    net.compile()

    for name, slots in before.items():
        after = net.explain(name).slots
        assert [s.path for s in slots] == [s.path for s in after]
        assert [s.dtype for s in slots] == [s.dtype for s in after]
        for old, new in zip(slots, after, strict=True):
            if "?" not in old.shape and "/init/" not in old.path:
                assert old.shape == new.shape, old.path
        assert not any("?" in s.shape for s in after)


@pytest.mark.cc
def test_slots_are_all_that_the_state_has():
    net = network()
    net.compile()
    names = ("exc_cells", "inh", "learning", "near", "far")
    found = {s.path for name in names for s in net.explain(name).slots}

    assert found == {path for path in net._core.state.slots() if not path.startswith("network/")}


def test_interpreter_explains_the_same_kernels():
    net = network()
    net.compile(backend="numpy")

    assert "compiled for the interpreter: the C below is not used" in net.explain("inh").facts


def test_without_a_compiler_the_rest_is_explained(monkeypatch):
    monkeypatch.setattr(explain, "object_file", _no_compiler)
    text = str(network().explain("inh"))

    assert "object: no C compiler was found" in text
    assert "EG_EXPORT int64_t run" in text


def _no_compiler(digest: str) -> None:
    raise CompileError(digest)


def test_equation_that_its_method_cant_solve_is_explained_all_the_same():
    net = eg.Network()
    net.config(method="exponential")
    net.create(1, eg.Neuron(equations="dr/dt = -r^2"), name="p")
    found = net.explain("p")

    assert found.kernels == ()
    assert "method 'exponential' needs an equation linear in r" in found.problem
    assert "dr/dt = -r^2" in str(found)


def test_projection_without_a_connector_says_so():
    net = network()
    exc = net.get_population("exc_cells")
    bare = net.connect(exc, exc, "exc", name="bare")

    assert "connector: none yet" in net.explain(bare).facts


def test_unknown_name_is_an_error_with_a_suggestion():
    with pytest.raises(InvalidArgument) as caught:
        network().explain("exc_cell")

    assert str(caught.value) == ("there is no population or projection 'exc_cell'\n  help: did you mean 'exc_cells'?")


def test_name_of_two_objects_needs_the_path():
    net = eg.Network()
    pop = net.create(1, eg.Neuron(equations="r = 1.0"), name="a")
    net.connect(pop, pop, "exc", name="a").all_to_all(1.0)

    with pytest.raises(InvalidArgument, match=r"two objects\n  help: ask for one of 'populations/a' and"):
        net.explain("a")
    assert net.explain("projections/a").title.startswith("projection 'a'")
    assert net.explain(pop).title.startswith("population 'a'")


def test_object_of_another_network_is_refused():
    other = network().get_population("inh")

    with pytest.raises(InvalidArgument, match="explain needs a population or projection of this network"):
        network().explain(other)
