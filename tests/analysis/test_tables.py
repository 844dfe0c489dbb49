"""What other libraries are given of a recording; stand-ins for them note their arguments."""

import sys
from types import SimpleNamespace

import numpy as np
import pytest

from engram.analysis.recording import Recording, Samples
from engram.analysis.spikes import Spikes
from engram.analysis.tables import data_frame, dataset, neo_block
from engram.errors import InvalidArgument

STEPS = np.array([2, 4, 6])
VALUES = np.arange(6.0).reshape(3, 2)
LOCAL, GLOBAL = Samples(STEPS, VALUES), Samples(STEPS, VALUES[:, 0])
SPIKES = Spikes(np.array([3, 5, 4]), np.array([2, 1]), np.array([7, 9]))


def recording(samples=None, spikes=None, posts=None):
    return Recording("m", 0.5, np.array([7, 9]), samples or {}, spikes or {}, [(2, 8)], posts)


class Made:
    """What a stand-in returns: its arguments, and any attribute that is asked for."""

    def __init__(self, *args, **named):
        self.args, self.named, self.added = args, named, []
        self.segments = self.spiketrains = self.analogsignals = self.irregularlysampledsignals = self.added

    def annotate(self, **named):
        self.named.update(named)

    array_annotate = annotate


@pytest.fixture
def libraries(monkeypatch):
    found = {
        "pandas": SimpleNamespace(
            Index=lambda values, name: (name, np.asarray(values).tolist()),
            MultiIndex=SimpleNamespace(from_arrays=lambda arrays, names: (names, np.array(arrays).tolist())),
            DataFrame=Made,
            concat=Made,
        ),
        "xarray": SimpleNamespace(Dataset=Made),
        "neo": SimpleNamespace(
            Block=Made, Segment=Made, SpikeTrain=Made, AnalogSignal=Made, IrregularlySampledSignal=Made
        ),
        "quantities": SimpleNamespace(ms=1.0),
    }
    for name, module in found.items():
        monkeypatch.setitem(sys.modules, name, module)


def test_frame_of_a_variable_has_a_row_for_each_sample_and_a_column_for_each_rank(libraries):
    local, one = data_frame(recording({"v": LOCAL})), data_frame(recording({"g": GLOBAL}))

    assert local.args[0].tolist() == VALUES.tolist()
    assert local.args[1:] == (("time", [1.0, 2.0, 3.0]), ("rank", [7, 9]))
    assert one.args[0]["g"].tolist() == [0.0, 2.0, 4.0]


def test_synapses_are_told_by_both_their_neurons(libraries):
    found = recording({"w": LOCAL, "g": GLOBAL}, posts=np.array([4, 4]))
    joined, (variables, coordinates) = data_frame(found), dataset(found).args

    assert joined.args[0]["w"].args[2] == (["post", "pre"], [[4, 4], [7, 9]])
    assert [*joined.args[0]["g"].args[0]] == [("g", "")]
    assert joined.named["names"] == ["variable", "post", "pre"]
    assert (variables["w"][0], variables["g"][0]) == (["time", "synapse"], ["time"])
    assert {name: coordinates[name][1].tolist() for name in ("post", "pre")} == {"post": [4, 4], "pre": [7, 9]}
    assert {"post", "pre"} < {*neo_block(found).added[-1].added[0].named}


def test_frame_of_spikes_has_times_and_ranks(libraries):
    (columns,) = data_frame(recording(spikes={"spike": SPIKES})).args

    assert {name: values.tolist() for name, values in columns.items()} == {"time": [1.5, 2.0, 2.5], "rank": [7, 9, 7]}


def test_frame_of_several_variables_joins_theirs_and_has_no_spikes(libraries):
    joined = data_frame(recording({"v": LOCAL, "g": GLOBAL}))

    assert list(joined.args[0]) == ["v", "g"]
    assert joined.named == {"axis": 1, "names": ["variable", "rank"]}
    with pytest.raises(InvalidArgument, match=r"v, spike of monitor 'm' are not one table\n  help: .*'spike'"):
        data_frame(recording({"v": LOCAL}, {"spike": SPIKES}))


def test_dataset_has_coordinates_in_ms_and_spikes_beside(libraries):
    cube = Samples(STEPS, np.zeros((3, 1, 2)))
    variables, coordinates = dataset(recording({"v": LOCAL, "c": cube}, {"spike": SPIKES})).args

    assert [variables[name][0] for name in ("v", "c")] == [["time", "rank"], ["time", "dim_0", "dim_1"]]
    assert variables["spike_time"][1].tolist() == [1.5, 2.0, 2.5]
    assert coordinates["time"][1].tolist() == [1.0, 2.0, 3.0]
    assert coordinates["rank"][1].tolist() == [7, 9]


def test_block_has_a_train_for_each_neuron_and_a_signal_for_each_variable(libraries):
    gaps = Samples(np.array([2, 4, 7]), VALUES)
    block = neo_block(recording({"v": LOCAL, "u": gaps, "w": Samples(STEPS[:0], VALUES[:0])}, {"spike": SPIKES}))
    first, second, even, uneven = block.added[0].added

    assert [train.args[0].tolist() for train in (first, second)] == [[1.5, 2.5], [2.0]]
    assert first.named == {"t_start": 1.0, "t_stop": 4.0, "name": "spike 7", "rank": 7}
    assert (even.named["sampling_period"], even.named["t_start"], even.named["rank"].tolist()) == (1.0, 1.0, [7, 9])
    assert uneven.args[0].tolist() == [1.0, 2.0, 3.5]
