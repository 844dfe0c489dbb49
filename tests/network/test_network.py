"""Networks: names, connectors, compile, steps, reset, several side by side, the implicit one, and wrong arguments."""

import math
import re
import warnings

import numpy as np
import pytest

import engram as eg
from engram.errors import EngramError, InvalidArgument, NotCompiled
from engram.native.cores import available_cores
from engram.network.connect import Connectors
from engram.network.given_lists import ListConnectors
from engram.program import building
from tests.cases import each
from tests.network.small import LEAKY, LIF, PLASTIC, rated, spiking

pytestmark = pytest.mark.cc


# -- names -----------------------------------------------------------------------------------------------


def test_names_by_default_count():
    net = eg.Network(seed=1)
    p, named, q = net.create(2, LIF), net.create(2, LIF, name="exc"), net.create(2, LIF)
    a, b = net.connect(p, q, "exc"), net.connect(q, p, "exc")

    assert (p.name, named.name, q.name, a.name, b.name) == ("pop0", "exc", "pop2", "proj0", "proj1")
    assert net.get_population("exc") is named
    assert net.get_projection("proj1") is b
    assert (net.get_populations(), net.get_projections()) == ([p, named, q], [a, b])


def test_names_like_those_by_default_may_be_given():
    net = eg.Network(seed=1)
    given = net.create(2, LIF, name="pop1")

    assert [given.name, *(net.create(2, LIF).name for _ in range(2))] == ["pop1", "pop2", "pop3"]


def test_name_when_taken_is_refused_and_names_both():
    net, p, q, _ = spiking(compiled=False)

    with pytest.raises(
        InvalidArgument, match=r"population 'p' exists already: <Population 'p': 6 neurons of LIF>\n  help: give"
    ):
        net.create(3, LIF, name="p")
    with pytest.raises(InvalidArgument, match="projection 'c' exists already: <Projection 'c': p -> q"):
        net.connect(p, q, "exc", name="c")
    assert len(net.get_populations()) == 2
    assert len(net.get_projections()) == 1


@each("name", ["", " ", "a/b", "a\nb", "x" * 201, "\ud800", " a"])
def test_name_that_cannot_be_in_a_file_is_refused(name):
    with pytest.raises(InvalidArgument, match="can't be a name"):
        eg.Network(seed=1).create(3, LIF, name=name)


def test_name_when_unknown_lists_those_that_there_are():
    net, _, _, _ = spiking()

    with pytest.raises(InvalidArgument, match="there is no population 'exc'\n  help: there are 'p', 'q'"):
        net.get_population("exc")


# -- building --------------------------------------------------------------------------------------------


@each("geometry", [0, -1, 2.5, math.inf, "3", None, (), (2, 0), True, 2**32, (2**20, 2**20)])
def test_geometry_that_is_no_size_is_refused(geometry):
    with pytest.raises(InvalidArgument, match="geometry"):
        eg.Network(seed=1).create(geometry, LIF)


def test_whole_numbers_may_arrive_as_floats():
    net = eg.Network(seed=1)
    net.config(num_threads="auto")
    assert net._core.config.num_threads == available_cores()
    net.config(num_threads=np.float64(2))
    sizes = [net.create(n, LIF).size for n in (600 / 4, (2.0, 3), np.float64(7), np.int8(3), np.array(4.0))]
    pop = net.create(10, LIF)
    for rule in ("fixed_number_pre", "fixed_number_post", "fixed_total_number"):
        getattr(net.connect(pop, pop, "exc", name=rule), rule)(number=np.float64(2.0), weights=1.0)
    net.compile(backend="numpy")

    assert sizes == [150, 6, 7, 3, 4]
    assert [projection.nb_synapses for projection in net.get_projections()] == [20, 20, 2]
    assert net._core.config.num_threads == 2


def test_population_knows_its_sizes():
    p = eg.Network(seed=1).create((2, 3, 4), LIF)

    assert (p.geometry, p.size, len(p), p.ranks.tolist()) == ((2, 3, 4), 24, 24, list(range(24)))
    assert p.targets == ["exc"]
    assert p.attributes == [*p.parameters, *p.variables]


def test_arguments_of_the_wrong_kind_are_refused():
    net, p, q, _ = spiking(compiled=False)
    other = eg.Network(seed=1).create(2, LIF)
    rate = net.create(2, LEAKY, name="rate")

    for call, said in (
        (lambda: net.create(3, PLASTIC), "neuron must be an eg.Neuron"),
        (lambda: net.create(3, "LIF"), "neuron must be an eg.Neuron"),
        (lambda: net.connect("nobody", q, "exc"), "no population 'nobody'\n  help: there are 'p', 'q', 'rate'."),
        (lambda: net.connect(3, q, "exc"), "pre must be a population"),
        (lambda: net.connect(p, None, "exc"), "post must be a population"),
        (lambda: net.connect(p, other, "exc"), "belongs to another network"),
        (lambda: net.connect(p, q, ""), "target must be a name such as 'exc'"),
        (lambda: net.connect(p, q, 3), "target must be text or a list of names, not 3"),
        (lambda: net.connect(p, "exc", q), "help: the order is pre, post, target, synapse, name, projection."),
        (lambda: net.create(LIF, 3), "help: the order is geometry, neuron: net.create"),
        (lambda: net.connect(p, q, "exc", LIF), "synapse must be an eg.Synapse"),
        (
            lambda: net.connect(rate, rate, "exc", PLASTIC),
            "a spiking synapse can't follow the rate-coded neuron 'leaky'",
        ),
    ):
        with pytest.raises(EngramError, match=said):
            call()
    assert [c.name for c in net.get_projections()] == ["c"]


CONNECTORS = {
    "all_to_all": ((), 30),
    "one_to_one": ((), 5),
    "fixed_probability": ((1.0,), 30),
    "fixed_number_pre": ((2,), 10),
    "fixed_number_post": ((3,), 18),
    "fixed_total_number": ((70,), 70),
}
BY_DISTANCE = {"gaussian", "dog"}  # tests/wiring/test_near.py


def test_every_connector_has_a_second_name_and_stands_here():
    names = {name for name in vars(Connectors) if not name.startswith(("_", "connect_"))}
    lists = {name for name in vars(ListConnectors) if not name.startswith(("_", "connect_"))}

    assert names == {*CONNECTORS, *BY_DISTANCE}
    for name in names | lists:
        assert getattr(eg.Projection, f"connect_{name}").__wrapped__ is getattr(eg.Projection, name).__wrapped__


@each("prefix", ["", "connect_"])
@each("name", CONNECTORS)
@pytest.mark.filterwarnings("ignore:one_to_one")
def test_connector_returns_the_projection_and_makes_its_synapses(name, prefix):
    net = eg.Network(seed=1)
    p, q = net.create(6, LIF), net.create(5, LIF)
    c = net.connect(p, q, "exc")
    positional, count = CONNECTORS[name]

    assert getattr(c, prefix + name)(*positional, weights=0.5, delays=2.0) is c
    net.compile()
    assert (c.nb_synapses, c.delay, c.w) == (count, 2.0, 0.5)


def test_self_connections_within_a_population_have_to_be_asked_for():
    sizes = []
    for allowed in (False, True):
        net = eg.Network(seed=1)
        p = net.create(4, LIF)
        c = net.connect(p, p, "exc").all_to_all(1.0, allow_self_connections=allowed)
        net.compile()
        sizes.append(c.nb_synapses)

    assert sizes == [12, 16]


@each(
    ("name", "arguments", "said"),
    [
        ("fixed_probability", {"probability": 1.5}, r"probability must lie in \[0, 1\]"),
        ("fixed_probability", {"probability": "often"}, "probability must be a number"),
        ("fixed_number_pre", {"number": 7}, "number"),
        ("fixed_total_number", {"number": -7}, "number must be a whole number, 0 or more"),
        ("fixed_total_number", {"number": 10**9}, "ask for at most"),
        ("all_to_all", {"weights": "heavy"}, "weights must be a finite number or a distribution"),
        ("all_to_all", {"weights": math.nan}, "weights must be a finite number"),
        ("all_to_all", {"delays": -1.0}, "delays must be a number of ms, 0 or more"),
        ("all_to_all", {"delays": eg.Exponential(1.0)}, "a distribution of delays needs an upper end"),
        ("all_to_all", {"delays": 1e6}, "at most 65535 are possible"),
        (
            "all_to_all",
            {"weight": 1.0},
            "unknown argument 'weight'\n  in projection 'c'\n  help: it is `weights=`",
        ),
        ("all_to_all", {"xyz": 1.0}, "help: it takes weights, delays, allow_self_connections, force_multiple_weights"),
        ("fixed_number_pre", {"number": 1, "wieght": 1.0}, "help: did you mean 'weights'"),
        ("gaussian", {"amp": 1.0, "sigma": 1.0, "limits": 0.1}, "help: did you mean 'limit'"),
        ("gaussian", {"amp": 1.0, "sigma": 1.0, "weights": 1.0}, "help: it takes amp, sigma, delays, limit, "),
        ("connect_from", {"table": ([], []), "duplicate": "keep"}, "help: did you mean 'duplicates'"),
    ],
)
def test_connector_when_an_argument_cannot_be_is_refused_and_can_be_called_again(name, arguments, said):
    net = eg.Network(seed=1)
    c = net.connect(net.create(6, LIF), net.create(6, LIF), "exc", name="c")

    with pytest.raises(InvalidArgument, match=said):
        getattr(c, name)(**arguments)
    c.all_to_all(1.0)
    with pytest.raises(InvalidArgument, match="has a connector already"):
        c.all_to_all(1.0)


def test_compile_when_a_connector_is_missing_can_be_mended_and_called_again():
    net, p, q, _ = spiking(compiled=False)
    c = net.connect(p, q, "exc", name="late")

    with pytest.raises(
        InvalidArgument, match=r"projection 'late' \(p -> q\) has no connector\n  help: call e.g. .all_to_all"
    ):
        net.compile()
    assert not net.compiled
    p.v = 0.5
    c.one_to_one(2.0)
    net.compile()
    net.simulate(3.0)
    assert (net.time, c.nb_synapses) == (3.0, 6)


def test_compile_when_called_again_does_nothing_and_building_is_over():
    net, p, q, c = spiking()
    digest = net.digest()
    with pytest.warns(UserWarning, match=r"compile\(\): <Network: .*> is compiled already, and stays as it is"):
        net.compile(backend="numpy")

    assert net.digest() == digest
    for call in (lambda: net.create(2, LIF), lambda: net.connect(p, q, "exc"), lambda: c.all_to_all(1.0)):
        with pytest.raises(InvalidArgument, match="after compile"):
            call()
    for setting in ({"dt": 0.5}, {"seed": 3}, {"method": "exponential"}):
        with pytest.raises(InvalidArgument, match="after compile"):
            net.config(**setting)
    net.config(num_threads=2)


def test_calls_that_need_a_compiled_network_say_so(tmp_path):
    net, p, _, c = spiking(compiled=False)
    file = tmp_path / "x.npz"

    files = [lambda: net.save(file), lambda: net.load(file), lambda: p.save(file), lambda: c.load(file)]
    for call in (lambda: net.simulate(1.0), net.step, net.reset, net.digest, *files):
        with pytest.raises(NotCompiled, match=r"needs a compiled network\n  help: call compile\(\) first"):
            call()
    assert not file.exists()


@each(
    ("settings", "said"),
    [
        ({"dt": 0.0}, "dt: expected ms, more than 0, got 0.0"),
        ({"dt": -1.0}, "dt"),
        ({"dt": "1"}, "dt"),
        ({"dt": math.inf}, "dt"),
        ({"dt": math.nan}, "dt"),
        ({"dt": True}, "dt"),
        ({"dt": np.True_}, "dt"),
        ({"dt": 10**400}, "dt: expected ms, more than 0, got 1000"),
        ({"seed": -2}, "seed: expected a whole number from 0"),
        ({"seed": 2**64}, "seed"),
        ({"seed": 0.5}, "seed"),
        ({"method": "euler"}, "method: expected one of explicit"),
        ({"num_threads": 0}, "num_threads: expected a whole number from 1"),
        ({"num_threads": 1.5}, "num_threads"),
        ({"num_thread": 2}, "unknown setting 'num_thread'\n  help: did you mean 'num_threads'?"),
        ({"xyzzy": 2}, "known settings: dt, seed, method, num_threads"),
        ({"num_threads": 2, "dt": -1}, "dt"),
    ],
)
def test_setting_that_cannot_be_is_refused_and_nothing_changes(settings, said):
    net = eg.Network(dt=0.5, seed=4)
    before = net._core.config

    with pytest.raises(InvalidArgument, match=said):
        net.config(**settings)
    assert net._core.config == before


def timed(dt):
    """A network in which as much as can be is given in ms; not compiled."""
    net = eg.Network(dt=dt, seed=1)
    pop = net.create(4, eg.Izhikevich(), name="p")
    pop.compute_firing_rate(window=20.0)
    proj = net.connect(pop, pop, "exc", eg.STDP(), name="q").all_to_all(eg.Uniform(0, 1), delays=eg.Uniform(1, 4))
    proj.enable_learning(period=2.0, offset=1.0)
    net.monitor(pop, "v", period=4.0, period_offset=1.0, name="m")
    return net


def test_dt_can_change_until_compile_as_times_are_kept_in_ms():
    late, early = timed(1.0), timed(0.5)
    late.config(dt=0.5)
    for net in (late, early):
        net.compile(backend="numpy")
        net.simulate(30.0)

    assert late.digest() == early.digest()


def test_delays_that_another_dt_rounds_are_said():
    net = eg.Network(dt=0.5, seed=1)
    pop = net.create(2, eg.Izhikevich())
    net.connect(pop, pop, "exc", name="q").all_to_all(1.0, delays=2.5)
    with pytest.warns(UserWarning, match="'q': delays: 2.5 ms are 2.5 steps of dt=1 ms: 2 ms are taken, 2 steps"):
        net.config(dt=1.0)


def test_dt_that_does_not_fit_what_was_given_is_refused():
    net = timed(1.0)
    with pytest.raises(InvalidArgument, match=r"monitor of 'p': period: expected a multiple of 0.3 ms, got 4"):
        net.config(dt=0.3)

    assert net.dt == 1.0


# -- running ---------------------------------------------------------------------------------------------


@each(
    ("duration", "dt", "steps"),
    [
        (0.7, 0.1, 7),
        (0.3, 0.1, 3),
        (1.0, 1.0, 1),
        (1.2, 1.0, 2),
        (0.0, 1.0, 0),
        (1e-9, 1.0, 0),
        (5, 0.25, 20),
        (0.05, 0.1, 1),
    ],
)
def test_duration_is_rounded_up_to_whole_steps(duration, dt, steps):
    net, _, _, _ = rated(dt=dt)
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        net.simulate(duration)

    rest = {(1.2, 1.0): "1.2 ms are 1.2 steps of dt=1 ms: 2 ms are taken, 2 steps"}
    rest[0.05, 0.1] = "0.05 ms are 0.5 steps of dt=0.1 ms: 0.1 ms are taken, 1 step"
    advice = f"\n  help: give a multiple of {dt:g} ms, or make the network with a smaller dt."
    said = [f"simulate(): {rest[key]}{advice}" for key in rest if key == (duration, dt)]
    assert [str(one.message) for one in told] == said
    assert net.current_step == steps
    assert net.get_time() == net.time == round(steps * dt, 9)  # as one would type it


@each("duration", [-1.0, math.nan, math.inf, "10", None, [1.0], True, np.True_, 10**400])
def test_duration_that_is_no_number_of_ms_is_refused(duration):
    net, _, _, _ = rated()

    with pytest.raises(InvalidArgument, match="expected"):
        net.simulate(duration)
    assert net.current_step == 0


def test_all_durations_that_are_multiples_of_dt_take_so_many_steps():
    net, _, _, _ = rated(dt=0.1)
    for k in range(1, 200):
        before = net.current_step
        net.simulate(k / 10)
        assert net.current_step - before == k


def test_measure_time_and_progress_show_something(capsys):
    net, _, _, _ = rated()
    net.simulate(10.0, measure_time=True)
    assert "simulating 10 ms took" in capsys.readouterr().out
    net.simulate(10.0, progress=True)
    shown = capsys.readouterr().err
    assert "10/10 ms" in shown
    assert "x real time" in shown


# -- reset -----------------------------------------------------------------------------------------------


def test_reset_returns_to_the_beginning_but_for_weights():
    net, p, _, c = spiking()
    begin = {name: np.array(p.get(name)).tolist() for name in p.attributes}
    drawn = c.w
    p.b = 2.0
    net.simulate(20.0)
    learnt = c.w
    assert learnt != drawn
    c.own, p.tau = 5.0, 3.0
    net.reset()

    assert (net.time, p.spike.tolist()) == (0.0, [])
    assert {name: np.array(p.get(name)).tolist() for name in p.attributes} == begin
    assert (c.w, c.own[0][0]) == (learnt, 5.0)
    net.reset(projections=True)
    assert (c.w, c.own[0][0]) == (learnt, 2.0)
    net.reset(synapses=True)
    assert c.w == drawn


def test_reset_of_synapses_warns_only_where_projections_are_refused():
    """Warnings are errors here: the other ways of asking give none."""
    net, _, _, c = spiking()
    for asked in ({}, {"projections": None}, {"projections": True}):
        net.reset(synapses=True, **asked)
    net.reset(projections=False)
    c.own = 5.0

    with pytest.warns(UserWarning, match="get all their initial values, also with projections=False(?s:.*)help: leave"):
        net.reset(synapses=True, projections=False)
    assert c.own[0][0] == 2.0


def test_reset_without_populations_forgets_spikes_in_flight():
    net = eg.Network(seed=1)
    p, q = net.create(1, LIF, name="p"), net.create(1, LIF, name="q")
    net.connect(p, q, "exc").all_to_all(weights=100.0, delays=4.0)
    net.compile()
    p.v = 9.0
    net.step()
    net.reset(populations=False)
    p.b = q.b = -5.0
    net.simulate(6.0)

    assert q.v.max() < 1.0


# -- side by side ----------------------------------------------------------------------------------------


def test_networks_have_the_same_names_and_different_values():
    (a, p, _, _), (b, q, _, _) = spiking(), spiking(seed=2)
    p.v = 0.5
    a.simulate(5.0)

    assert (a.time, b.time) == (5.0, 0.0)
    assert q.v.tolist() == [0.25] * 6


def test_seed_when_none_is_drawn_and_kept():
    a, b = eg.Network(), eg.Network(seed=None)

    assert a.seed != b.seed
    assert a.dt == 1.0
    assert 0 <= a.seed < 2**32


def test_names_of_objects_decide_about_their_draws():
    """Not the order in which they are made: a network may grow without changing what is there."""
    values = []
    for extra in (False, True):
        net = eg.Network(seed=1)
        if extra:
            net.create(5, LIF, name="first")
        p = net.create(6, LIF, name="p")
        c = net.connect(p, p, "exc", PLASTIC, name="c").all_to_all(weights=eg.Uniform(0.0, 1.0))
        net.compile()
        net.simulate(10.0)
        values.append((p.v.tolist(), c.w))

    assert values[0] == values[1]


# -- the implicit network --------------------------------------------------------------------------------


def test_functions_do_to_the_implicit_network_what_methods_do_to_a_named_one(tmp_path):
    named, _, _, _ = spiking()
    eg.setup(dt=1.0, seed=1, num_threads=1)
    p, q = eg.Population(6, LIF, name="p"), eg.Population((2, 3), LIF, name="q")
    c = eg.Projection(p, q, "exc", PLASTIC, name="c")
    c.all_to_all(weights=eg.Uniform(0.0, 1.0), delays=eg.Uniform(1.0, 4.0))
    m = eg.Monitor(p, "v")
    eg.compile()
    net = eg.magic_network()
    eg.simulate(10.0)
    eg.step()
    named.simulate(11.0)

    assert (eg.get_time(), eg.get_current_step(), eg.dt()) == (11.0, 11, 1.0)
    assert eg.get_population("p") is p
    assert eg.get_projection("c") is c
    assert m.get("v").shape == (11, 6)
    assert c.w == named.get_projection("c").w
    eg.save(tmp_path / "state.npz")
    digest = net.digest()
    eg.reset()
    assert (eg.get_time(), net.digest() == digest) == (0.0, False)
    eg.load(tmp_path / "state.npz")
    assert net.digest() == digest
    eg.save_parameters(tmp_path / "p.json")
    p.tau = 3.0
    assert eg.load_parameters(tmp_path / "p.json") == {}
    assert p.tau == 10.0
    eg.disable_learning()
    assert not c.plasticity
    eg.enable_learning([c], period=2.0)
    assert c.plasticity
    eg.clear()
    assert eg.magic_network() is not net
    assert eg.magic_network().get_populations() == []


def test_objects_of_the_implicit_network_and_others_do_not_mix():
    implicit = eg.Population(3, LIF, name="p")
    net, p, _, _ = spiking(compiled=False)

    with pytest.raises(InvalidArgument, match="belongs to another network"):
        eg.Projection(implicit, p, "exc")
    with pytest.raises(InvalidArgument, match="belongs to another network"):
        net.connect(p, implicit, "exc")


def test_objects_show_what_they_are():
    net, p, _, c = spiking()

    assert repr(net) == "<Network: 2 populations, 1 projection, t = 0 ms>"
    assert (repr(p), repr(c)) == (
        "<Population 'p': 6 neurons of LIF>",
        "<Projection 'c': p -> q (exc), 36 synapses of plastic>",
    )


def test_name_that_there_is_not_is_answered_with_the_nearest_and_some():
    net = eg.Network(seed=1)
    for k in range(12):
        net.create(1, LEAKY, name=f"area{k}")

    with pytest.raises(
        InvalidArgument, match="no population 'aera11'\n  help: did you mean 'area11'. there are 'area0',.*"
    ):
        net.get_population("aera11")
    with pytest.raises(InvalidArgument, match="'area9' and 2 more.$"):
        net.get_population("x")


def test_populations_may_be_named_when_they_are_connected():
    net = eg.Network(seed=1)
    p, q = net.create(2, LEAKY, name="p"), net.create(2, LEAKY, name="q")
    by_name, mixed = net.connect("p", "q", "exc"), eg.Projection(p[:1], "q", "exc")
    eg.clear()
    eg.Population(2, LEAKY, name="a")
    implicit = eg.Projection("a", "a", "exc")
    eg.clear()

    assert (by_name.pre, by_name.post, mixed.post, implicit.pre.name) == (p, q, q, "a")


@pytest.mark.parametrize("stage", ["redraw", "follow"])
def test_synapses_drawn_again_that_break_off_midway_leave_a_network_that_says_so(stage, monkeypatch):
    net, *_ = spiking()
    net.simulate(5.0)
    twin, *_ = spiking()

    def fail(*given):
        raise MemoryError("no room")

    where = (building, "wire_anew") if stage == "redraw" else (net._keeper.runner.derived, "follow")
    monkeypatch.setattr(*where, fail)
    with pytest.raises(MemoryError):
        net.reset(synapses=True)
    monkeypatch.undo()
    with pytest.raises(eg.errors.BrokenNetwork, match=r"reset\(\) failed half way"):
        net.simulate(1.0)
    net.reset()
    twin.reset(synapses=True)

    assert net.digest() == twin.digest()


@pytest.mark.parametrize("backend", [pytest.param("c", marks=pytest.mark.cc), "numpy"])
def test_expression_too_deep_for_the_stack_is_refused_and_the_network_can_go_on(backend):
    text = "b"
    for _ in range(190):  # each is two comparisons deep
        text = f"clip({text}, 0, 1)"
    net = eg.Network()
    net.create(2, eg.Neuron(parameters="b = 0.5", equations=f"r = {text}", name="deep"))

    with pytest.raises(InvalidArgument, match="neuron 'deep': an expression is nested too deep"):
        net.compile(backend=backend)
    assert not net.compiled


def test_objects_of_a_network_that_is_gone_show_one_line_that_says_so():
    net = eg.Network(seed=1)
    pop = net.create(3, eg.Izhikevich, name="p")
    proj = net.connect(pop, pop, "exc", name="s").all_to_all(1.0)
    monitor = net.monitor(pop, "v", name="m")
    net.compile(backend="numpy")
    removed = net.monitor(pop, "v", name="gone")
    removed.remove()
    parts = [pop, pop[:2], pop[0], proj, proj[1], proj.synapse(0, 1), monitor]
    shown = [repr(one) for one in parts]
    net.clear()

    assert not any("gone" in one for one in shown)
    for one in (*parts, removed):
        for line in (repr(one), one._repr_html_()):
            assert re.search("belongs to a network that is gone|was removed", line)
            assert "\n" not in line
