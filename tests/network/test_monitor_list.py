"""Several monitors saved into one file."""

import numpy as np
import pytest

import engram as eg
from engram.errors import InvalidArgument
from tests.network.small import spiking

pytestmark = pytest.mark.cc


def recorded():
    net, p, q, _ = spiking(compiled=False)
    monitors = [net.monitor(p, ["v", "spike"]), net.monitor(q, "v"), net.monitor(p, "v", name="again")]
    net.compile()
    net.simulate(5.0)
    return monitors


def test_save_all_names_arrays_by_population_and_drops_them_when_all_are_written(tmp_path):
    a, b, _ = recorded()
    both = eg.MonitorList([a, b])
    values = a.get("v", keep=True), b.get("v", keep=True)
    both.save_all(tmp_path / "flat.npz", keep=True, flat_keys=True)
    both.save_all(tmp_path / "all.npz", reshape=True)

    with np.load(tmp_path / "flat.npz") as flat, np.load(tmp_path / "all.npz") as found:
        assert sorted(flat) == ["p_spike", "p_v", "q_v"]
        assert sorted(found) == ["p/spike", "p/v", "q/v"]
        assert [found[name].tobytes() for name in ("p/v", "q/v")] == [part.tobytes() for part in values]
        assert (flat["q_v"].shape, found["q/v"].shape) == ((5, 6), (5, 2, 3))
    for m in both:
        with pytest.warns(eg.EngramWarning, match="save_all.. has handed out"):
            assert len(m.get("v")) == 0


def test_list_is_a_sequence_of_monitors():
    a, b, _ = recorded()
    both = eg.MonitorList([a, b])

    assert (len(both), both[1], list(both)) == (2, b, [a, b])
    assert repr(both) == "<MonitorList: Monitor_p, Monitor_q>"


def test_what_cannot_be_saved_together_is_refused_and_stays(tmp_path):
    a, b, again = recorded()

    with pytest.raises(
        InvalidArgument, match="two monitors record 'v' of a population 'p'\n  help: save them one by one"
    ):
        eg.MonitorList([a, b, again]).save_all(tmp_path / "all.npz")
    with pytest.raises(InvalidArgument, match="MonitorList\\(\\): expected a list of monitors, got 3"):
        eg.MonitorList([a, 3])
    assert len(a.get("v")) == 5
    assert list(tmp_path.iterdir()) == []
