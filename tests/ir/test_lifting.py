"""Which event-driven variables may be kept per neuron: what the text of a synapse says."""

import engram as eg
from engram.ir.lifting import liftable
from engram.models.synapses.spiking import STDP, STP
from tests.cases import each

TRACES = "tau*dx/dt = -x : event-driven\n tau*dy/dt = -y : event-driven"


def found(parameters="tau = 10.0 : projection", equations=TRACES, pre="x += 1.0", post="y += 1.0", **blocks):
    synapse = eg.Synapse(parameters=parameters, equations=equations, pre_spike=pre, post_spike=post, **blocks)
    return {name: side for name, side, *_ in liftable(synapse.model)}


def test_traces_of_either_side_that_read_shared_values_are_lifted():
    assert found() == {"x": "pre", "y": "post"}
    assert found(pre="x = t + dt") == {"x": "pre", "y": "post"}
    assert liftable(STDP().model) == (("x", "pre"), ("y", "post"))


def test_traces_that_read_each_other_are_lifted_together():
    synapse = eg.Synapse(
        parameters="tau = 10.0 : projection",
        equations=f"{TRACES}\n dz/dt = -z/tau : event-driven",
        pre_spike="x += 1.0\n z = x*z + 1.0",
        post_spike="y += 1.0",
    )

    assert liftable(synapse.model) == (("x", "pre"), ("z", "pre", "x"), ("y", "post"))


@each(
    "statement",
    [
        "x += w",
        "x += y",
        "x += own",
        "x += per_post",
        "x += pre.v",
        "x += post.v",
        "x += t_pre",
        "x += Uniform(0.0, 1.0)",
        "x += 1.0 : unless_post",
        "x += mean(pre.v)",
        "x += g_target",
    ],
)
def test_trace_that_may_differ_among_the_synapses_of_a_neuron_stays_there(statement):
    parameters = "tau = 10.0 : projection\n own = 1.0\n per_post = 1.0 : postsynaptic"

    assert found(parameters, pre=f"g_target += w\n {statement}") == {"y": "post"}


def test_trace_stays_when_another_one_that_it_reads_does():
    equations = f"{TRACES}\n dz/dt = -z/tau : event-driven"

    assert found(equations=equations, pre="x += w\n z += x") == {"y": "post"}


def test_postsynaptic_trace_may_use_what_is_shared_by_the_synapses_of_a_neuron():
    parameters = "tau = 10.0 : projection\n gain = 1.0 : postsynaptic"

    assert found(parameters, post="y += gain") == {"x": "pre", "y": "post"}


def test_time_constant_per_synapse_keeps_a_trace_there():
    assert found("tau = 10.0") == {}
    assert found("tau = 10.0 : postsynaptic") == {"y": "post"}


def test_trace_that_both_sides_write_is_not_lifted():
    assert found(post="x += 1.0 ; y += 1.0") == {"y": "post"}


def test_trace_that_equations_or_psp_read_is_not_lifted():
    assert found(equations=f"{TRACES}\n seen = x") == {"y": "post"}
    assert found(psp="w*y") == {"x": "pre"}


def test_bounds_of_a_trace_count_as_what_it_depends_on():
    equations = "tau*dx/dt = -x : event-driven, max = {0}\n tau*dy/dt = -y : event-driven"

    assert "x" in found("tau = 10.0 : projection\n top = 2.0 : projection", equations.format("top"))
    assert "x" not in found("tau = 10.0 : projection\n top = 2.0", equations.format("top"), pre="x += 1.0 : max=top")


def test_axonal_spikes_count_as_events_of_the_presynaptic_side():
    assert found(pre_axon_spike="x += 2.0") == {"x": "pre", "y": "post"}
    assert found(pre_axon_spike="x += w") == {"y": "post"}


def test_user_functions_of_shared_values_are_shared():
    assert found(pre="x += twice(x)", functions="twice(a) = 2*a")["x"] == "pre"


def test_use_that_differs_per_synapse_keeps_short_term_plasticity_there():
    assert liftable(STP().model) == ()
