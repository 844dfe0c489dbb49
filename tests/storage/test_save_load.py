"""The table "What a load does", line by line, on a network made by hand."""

import gc
import os
import subprocess
import sys
import time
import warnings
from contextlib import nullcontext
from dataclasses import replace

import numpy as np
import pytest

from engram.errors import (
    BrokenNetwork,
    DamagedFile,
    EngramError,
    InvalidArgument,
    LoadWarning,
    MissingFile,
    SaveError,
    StateMismatch,
    UnsupportedFile,
)
from engram.state.slots import Role, Slot
from engram.storage import fill as fill_module
from engram.storage import load as load_module
from engram.storage.files import System
from engram.storage.formats import SUFFIXES
from engram.storage.load import _near, load
from engram.storage.report import LoadReport
from engram.storage.save import save
from engram.storage.wanted import with_end
from engram.storage.writing import FileWriter
from tests.storage.small import F8, Small

V, W, X = "populations/exc/v", "projections/ee/w", "projections/ee/x"


def saved(path, net, leaves=None):
    return save(path, net.description, net.state.leaves() if leaves is None else leaves)


def loaded(path, net, **options):
    return load(path, net.state, net.compare, **options)


def without(net, *paths):
    return [leaf for leaf in net.state.leaves() if leaf.slot.path not in paths]


def refused(error, match, path, net, **options):
    before = net.values()
    with pytest.raises(error, match=match) as caught:
        loaded(path, net, **options)

    assert net.values() == before
    assert net.state.broken == ""
    return caught.value


NIGHTLY = pytest.mark.nightly  # .engram is .npz with other pages, .txt is .gz unpacked: everyday for what depends on it
EVERYDAY = [pytest.param(s, marks=NIGHTLY) if s in (".engram", ".txt") else s for s in SUFFIXES]


@pytest.fixture(params=EVERYDAY)
def path(tmp_path, request):
    return tmp_path / f"state{request.param}"


@pytest.mark.parametrize("n_syn", [8, 0, 31])
@pytest.mark.parametrize("step", [0, 7, 10, 13])
def test_load_of_everything_gives_every_byte(path, n_syn, step):
    net = Small(seed=1)
    other = Small(seed=2, n_syn=n_syn, step=step)
    report = saved(path, net)
    found = loaded(path, other)

    assert other.values() == net.values()
    assert found.exact
    assert found.loaded == tuple(net.state.slots())
    assert (found.kept, found.skipped, found.reset, found.converted, found.notes) == ((), (), (), (), ())
    assert found.not_saved == ("callback",)
    assert report.nbytes == path.stat().st_size
    assert "to the bit" in str(found)


def test_load_fills_live_arrays_of_equal_shape_in_place(path):
    net, other = Small(seed=1), Small(seed=2)
    arrays = {name: other.state[name] for name in (V, X, "network/step", "populations/exc/history/count")}
    saved(path, net)
    loaded(path, other)

    assert all(other.state[name] is array for name, array in arrays.items())
    assert other.values() == net.values()


def test_load_into_itself_changes_nothing(path):
    net = Small(seed=1)
    before = net.values()
    saved(path, net)
    loaded(path, net)
    saved(path, net)

    assert net.values() == before


def test_same_network_gives_same_file(path, tmp_path):
    saved(path, Small(seed=1))
    saved(tmp_path / f"again{path.suffix}", Small(seed=1))

    assert path.read_bytes() == (tmp_path / f"again{path.suffix}").read_bytes()


def test_suffix_chooses_the_format_whatever_its_case(tmp_path):
    net = Small()
    names = ("a.NPZ", "b.Engram", "c.Gz", "d.MAT", "e.txt", "f.data", "g")
    formats = [saved(tmp_path / name, net).format for name in names]

    assert formats == ["npz", "engram", "gz", "mat", "pickle", "pickle", "pickle"]


def test_misleading_suffix_is_noted(tmp_path):
    net = Small(seed=1)
    saved(tmp_path / "a.npz", net)
    (tmp_path / "a.npz").rename(tmp_path / "a.engram")
    report = loaded(tmp_path / "a.engram", Small())

    assert "misleading" in report.notes[0]
    assert report.format == "npz"
    assert report.exact


def test_user_value_in_the_file_only_is_skipped(path):
    net = Small(seed=1)
    net.state.add([Slot.at("populations/exc/old", (6,), F8, Role.STATE)])
    saved(path, net)
    with pytest.warns(LoadWarning, match="skipped.*populations/exc/old"):
        report = loaded(path, Small())

    assert report.skipped == ("populations/exc/old",)
    assert not report.exact


def test_user_value_in_the_network_only_is_kept(path):
    net, other = Small(seed=1), Small(seed=2)
    saved(path, net, without(net, V))
    before = other.values()[V]
    with pytest.warns(LoadWarning, match="kept.*populations/exc/v") as caught:
        report = loaded(path, other)

    assert len(caught) == 1
    assert report.kept == (V,)
    assert other.values() == {**net.values(), V: before}
    assert "populations/exc/v" in str(report)


def test_kept_value_of_another_connectivity_is_reset(path):
    net, other = Small(seed=1, n_syn=20), Small(seed=2, n_syn=8)
    saved(path, net, without(net, X))
    with pytest.warns(LoadWarning, match="reset"):
        report = loaded(path, other, initial=lambda path, shape, step: np.full(shape, 2.5))

    assert report.reset == (X,)
    assert report.kept == ()
    assert other.state[X].tolist() == [2.5] * 20


@pytest.mark.parametrize("name", ["populations/exc/history/rank", "populations/exc/last_spike", "network/step",
                                  "projections/ee/wiring/row_start"])  # fmt: skip
def test_file_without_hidden_state_is_damaged(path, name):
    net = Small(seed=1)
    saved(path, net, without(net, name))

    refused(DamagedFile, f"(?s)state.*was not loaded.*lacks {name}", path, Small())


def test_hidden_state_that_a_changed_model_needs_is_reset(path):
    net, other = Small(seed=1, model="m0"), Small(seed=2)
    saved(path, net, without(net, "populations/exc/refractory_left"))
    other.state.array("populations/exc/refractory_left")[...] = 5
    with pytest.warns(LoadWarning, match="reset"):
        report = loaded(path, other)

    assert report.reset == ("populations/exc/refractory_left",)
    assert not other.state["populations/exc/refractory_left"].any()


@pytest.mark.filterwarnings("ignore::engram.errors.LoadWarning")
def test_changed_model_is_reported(path):
    saved(path, Small(seed=1, model="m0"))
    report = loaded(path, Small())

    assert report.model_changed == ("populations/exc",)
    assert not report.exact
    assert "populations/exc: equations m0 = 1.0 in the file, m1 = 1.0 in the network" in str(report)


@pytest.mark.filterwarnings("ignore::engram.errors.LoadWarning")
def test_other_backend_is_not_exact(path):
    saved(path, Small(backend="numpy"))
    report = loaded(path, Small())

    assert not report.exact
    assert report.notes == ("backend numpy in the file, c in the network",)


def change(net, name, values, **facts):
    """Put another array (dtype, shape) in the place of a slot."""
    slot = net.state.slot(name)
    values = np.array(values)
    new = Slot.at(name, values.shape, values.dtype, slot.role, slot.unit, slot.hidden, slot.free_length,
               slot.may_be_single, slot.below, slot.offsets)  # fmt: skip
    net.state.put(new, values)


@pytest.mark.parametrize(
    ("theirs", "mine"),
    [("f4", "f8"), ("i4", "f8"), ("f8", "f4"), ("f8", "i2"), ("u1", "?"), ("?", "f4"), ("i8", "u1"), ("u8", "f4")],
)
def test_other_dtype_is_taken_if_every_value_survives(path, theirs, mine):
    net, other = Small(seed=1), Small()
    change(net, V, np.array([0, 1, 1, 0, 1, 0], theirs))
    change(other, V, np.zeros(6, mine))
    saved(path, net)
    report = loaded(path, other)

    assert report.converted == (V,)
    assert not report.exact
    assert other.state[V].dtype == mine
    assert other.state[V].tolist() == [0, 1, 1, 0, 1, 0]


@pytest.mark.parametrize(
    ("value", "theirs", "mine"),
    [(0.1, "f8", "f4"), (-0.0, "f8", "i8"), (0.5, "f8", "i8"), (2, "i8", "?"), (300, "i8", "u1"), (-1, "i8", "u8"),
     (2**63 - 1, "i8", "f8"), (2**53 + 1, "i8", "f8"), (np.nan, "f8", "i4"), (1e300, "f8", "f4"),
     (2.0**63, "f8", "i8")],
)  # fmt: skip
def test_other_dtype_is_refused_if_a_value_would_change_and_cast_allows_it(path, value, theirs, mine):
    net, other = Small(seed=1), Small()
    change(net, V, np.array([1, 1, 1, 1, value, 1], theirs))
    change(other, V, np.zeros(6, mine))
    saved(path, net)
    error = refused(
        StateMismatch, "(?s)populations/exc/v: .* in the file, .* in the network.*help: .*cast=True", path, other
    )
    report = loaded(path, other, cast=True)

    assert len(error.differences) == 1
    assert report.converted == (V,)
    assert other.state[V][0] == 1


def test_one_value_is_spread_over_elements(path):
    net, other = Small(seed=1), Small()
    change(net, V, 0.25)
    saved(path, net)
    report = loaded(path, other)

    assert report.converted == (V,)
    assert other.state[V].tolist() == [0.25] * 6


@pytest.mark.parametrize("dtype", ["f8", "f4"])
def test_equal_elements_become_one_value_and_different_ones_are_refused(path, dtype):
    net, other = Small(seed=1), Small()
    change(net, "populations/exc/tau", np.full(6, 0.25, dtype))
    saved(path, net)
    report = loaded(path, other)
    net.state.array("populations/exc/tau")[5] = 0.5
    saved(path, net)
    refused(StateMismatch, "different values per element in the file", path, other)

    assert report.converted == ("populations/exc/tau",)
    assert other.state["populations/exc/tau"][()] == 0.25


@pytest.mark.parametrize("theirs", [True, False])
def test_single_weight_is_taken_in_the_form_of_the_file(path, theirs):
    net, other = Small(seed=1, single_w=theirs, n_syn=5), Small(single_w=not theirs)
    saved(path, net)
    report = loaded(path, other)

    assert report.exact
    assert other.values() == net.values()


def test_all_differences_are_listed_in_one_error_with_a_way_out(path):
    saved(path, Small(seed=1, n_exc=8, dt_ms=0.5, projection=False))
    text = r"(?s)4 differences.*nothing was loaded.*help: Network\(dt=0.5\), or setup\(dt=0.5\)"
    error = refused(StateMismatch, text, path, Small())

    assert error.differences == (
        "dt 0.5 ms in the file, 1.0 ms in the network",
        "populations/exc: geometry (8,) in the file, (6,) in the network",
        "projections/ee: not in the file",
        "monitors/m/v: shape (10, 8) in the file, (10, 6) in the network",
    )


def test_object_in_the_file_only_is_refused(path):
    saved(path, Small(seed=1))

    refused(StateMismatch, "projections/ee: in the file only", path, Small(projection=False))


def test_end_of_a_path_is_answered_with_one_that_only_takes():
    known = ("monitors/vm/internal/intervals/v", "populations/exc/v", "populations/exc/internal/v", "populations/inh/v")

    assert with_end("v", known) == ["populations/exc/v", "populations/inh/v"]
    assert "did you mean 'populations/exc/v'?" in _near("v", known)
    assert "did you mean" not in _near("vm", ("monitors/vm/v",))


@pytest.mark.parametrize("name", ["exc", "populations/ecx"])
def test_path_that_nothing_has_names_the_one_that_is_meant(path, name):
    saved(path, Small(seed=1))

    refused(InvalidArgument, "neither .*\n  help: .*did you mean 'populations/exc'", path, Small(), only=name)


def test_other_model_is_named_beside_what_is_missing(path):
    saved(path, Small(seed=1, model="m0"))

    text = "(?s)2 differences.*populations/exc: another model: equations m0 = 1.0 in the file"
    refused(StateMismatch, text, path, Small(projection=False))


def test_other_geometry_of_equal_size_is_refused(path):
    saved(path, Small(seed=1, geometry=[2, 3]))

    refused(StateMismatch, r"(?s)geometry \(2, 3\) in the file, \(6,\).*help: .*geometry \(2, 3\)", path, Small())


def test_other_endpoints_of_a_projection_are_refused(path):
    net = Small(seed=1)
    net.change("projections", 0, targets=("inh",))
    saved(path, net)

    refused(StateMismatch, r"projections/ee: targets \[inh\] in the file, \[exc\] in the network", path, Small())


def test_other_shape_of_a_value_is_refused(path):
    net = Small(seed=1)
    change(net, V, np.zeros((2, 3)))
    saved(path, net)

    refused(StateMismatch, r"populations/exc/v: shape \(2, 3\) in the file, \(6,\) in the network", path, Small())


@pytest.mark.parametrize(
    ("options", "group"),
    [({"populations": False}, "projections/ee"), ({"projections": False}, "populations/exc"),
     ({"only": ["populations/exc"]}, "populations/exc")],
)  # fmt: skip
def test_partial_load_leaves_clock_histories_and_monitors_and_moves_times(path, options, group):
    net, other = Small(seed=1, step=10), Small(seed=2, step=25)
    saved(path, net)
    before = other.values()
    times = net.state["populations/exc/last_spike"] + 15
    report = loaded(path, other, **options)
    after, theirs = other.values(), net.values()

    for name in after:
        if name == "populations/exc/last_spike" and group == "populations/exc":
            assert other.state[name].tolist() == times.tolist()
        else:
            is_loaded = name in report.loaded
            assert after[name] == (theirs if is_loaded else before)[name], name
            assert is_loaded == (name.split("/")[0] in group and "history" not in name and ("inh" not in name or
                                 "only" not in options)), name  # fmt: skip
    assert not report.exact
    assert "stayed the network's" in report.notes[0]


def test_times_stop_at_the_ends_of_their_type_and_never_stays_never(path):
    net, other = Small(seed=1, step=10), Small(seed=2, step=25)
    low, high = np.iinfo("i8").min, np.iinfo("i8").max
    net.state.array("populations/exc/last_spike")[:] = [low, low + 1, -1, 0, high - 1, high]
    saved(path, net)
    loaded(path, other, projections=False)
    later = other.state["populations/exc/last_spike"].tolist()
    early = Small(step=0)
    loaded(path, early, projections=False)

    assert later == [low, low + 16, 14, 15, high, high]
    assert early.state["populations/exc/last_spike"].tolist() == [low, low, -11, -10, high - 11, high - 10]


def test_only_of_a_synaptic_array_needs_equal_connectivity(path):
    net = Small(seed=1)
    saved(path, net)
    same, other = Small(seed=1), Small(seed=2)
    same.state.array(W)[...] = 0
    report = loaded(path, same, only=[W])
    refused(StateMismatch, "(?s)another connectivity.*help: .*only=.'projections/ee'.", path, other, only=[W])
    refused(StateMismatch, "another connectivity", path, Small(seed=1, n_syn=9), only=[W])
    whole = loaded(path, other, only=["projections/ee"])

    assert same.values() == net.values()
    assert report.loaded == (W,)
    assert len(whole.loaded) == 4


def test_only_of_something_unknown_is_refused(path):
    saved(path, Small())

    refused(InvalidArgument, "populations/exx", path, Small(), only=["populations/exx"])
    refused(InvalidArgument, r"only=\[\] names nothing", path, Small(), only=[])
    refused(
        InvalidArgument,
        "clock, draws, constants and monitors are not loaded in part",
        path,
        Small(),
        only=["network/step"],
    )


def test_only_ignores_what_does_not_fit_elsewhere(path):
    net, other = Small(seed=1, n_exc=8), Small(seed=2)
    saved(path, net)
    loaded(path, other, only=["populations/inh"])

    assert other.values()["populations/inh/v"] == net.values()["populations/inh/v"]


def test_monitors_of_the_file_that_the_network_lacks_are_skipped(path):
    saved(path, Small(seed=1))
    with pytest.warns(LoadWarning):
        report = loaded(path, Small(monitor=False))

    assert report.skipped == ("monitors/m/start", "monitors/m/v")


@pytest.mark.parametrize("how", ["absent", "option", "other variables"])
def test_monitors_without_counterpart_are_emptied_with_the_clock(path, how):
    net, other = Small(seed=1, monitor=how != "absent"), Small(seed=2)
    if how == "other variables":
        net.change("monitors", 0, variables=("v", "u"))
    saved(path, net)
    start = int(other.state["monitors/m/start"][()])  # whether it records, and when, stays as it is
    said = {"absent": "empty: no records for it were loaded", "other variables": "not loaded, and it is empty"}
    asked = nullcontext() if how == "option" else pytest.warns(LoadWarning, match=said[how])
    with asked:
        report = loaded(path, other, monitors=how != "option", initial=lambda path, shape, step: np.full(shape, 77))

    assert report.reset == ("monitors/m/v",)
    assert other.state.slot("monitors/m/v").shape == (0, 6)
    assert other.state["monitors/m/start"][()] == start
    assert other.state.step == 10


def test_exact_refuses_whatever_is_not(path):
    net = Small(seed=1, model="m0", backend="numpy")
    saved(path, net, without(net, V))
    error = refused(StateMismatch, "help: load without exact=True", path, Small(), exact=True)
    saved(path, Small(seed=3))
    report = loaded(path, Small(), exact=True)

    assert len(error.differences) == 3
    assert report.exact


def test_one_object_has_its_attributes_at_the_top(tmp_path):
    net = Small(seed=1)
    for kind, owner in (("population", "populations/exc"), ("projection", "projections/ee")):
        paths = [name for name in net.state.slots() if name.startswith(owner + "/")]
        save(tmp_path / f"{kind}.npz", net.describe(kind, owner), net.state.leaves(paths))
    exc, ee = np.load(tmp_path / "population.npz"), np.load(tmp_path / "projection.npz")

    assert exc["v"].tolist() == net.state[V].tolist()
    assert exc["internal/last_spike"].shape == (6,)
    assert ee["w"].tolist() == net.state[W].tolist()
    assert ee["row_start"][-1] == 8
    assert ee["post_ranks"].dtype == np.uint32


@pytest.mark.parametrize("whole", [True, False])
def test_one_object_is_loaded_from_its_file_or_the_network_s(path, whole):
    net, other = Small(seed=1), Small(seed=2, step=20)
    owner = "populations/exc"
    if whole:
        saved(path, net)
    else:
        save(path, net.describe("population", owner), net.state.leaves(
            [name for name in net.state.slots() if name.startswith(owner + "/")]))  # fmt: skip
    report = loaded(path, other, single=owner)

    assert other.state[V].tolist() == net.state[V].tolist()
    assert other.state["populations/exc/last_spike"].tolist() == (net.state["populations/exc/last_spike"] + 10).tolist()
    assert other.state.step == 20
    assert all(name.startswith(owner) and "history" not in name for name in report.loaded)


def test_file_of_one_object_is_no_network_and_no_other_object(path):
    net = Small(seed=1)
    owner = "populations/exc"
    save(path, net.describe("population", owner), net.state.leaves([V]))

    refused(UnsupportedFile, r"(?s)holds one population .*help: .*load\(", path, Small())
    refused(UnsupportedFile, "holds one population", path, Small(), single="projections/ee")
    text = r"(?s)populations/inh: the file holds populations/exc.*help: net.get_population\('exc'\).load\("
    refused(StateMismatch, text, path, Small(), single="populations/inh")


@pytest.mark.parametrize(
    ("name", "values", "text"),
    [
        ("projections/ee/wiring/post_ranks", [0, 1, 2, 3, 0, 0, 0, 0], "allowed are 0 to 2"),
        ("projections/ee/wiring/row_start", [0, 2, 1, 8, 8, 8, 8], "never decrease"),
        ("projections/ee/wiring/row_start", [1, 2, 3, 8, 8, 8, 8], "begin at 0"),
        ("projections/ee/wiring/row_start", [0, 2, 3, 7, 7, 7, 7], "must end at the number of elements, 8, not 7"),
        ("populations/exc/history/count", [7, 0, 0, 0], "0 to 6 are possible"),
        ("populations/exc/history/count", [6, 6, 6, 6], "counts of 24 spikes"),
        ("network/step", 11, "step 11, the manifest says 10"),
    ],
)
def test_values_that_contradict_each_other_are_damage(path, name, values, text):
    net = Small(seed=1)
    leaves = net.state.leaves()
    (wrong,) = [leaf for leaf in leaves if leaf.slot.path == name]
    leaves[leaves.index(wrong)] = type(wrong)(wrong.slot, (np.array(values, wrong.slot.dtype),))
    saved(path, net, leaves)

    refused(DamagedFile, f"{name}: .*{text}", path, Small())


def test_arrays_of_one_projection_with_different_lengths_are_damage(path):
    net = Small(seed=1)
    change(net, X, np.zeros(9))
    saved(path, net)

    refused(DamagedFile, "projections/ee/x: 9 elements, other arrays of projections/ee have 8", path, Small())


def test_before_write_sees_the_file_and_may_refuse(path):
    net, other = Small(seed=1, n_syn=20, single_w=True), Small(seed=2)
    saved(path, net)
    seen = {}

    def refuse(contents, is_wanted, longest):
        seen.update({entry.slot.path: entry.slot for entry in contents.manifest.entries if is_wanted(entry.slot)})
        raise RuntimeError("no compiler")

    refused(RuntimeError, "no compiler", path, other, before_write=refuse)

    assert seen == net.state.slots()


def test_before_write_may_add_slots_which_are_then_checked_and_loaded(path):
    net = Small(seed=1)
    net.state.add([Slot.at("populations/exc/late", (6,), np.dtype("u4"), Role.STATE, hidden=True)])
    net.state.array("populations/exc/late")[:] = 3
    saved(path, net)

    def adding(below):
        return lambda *_: other.state.add(
            [Slot.at("populations/exc/late", (6,), np.dtype("u4"), Role.STATE, hidden=True, below=below)]
        )

    other = Small(seed=2)
    report = loaded(path, other, before_write=adding(4))
    assert report.exact
    assert other.values() == net.values()

    other = Small(seed=2)
    with pytest.raises(DamagedFile, match="populations/exc/late: values from 3 to 3"):
        loaded(path, other, before_write=adding(3))


@pytest.mark.parametrize("error", [DamagedFile("changed"), OSError("disk"), KeyboardInterrupt()])
@pytest.mark.parametrize("at", range(0, 16, 5))
def test_failing_second_reading_breaks_the_network_until_the_next_load(path, monkeypatch, error, at):
    net, other = Small(seed=1, n_syn=12), Small(seed=2)
    saved(path, net)
    plain, calls = fill_module._copied, []

    def failing(*arguments):
        calls.append(1)
        if len(calls) == at + 1:
            raise error
        return plain(*arguments)

    monkeypatch.setattr(fill_module, "_copied", failing)
    if isinstance(error, KeyboardInterrupt):
        with pytest.raises(KeyboardInterrupt):
            loaded(path, other)
    else:
        with pytest.raises(BrokenNetwork, match="(?s)failed half way.*help: load a whole file"):
            loaded(path, other)
    monkeypatch.undo()

    assert "failed half way" in other.state.broken
    with pytest.raises(BrokenNetwork, match="only a whole load"):
        loaded(path, other, populations=False)
    loaded(path, other)
    assert other.state.broken == ""
    assert other.values() == net.values()


def test_file_that_changes_between_the_readings_breaks_the_network(path, monkeypatch):
    net, other = Small(seed=1, n_syn=100_000), Small(seed=2)
    saved(path, net)

    def spoil(state, plan):
        with path.open("r+b") as file:
            file.seek(path.stat().st_size // 2)
            file.write(bytes(100))
        return staged(state, plan)

    staged = load_module._staged
    monkeypatch.setattr(load_module, "_staged", spoil)
    monkeypatch.setattr("engram.storage.zip.read.MOST_HELD", 0)  # else it is read once
    with pytest.raises(BrokenNetwork):
        loaded(path, other)

    assert other.state.broken


def test_no_memory_for_the_new_arrays_changes_nothing(path, monkeypatch):
    other = Small(seed=2)
    saved(path, Small(seed=1, n_syn=20))
    monkeypatch.setattr(type(other.state), "stage", lambda *_: (_ for _ in ()).throw(MemoryError("stage")))

    refused(MemoryError, "stage", path, other)


def test_every_damage_and_no_file_leave_the_network_as_it_is(path):
    saved(path, Small(seed=1))
    data = path.read_bytes()
    random = np.random.default_rng(5)
    for position, bit in zip(random.integers(0, len(data), 60), random.integers(0, 8, 60), strict=True):
        other = Small(seed=2)
        before, damaged = other.values(), bytearray(data)
        damaged[position] ^= 1 << int(bit)
        path.write_bytes(damaged)
        try:
            loaded(path, other)
        except EngramError:
            assert other.values() == before
        else:
            assert other.values() == Small(seed=1).values()
    path.unlink()
    refused(MissingFile, "there is no file", path, Small())
    path.write_bytes(b"")
    refused(UnsupportedFile, "is empty", path, Small())
    np.savez(path.with_suffix(".npz"), v=np.arange(3))
    refused(UnsupportedFile, "neither engram nor ANNarchy saved it", path.with_suffix(".npz"), Small())
    for other in (np.array(b"csr"), np.ones(3) * 1j, np.zeros(3, np.float16)):  # as in files of scipy.sparse
        np.savez(path.with_suffix(".npz"), v=other)
        refused(
            UnsupportedFile,
            "which ANNarchy does not write|that ANNarchy does not write",
            path.with_suffix(".npz"),
            Small(),
        )


def test_what_could_not_be_loaded_is_not_saved(path):
    net = Small()
    for slots, text in (
        ([Slot.at("populations/exc/x\ny", (), F8, Role.STATE)], "impossible path"),
        ([Slot.at("populations/exc/c", (2,), np.dtype("<M8[s]"), Role.STATE)], "dtype"),
        ([Slot.at("populations/exc/v/deep", (), F8, Role.STATE)], "a value and a folder"),
    ):
        net = Small()
        for slot in slots:
            net.state.put(slot, np.zeros(slot.shape, slot.dtype))
        with pytest.raises(SaveError, match=text):
            saved(path, net)
    net = Small()
    for parameters in ({"x": float("nan")}, {"x": ["\ud800"]}, {"x": {1}}):
        with pytest.raises(SaveError, match="can't be saved"):
            save(path, replace(net.description, parameters=parameters), net.state.leaves())

    assert not path.exists()


def test_value_that_changes_while_it_is_saved_is_refused(path, monkeypatch):
    net = Small()
    leaves = net.state.leaves()
    saved(path, net)
    before = path.read_bytes()
    flush = FileWriter.flush
    monkeypatch.setattr(FileWriter, "flush", lambda out: (net.state.array(V).__setitem__(0, 99.0), flush(out)))
    with pytest.raises(SaveError, match="populations/exc/v changed while it was being saved"):
        saved(path, net, leaves)

    assert path.read_bytes() == before


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_all_is_written_before_values_are_compared_again(suffix, tmp_path, monkeypatch):
    """Else a change between the two would be in the file and in no digest."""
    written, seen = [], []

    def write(fd, view):
        time.sleep(0.01)
        done = os.write(fd, view)
        written.append(done)
        return done

    net = Small(n_syn=500_000)
    monkeypatch.setattr("engram.storage.save._check_unchanged", lambda blocks, leaves: seen.append(sum(written)))
    report = save(tmp_path / f"net{suffix}", net.description, net.state.leaves(), system=System(write=write))

    assert seen == [report.nbytes]


@pytest.mark.cc
@pytest.mark.parametrize("suffix", [s if s in (".engram", ".gz") else pytest.param(s, marks=NIGHTLY) for s in SUFFIXES])
def test_saving_works_while_the_interpreter_ends(suffix, tmp_path):
    """Where no thread can be started any more, and nothing of storage was imported yet."""
    path = tmp_path / f"net{suffix}"
    script = f"""
import atexit, engram as eg
net = eg.Network(dt=0.1, seed=1)
cells = net.create(300, eg.Izhikevich, name="cells")
net.connect(cells, cells, "exc").fixed_probability(0.5, weights=eg.Uniform(0.0, 1.0), delays=eg.Uniform(0.1, 3.0))
net.compile()
net.simulate(5.0)
atexit.register(lambda: print(net.digest(), net.save({str(path)!r}).values))
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    digest = done.stdout.split()[0]

    assert done.stderr == ""
    assert path.exists()
    again = f"{script.split('net.simulate')[0]}net.load({str(path)!r}); print(net.digest())"
    done = subprocess.run([sys.executable, "-c", again], capture_output=True, text=True, check=True)
    assert done.stdout.split()[0] == digest


def test_garbage_is_collected_again_after_saving_and_loading_even_if_these_fail(path):
    net = Small()
    saved(path, net)
    loaded(path, net)
    with pytest.raises(StateMismatch):
        loaded(path, Small(n_exc=8))

    assert gc.isenabled()


def test_report_reads_well():
    report = LoadReport("a.npz", "npz", ("populations/exc/v",), kept=tuple(f"k{i}" for i in range(22)), notes=("n",))

    assert str(report).splitlines() == [
        "loaded 'a.npz' (npz): 1 value, not exact",
        f"  kept (not in the file): {', '.join(f'k{i}' for i in range(20))} and 2 more",
        "  note: n",
    ]


def test_exact_load_warns_about_nothing(path):
    saved(path, Small(seed=1))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        loaded(path, Small())


def test_what_follows_from_wiring_stays_where_the_file_brings_the_same(path):
    net, other = Small(seed=1), Small(seed=2)
    saved(path, net)
    changed = []
    for mine in (net, other):
        mine.state.changed.clear()
        loaded(path, mine)
        changed.append(mine.state.changed["projections/ee"])

    assert changed == [False, True]
