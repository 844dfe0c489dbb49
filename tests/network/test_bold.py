"""Monitors of the BOLD signal: means of populations, baselines, regions; files, copies, backends; wrong arguments."""

import numpy as np
import pytest

import engram as eg
from engram.errors import InvalidArgument, NotFinite
from tests.cases import each

WAVE = eg.Neuron(parameters="k = 1.0", equations="r = k*(1.2 + sin(t/50.0))")
SUM = eg.BoldModel("", "BOLD = sum(I)", inputs="I")


def several(backend="c", threads=1):
    """Return a network of spiking and rate-coded populations with three monitors that have not begun."""
    net = eg.Network(dt=0.5, seed=1)
    net.config(num_threads=threads)
    cells = net.create(10, eg.Izhikevich(noise=5.0, i_offset=6.0), name="cells")
    cells.compute_firing_rate(50.0)
    rates = net.create((3, 4), eg.LeakyIntegrator(noise="Uniform(0.0, 1.0)"), name="rates")
    net.boldmonitor([cells, rates], normalize_input=[60, 0], recorded_variables="I_CBF")
    two = {"I_CBF": "v", "I_CMRO2": "r"}
    net.boldmonitor_from_slices(rates, [[0, 1], rates[2, :]], eg.balloon_two_inputs, two, normalize_input=10.0)
    net.boldmonitor(cells[2:5], mapping={"I_CBF": "v"})
    net.compile(backend=backend)
    net.simulate(140.0)
    return net


def begin(net):
    for one in net.get_monitors():
        one.start()


def signals(net, duration):
    net.simulate(duration)
    return [values for one in net.get_monitors() for values in one.get(keep=True).values()]


def same(some, others):
    return all(np.array_equal(one, other) for one, other in zip(some, others, strict=True))


def test_input_is_the_weighted_mean_of_the_step_before_relative_to_its_baseline():
    net = eg.Network(dt=1.0, seed=1)
    one, other = net.create(4, WAVE), net.create(12, WAVE)
    one.k, other.k = np.arange(4) / 2.0, 0.3
    model = {"bold_model": SUM, "mapping": {"I": "r"}}
    shares, scaled = net.boldmonitor([one, other], **model), net.boldmonitor([one, other], scale_factor=[1, 2], **model)
    changes = net.boldmonitor([one, other], normalize_input=[20.0, 0.0], scale_factor=2.0, **model)
    regions = net.boldmonitor_from_slices(one, [[3, 0], range(4)], normalize_input=10, **model)
    seen = net.monitor([one, other][0], "r"), net.monitor(other, "r")
    net.compile()
    net.simulate(30.0)
    begin(net)
    net.simulate(100.0)

    before = [monitor.get("r")[29:-1] for monitor in seen]
    first, second = (values.mean(1) for values in before)
    base = first[:20].mean()
    change = np.where(np.arange(100) < 20, 0.0, (first - base) / base)
    pair = before[0][:, [0, 3]].mean(1)
    of_pair = np.where(np.arange(100) < 10, 0.0, (pair - pair[:10].mean()) / pair[:10].mean())
    for monitor, expected in (
        (shares, 0.25 * first + 0.75 * second),
        (scaled, first + 2.0 * second),
        (changes, 2.0 * change + 2.0 * second),
    ):
        assert monitor.get("BOLD", keep=True)[:, 0] == pytest.approx(expected, abs=1e-13)
    assert regions.get("BOLD", keep=True).shape == (100, 2)
    assert regions.get("BOLD")[:, 0] == pytest.approx(of_pair, abs=1e-13)
    assert shares.times("BOLD") == {"BOLD": {"start": [30], "stop": [130]}}


def test_run_in_the_middle_of_a_baseline_is_saved_copied_and_the_same_everywhere(tmp_path):
    net = several()
    begin(net)
    net.simulate(20.0)
    net.save(tmp_path / "middle.npz")
    copy = net.copy()
    whole = signals(net, 60.0)
    assert all(np.ptp(values) > 0.0 for values in whole)
    for other in (copy, eg.open(tmp_path / "middle.npz")):
        assert [type(one).__name__ for one in other.get_monitors()] == ["BoldMonitor"] * 3
        assert same(signals(other, 60.0), whole)
    for how in ({"threads": 2}, {"backend": "numpy"}):
        other = several(**how)
        begin(other)
        assert same(signals(other, 80.0), whole)


def test_nothing_is_computed_before_start_and_after_stop(tmp_path):
    net = several()
    net.save(tmp_path / "before.engram")
    opened = eg.open(tmp_path / "before.engram").get_monitor("BoldMonitor0")
    mine = net.get_monitor("BoldMonitor0")
    assert not mine.population.enabled
    assert not opened.population.enabled
    mine.start()
    net.simulate(100.0)
    mine.stop()
    rested = mine.population.s.copy()
    net.simulate(10.0)
    assert np.array_equal(mine.population.s, rested)
    mine.resume()
    net.simulate(5.0)
    assert mine.get("BOLD", keep=True).shape == (210, 1)
    assert mine.times("BOLD")["BOLD"] == {"start": [280, 500], "stop": [480, 510]}
    net.reset()
    assert mine.population.f_in.tolist() == [1.0]
    with pytest.warns(eg.EngramWarning, match="has recorded no step yet"):
        assert mine.get("BOLD").shape == (0, 1)


def test_baseline_of_zero_is_an_error_of_the_run():
    net = eg.Network(dt=1.0)
    net.boldmonitor(net.create(3, eg.Neuron(equations="r = 0.0")), normalize_input=5, start=True)
    net.compile()
    with pytest.raises(NotFinite, match="became nan in step 5.*\n.*signal_base_I_CBF_0 = 0"):
        net.simulate(10.0)


@each(
    ("given", "expected"),
    [
        ({"populations": []}, "expected a population or a list of them"),
        ({"populations": "pop"}, "expected a population or a list of them, got 'pop'"),
        ({"bold_model": eg.Izhikevich}, r"bold_model must be a BoldModel, not .*\n  help: eg.balloon_RN\(\), or"),
        ({"mapping": {"I": "r"}}, r"the model has no input 'I'\n  help: mapping={'I_CBF': 'r'}"),
        ({"bold_model": eg.balloon_two_inputs}, "nothing is mapped to the input 'I_CMRO2'\n  help: mapping="),
        ({"mapping": {"I_CBF": "x"}}, "population 'pop' has no variable 'x'\n  help: it has k, r"),
        ({"scale_factor": [1.0, 2.0]}, "scale_factor has 2 values for 1 population\n"),
        ({"scale_factor": "much"}, "scale_factor must be a number, not 'much'"),
        ({"normalize_input": -1}, "normalize_input must be ms, 0 or more, not -1"),
        ({"normalize_input": 0.3}, "normalize_input=0.3 ms is shorter than one step, 1 ms"),
        ({"recorded_variables": "g"}, "the model has no variable 'g'\n  help: it has I_CBF, s, f_in"),
        ({"name": "taken"}, "monitor 'taken' exists already"),
        ({"name": "pop"}, "population 'pop' exists already"),
    ],
)
def test_what_can_not_be_monitored_is_refused_and_nothing_is_made(given, expected):
    net = eg.Network(dt=1.0)
    pop = net.create(3, WAVE, name="pop")
    net.monitor(pop, "r", name="taken")
    with pytest.raises(InvalidArgument, match=expected):
        net.boldmonitor(**{"populations": pop, **given})
    assert (len(net), len(net.get_projections()), len(net.get_monitors())) == (1, 0, 1)


def test_slices_that_can_not_be_and_other_networks_are_refused():
    net, other = eg.Network(dt=1.0), eg.Network(dt=1.0).create(3, WAVE, name="other")
    pop = net.create(3, WAVE, name="pop")
    for slices in (None, [], 5):
        with pytest.raises(InvalidArgument, match=r"needs a population and slices of it\n  help: slices=\[\[0, 1, 2\]"):
            net.boldmonitor_from_slices(pop, slices)
    for slices in ([1, 2], [[0], []], [other[0:2]]):
        with pytest.raises(
            InvalidArgument, match=r"slice \d is not neurons of 'pop': .*\n  help: give a list of ranks"
        ):
            net.boldmonitor_from_slices(pop, slices)
    with pytest.raises(InvalidArgument, match="populations belong to several networks"):
        net.boldmonitor([pop, other])
    with pytest.raises(InvalidArgument, match="population 'other' belongs to another network"):
        net.boldmonitor(other)
    net.compile()
    with pytest.raises(InvalidArgument, match=r"can't create a BoldMonitor after compile\(\)"):
        net.boldmonitor(pop)


def test_excerpt_with_a_monitor_has_its_population_and_inputs():
    net = eg.Network(dt=1.0)
    pop, other = net.create(3, WAVE, name="pop"), net.create(2, WAVE, name="other")
    bold = net.boldmonitor(pop)
    net.monitor(other, "r")
    part = net.excerpt([pop, bold])
    part.compile()
    part.simulate(2.0)
    begin(part)
    part.simulate(20.0)

    assert [one.name for one in part] == ["pop", "BoldMonitor0"]
    assert part.get_monitor("BoldMonitor0").get("BOLD").shape == (20, 1)
    assert part["BoldMonitor0_I_CBF_0"].nb_synapses == 3
    with pytest.raises(InvalidArgument, match="projection 'BoldMonitor0_I_CBF_0' needs population 'pop'"):
        net.excerpt(bold)
