"""Files whose digests are right, and whose values can't be together: refused whole, by all that reads them."""

import re

import numpy as np
import pytest

import engram as eg
from engram.errors import DamagedFile
from engram.persistence.reading import read
from engram.state.tree import Leaf
from engram.storage.formats import SUFFIXES
from engram.storage.save import save

SPIKING = {"parameters": "B = 1.5", "equations": "dv/dt = B - v + g_exc", "spike": "v > 0.5", "reset": "v = 0.0"}
EE, OUT, VM, GM = "projections/ee", "monitors/out", "monitors/vm", "monitors/gm"


def built(seed=1):
    net = eg.Network(dt=1.0, seed=seed)
    exc = net.create(8, eg.Neuron(**SPIKING), name="exc")
    rate = net.create(3, eg.Neuron(equations="dr/dt = (sum(exc) - r)/10.0"), name="rate")
    net.connect(exc, exc, "exc", name="ee").all_to_all(weights=0.1, delays=eg.Uniform(1.0, 8.0))
    net.connect(exc, exc, "exc", name="one").all_to_all(weights=0.1, delays=2.0)
    learning = eg.Synapse(equations="dw/dt = 0.01*pre.r\ntheta = post.r : postsynaptic\nk = t : projection")
    net.connect(rate, rate, "exc", learning, name="rr").all_to_all(weights=0.1, delays=eg.Uniform(1.0, 3.0))
    rule = eg.Synapse(equations="w += 0.01*pre.r", pruning="w < 0.0")
    net.connect(rate, rate, "exc", rule, name="gr").all_to_all(weights=0.1)
    net.create(3, eg.Neuron("rows = 1.0 : table\nsteps = 1.0 : table, population", "r = rows[0]"), name="tab")
    net.monitor(exc[2:5], "spike", name="out")
    net.monitor(exc, "v", period=2.0, name="vm")
    traced = eg.Synapse(equations="dx/dt = -x/10.0 : event-driven", pre_spike="x += 1.0; g_target += w")
    net.connect(exc, exc, "exc", traced, name="tr").fixed_number_pre(3, weights=0.1)
    net.monitor(net.get_projection("rr"), "w", period=20.0, name="wm")
    net.monitor(net.get_projection("rr"), ["theta", "k", "nb_synapses"], period=10.0, name="tm")
    net.monitor(net.get_projection("tr"), "x", period=10.0, name="xm")
    net.monitor(net.get_projection("gr"), "w", period=5.0, name="gm")
    net.compile(backend="numpy")
    net.monitor(net.get_projection("rr").dendrite(1), ["w", "theta", "k"], period=10.0, name="dm")
    net.monitor(net.get_projection("tr").dendrite(2), "x", period=10.0, name="xd")
    return net


@pytest.fixture(scope="module")
def honest(tmp_path_factory):
    net = built()
    net.simulate(20.0)
    path = tmp_path_factory.mktemp("honest") / "a.engram"
    net.save(path)
    return path


def forged(honest, path, changes):
    """A file in which some values are others, with the digests of these."""
    with read(honest) as file:
        leaves = []
        for entry in file.manifest.entries:
            values = file[entry.slot.path][:]
            if entry.slot.path in changes:
                values = np.array(changes[entry.slot.path](values.copy()), entry.slot.dtype)
            leaves.append(Leaf(entry.slot.with_shape(values.shape), (values,)))
        save(path, file.manifest.description(), leaves)
    return path


def put(place, value):
    def change(values):
        values[place] = value
        return values

    return change


def backwards(values):
    return values[::-1]


LIES = {
    "delays that fall": ({f"{EE}/delay_steps": put(0, 8)}, "must ascend by delay_steps, then post_ranks; .* 0 and 1 "),
    "borders of rows": ({f"{EE}/row_start": lambda a: np.where(a > 0, a[-1], 0)}, "must ascend by delay_steps, then"),
    "ranks that fall": (
        {"projections/one/post_ranks": put(slice(0, 2), [1, 0])},
        "must ascend by post_ranks; .* 0 and",
    ),
    "ranks of rates": ({"projections/rr/pre_ranks": put(slice(0, 2), [1, 0])}, "must ascend by pre_ranks; .* 0 and 1 "),
    "delays beyond the past": ({f"{EE}/delay_steps": put(-1, 9)}, "ee/delay_steps: 9, where 8 is the most that the"),
    "one delay beyond it": ({"projections/one/delay_steps": lambda a: 65535}, "65535, where 8 is the most that the"),
    "fewer times": ({f"{OUT}/spike/step": lambda a: a[:-1]}, "spike/rank: 60 neurons that have spiked, at 59 times"),
    "other neurons": ({f"{OUT}/spike/rank": put(0, 7)}, "spike/rank: neurons that the monitor does not record"),
    "fewer samples": ({f"{VM}/v": lambda a: a[:-1]}, "9 samples of 'v', where the times .* have 10 at least"),
    "fewer values": ({f"{GM}/w": lambda a: a[:-1]}, "23 values of 'w', where 24 were counted"),
    "fewer ranks": ({f"{GM}/internal/pre/w": lambda a: a[:-1]}, "23 ranks of pre neurons, where 24"),
    "other counts": ({f"{GM}/internal/per_post/w": put((0, 0), 1)}, "24 values of 'w', where 23 were"),
    "other ranks": ({f"{GM}/internal/pre/w": put(0, 3)}, "internal/pre/w: .* 3"),
    "ranks that fall in a sample": (
        {f"{GM}/internal/pre/w": put([0, 1], [2, 1])},
        "of a neuron's synapses don't ascend",
    ),
    "fewer samples of synapses": (
        {f"{GM}/{name}": lambda a: a[: 3 * len(a) // 4] for name in ("w", "internal/pre/w", "internal/per_post/w")},
        "3 samples of 'w', where the times .* have 4 at least",
    ),
    "part of a sample": ({"monitors/wm/w": lambda a: a[:-1]}, "5 values of 'w', where 6 are taken at a time"),
    "fewer samples of a projection": ({"monitors/xm/x": lambda a: a[:24]}, "1 samples of 'x', .* have 2 at least"),
    "part of a sample per neuron": ({"monitors/tm/theta": lambda a: a[:-1]}, "monitors/tm: 5 values .*, where 3 are"),
    "fewer numbers": ({"monitors/tm/k": lambda a: a[:-1]}, "1 samples of 'k', where the times .* have 2 at least"),
    "fewer counts": ({"monitors/tm/nb_synapses": lambda a: a[:0]}, "0 samples of 'nb_synapses', where the times"),
    "part of a dendrite": ({"monitors/dm/w": lambda a: a[:-1]}, "rr/.*: monitors/dm: 3 values of 'w', where 2 are"),
    "fewer of its neuron": ({"monitors/dm/theta": lambda a: a[:-1]}, "1 samples of 'theta', where the times"),
    "part of a dendrite of spikes": (
        {"monitors/xd/x": lambda a: a[:-1]},
        "tr/.*: monitors/xd: 5 values of 'x', where 3 ",
    ),
    "fewer of a dendrite": ({"monitors/xd/x": lambda a: a[:3]}, "monitors/xd: 1 samples of 'x', where the times"),
    "table without rows": ({"populations/tab/rows": lambda a: a[:0]}, "tab/rows: a table without entries"),
    "table without entries": ({"populations/tab/steps": lambda a: a[:0]}, "tab/steps: a table without entries"),
    "an end before": ({f"{VM}/internal/intervals/v": put((0, 1), -5)}, "v: an interval from step 0 to -5"),
    "a begin before": ({f"{OUT}/internal/intervals/spike": put((0, 0), -1)}, "an interval from step -1 to -1"),
}


@pytest.mark.parametrize("lie", LIES)
def test_values_that_cannot_be_together_are_refused_by_all_that_read_them(honest, tmp_path, lie):
    changes, said = LIES[lie]
    path = forged(honest, tmp_path / "b.npz", changes)
    net = built(2)
    before = net.digest()

    assert eg.read(path).verify()
    for refuse in (net.load, eg.open, lambda file: eg.convert(file, tmp_path / "c.npz", reseal=True)):
        with pytest.raises(DamagedFile, match=said):
            refuse(path)
    assert net.digest() == before
    assert not (tmp_path / "c.npz").exists()


def two_rows(values):
    return values.reshape(2, -1)


def longer(values):
    return np.resize(values, len(values) + 1)


SHAPES = {
    "populations/exc/v": (two_rows, r"populations/exc/v: shape \(2, 4\) in the file, \(8,\) by its blueprint"),
    "populations/rate/history/r": (np.ravel, r"r: shape \(\d+,\) in the file, \(n, 3\) by its blueprint"),
    "populations/tab/rows": (np.ravel, r"rows: shape \(3,\) in the file, \(n, 3\) by its blueprint"),
    f"{VM}/v": (np.ravel, r"vm/v: shape \(\d+,\) in the file, \(n, 8\) by its blueprint"),
    f"{VM}/internal/active": (np.ravel, r"active: shape \(1,\) in the file, \(\) by its blueprint"),
    "network/draws": (np.ravel, r"draws: shape \(1,\) in the file, \(\) by its blueprint"),
    "projections/rr/w": (longer, "rr/w: 7 elements, other arrays of projections/rr have 6|other arrays .* have 7"),
}


@pytest.mark.parametrize("path", SHAPES)
def test_values_of_another_shape_than_the_network_has_are_refused_by_open_and_verify(honest, tmp_path, path):
    change, said = SHAPES[path]
    file = forged(honest, tmp_path / "b.npz", {path: change})

    with pytest.raises(DamagedFile, match=said):
        eg.open(file)
    assert re.search(said, "\n".join(eg.read(file).verify()))


@pytest.mark.parametrize("without", [{}, {"monitors": False}, {"projections": False}, {"populations": False}])
def test_file_of_parts_lacks_nothing(tmp_path, without):
    net = built()
    net.save(tmp_path / "a.npz", **without)
    net.get_population("exc").save(tmp_path / "p.npz")

    assert eg.read(tmp_path / "a.npz").verify() == ()
    assert eg.read(tmp_path / "p.npz").verify() == ()


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_the_order_of_synapses_is_judged_in_every_format(honest, tmp_path, suffix):
    path = forged(honest, tmp_path / f"b{suffix}", LIES["delays that fall"][0])
    net = built()

    for parts in ({}, {"only": EE}, {"only": f"{EE}/delay_steps"}):
        with pytest.raises(DamagedFile, match="must ascend by delay_steps"):
            net.load(path, **parts)
    with pytest.raises(DamagedFile, match="must ascend by delay_steps"):
        net.get_projection("ee").load(path)


def test_long_lists_are_judged_across_the_pieces_in_which_they_come(tmp_path):
    """Row borders, delays and ranks come in pieces of other lengths."""
    net = eg.Network(dt=1.0, seed=1)
    exc = net.create(1200, eg.Neuron(**SPIKING), name="exc")
    net.connect(exc, exc, "exc", name="ee").all_to_all(weights=0.1, delays=eg.Uniform(1.0, 8.0))
    net.compile(backend="numpy")
    net.save(tmp_path / "a.engram")
    n, near = 1200 * 1200, (1 << 20) // 4  # elements of a piece of ranks
    with read(tmp_path / "a.engram") as file:
        assert file.verify() == ()
        ranks = file[f"{EE}/post_ranks"][:]
    place = next(k for k in range(near - 1, n) if ranks[k] < ranks[k + 1])
    path = forged(tmp_path / "a.engram", tmp_path / "b.engram",
                  {f"{EE}/post_ranks": put([place, place + 1], ranks[[place + 1, place]])})  # fmt: skip

    (line,) = eg.read(path).verify()
    assert f"{place}" in line or f"{place + 1}" in line


def test_what_honest_monitors_have_gone_through_is_taken(tmp_path):
    net = built()
    vm, out = net.get_monitor("vm"), net.get_monitor("out")

    def check():
        net.save(tmp_path / "a.npz")
        assert eg.read(tmp_path / "a.npz").verify() == ()
        assert built(2).load(tmp_path / "a.npz").exact

    net.simulate(7.0)
    vm.pause()
    check()
    net.simulate(4.0)
    vm.resume()
    net.time = 100.0
    net.simulate(5.0)
    check()
    net.time = 3.0
    net.simulate(4.0)
    out.get("spike")
    vm.pause()
    check()
    net.reset(monitors=False)
    net.simulate(3.0)
    check()
    vm.resume()
    net.get_projection("ee").delay = 12.0
    net.simulate(30.0)
    net.get_projection("ee").delay = eg.Uniform(1.0, 4.0)
    net.simulate(3.0)
    check()
    out.stop()
    vm.reset()
    check()


def test_memory_that_is_short_for_longer_delays_leaves_the_network_as_it_was(honest, tmp_path, monkeypatch):
    net = built()
    net.simulate(20.0)
    rr, path = net.get_projection("rr"), tmp_path / "rr.engram"
    other = built()
    for name in ("one", "rr"):
        other.get_projection(name).delay = 9.0
    other.get_projection("rr").save(path)
    other.save(tmp_path / "all.engram")
    digest = net.digest()
    longer = type(net._core.state).longer

    def short(state, path, steps):
        if path.startswith("populations/rate"):
            raise MemoryError("too much")
        return longer(state, path, steps)

    with monkeypatch.context() as patched:
        patched.setattr(type(net._core.state), "longer", short)
        for change in (
            lambda: rr.load(path),
            lambda: net.load(tmp_path / "all.engram", only="projections"),
            lambda: setattr(rr, "delay", 9.0),
            lambda: setattr(rr, "delay", [[9.0] * 2] * 3),
        ):
            with pytest.raises(
                MemoryError, match="no memory for the last 9 ms of population 'rate': too much\n  help: "
            ):
                change()
            assert net.digest() == digest
        patched.undo()  # and where what is loaded finds none, when the past is longer already
        patched.setattr(type(net._core.state), "stage", lambda *_: (_ for _ in ()).throw(MemoryError("no room")))
        for load in (lambda: rr.load(path), lambda: net.load(tmp_path / "all.engram", only="projections")):
            with pytest.raises(MemoryError, match="no room"):
                load()
            assert net.digest() == digest
    rr.load(path)
    net.simulate(20.0)
