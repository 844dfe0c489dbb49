"""Files whose digests are right and that bring into flight what can't be: each is refused, and nothing has changed."""

import numpy as np
import pytest

import engram as eg
from engram.errors import DamagedFile, EngramError, InvalidArgument
from engram.persistence.files import described
from engram.state.tree import Leaf, State
from engram.storage.formats import SUFFIXES
from engram.storage.save import save
from tests.cases import check_each, tried
from tests.program.test_lifting import AXONAL, FIRING

WITHOUT_AXONS = eg.Neuron(
    parameters="every = 3.0 : population\n first = 0.0",
    equations="phase += dt\n v = phase - first\n u += g_exc",
    spike="modulo(v, every) == 0",
    reset="u *= 0.75",
    name="firing",
)
OWNER = "projections/c"
FLIGHTS = f"{OWNER}/internal/in_flight"


def network(delays=(5.0, 9.0, 7.0), synapse=AXONAL, neuron=FIRING):
    """Return one with late spikes of both lists, if delays change."""
    net = eg.Network(dt=1.0, seed=5)
    p, q = net.create(8, neuron, name="p"), net.create(6, neuron, name="q")
    net.connect(p, q, "exc", synapse, name="c").all_to_all(weights=0.5, delays=6.0)
    net.connect(q, p, "exc", name="d").all_to_all(weights=0.0, delays=2.0)
    net.compile(backend="numpy")
    net.simulate(8.0)
    for delay in delays:
        net.get_projection("c").delay = delay
        net.simulate(1.0)
    return net


@pytest.fixture(scope="module")
def late():
    net = network()
    state = net._core.state
    assert all(len(state.read(f"{FLIGHTS}/{name}")) > 3 for name in ("arrives", "axon/arrives"))
    return net


@pytest.fixture(scope="module")
def forge(late, tmp_path_factory):
    """Write a file in which one value is another, or is not there."""
    folder = tmp_path_factory.mktemp("files")
    late.save(folder / "honest.npz")  # with the generator as it stands

    def forged(suffix, name, change):
        leaves = []
        for leaf in late._core.state.leaves():
            if leaf.slot.path == f"{FLIGHTS}/{name}":
                value = change(late._core.state.read(leaf.slot.path))
                if value is None:
                    continue
                leaf = Leaf(leaf.slot._replace(shape=value.shape, dtype=value.dtype), (value,))
            leaves.append(leaf)
        path = folder / f"forged{suffix}"
        save(path, described(late._keeper), leaves)
        return path

    return forged


def put(k, number):
    """Change one element."""

    def change(value):
        value[k] = number
        return value

    return change


LIES = {
    "a synapse too many": ("synapse", put(0, 48)),
    "a synapse too many, of axonal spikes": ("axon/synapse", put(-1, 2**32 - 1)),
    "fewer arrivals": ("arrives", lambda value: value[:-1]),
    "fewer emissions": ("emitted", lambda value: value[:-1]),
    "no synapses": ("axon/synapse", lambda value: value[:0]),
    "another order": ("arrives", lambda value: value[::-1].copy()),
    "synapses in another order": ("axon/synapse", lambda value: value[::-1].copy()),
    "not yet emitted": ("emitted", put(0, 0)),
    "longer under way than any delay": ("arrives", put(-1, 65535)),
    "in the future": ("since", lambda value: value + 1000),
    "before all time": ("since", lambda value: np.array(-(2**63))),
    "several beginnings": ("since", lambda value: np.array([3, 3])),
    "a fraction": ("since", lambda value: np.array(3.5)),
    "wider numbers": ("synapse", lambda value: value.astype(np.uint64)),
    "real numbers": ("axon/arrives", lambda value: value.astype(float)),
    "no beginning": ("since", lambda value: None),
    "no emissions": ("axon/emitted", lambda value: None),
}


def test_honest_files_bring_it(late, forge):
    """Else the tests below would prove nothing."""

    def check(suffix):
        net = network(())
        path = forge(suffix, "synapse", lambda value: value)
        assert eg.read(path).verify() == ()
        net.load(path, exact=True)
        assert net.digest() == late.digest()

    check_each({suffix: (suffix,) for suffix in SUFFIXES}, check)


def test_what_can_not_be_in_flight_is_refused_in_every_format_and_nothing_has_changed(forge):
    nets = [network(()), network()]
    before = [net.digest() for net in nets]

    def check(suffix, name, change):
        file = forge(suffix, name, change)
        with pytest.raises(DamagedFile, match="was not loaded"):
            eg.open(file)
        with eg.read(file) as found:
            assert found.verify()
        for net, digest in zip(nets, before, strict=True):
            for options in ({}, {"only": OWNER}, {"populations": False}):
                with pytest.raises(EngramError, match=r"was not loaded|nothing was loaded"):
                    net.load(file, **options)
                assert net.digest() == digest

    pairs = tried(LIES, SUFFIXES, 1)
    check_each({f"{what} {suffix}": (suffix, *LIES[what]) for what, suffix in pairs}, check)
    for net, twin in zip(nets, (network(()), network()), strict=True):
        net.simulate(12.0)
        twin.simulate(12.0)
        assert net.digest() == twin.digest()


def test_it_is_loaded_with_its_synapses_or_not_at_all(late, tmp_path):
    late.save(tmp_path / "late.npz")
    nets = [network(()), network()]
    before = [net.digest() for net in nets]

    def check(only):
        for net, digest in zip(nets, before, strict=True):
            with pytest.raises(InvalidArgument, match=rf"{FLIGHTS}.* or not at all\n  help: only=\['{OWNER}'\] brings"):
                net.load(tmp_path / "late.npz", only=only)
            assert net.digest() == digest

    wiring = [f"{OWNER}/{name}" for name in ("row_start", "post_ranks", "delay_steps", "w", "x", "y")]
    cases = {
        "one": f"{FLIGHTS}/synapse",
        "all": [FLIGHTS],
        "all that is hidden": [f"{OWNER}/internal"],
        "one, with something else": [f"{FLIGHTS}/since", "populations/p"],
        "with the wiring by name": [*wiring, FLIGHTS],
    }
    check_each({what: (only,) for what, only in cases.items()}, check)


def test_some_of_it_is_refused_before_the_file_is_read(tmp_path):
    with pytest.raises(InvalidArgument, match="or not at all"):
        network(()).load(tmp_path / "missing.npz", only=f"{FLIGHTS}/arrives")


def test_load_that_fails_after_room_was_made_leaves_none(late, tmp_path, monkeypatch):
    late.save(tmp_path / "late.npz")
    net = network(())
    before = net.digest()

    def fail(*_):
        raise MemoryError

    monkeypatch.setattr(State, "stage", fail)
    with pytest.raises(MemoryError):
        net.load(tmp_path / "late.npz")
    assert net.digest() == before


@pytest.mark.filterwarnings("ignore::engram.errors.LoadWarning")
def test_spikes_of_a_kind_that_the_saved_model_lacks_are_not_kept(tmp_path):
    network(synapse=None, neuron=WITHOUT_AXONS).save(tmp_path / "other.npz")
    net = network(synapse=None)
    assert len(net._core.state.read(f"{FLIGHTS}/axon/synapse"))
    report = net.load(tmp_path / "other.npz")

    assert f"{FLIGHTS}/synapse" in report.loaded
    assert not len(net._core.state.read(f"{FLIGHTS}/axon/synapse"))
    net.simulate(12.0)
