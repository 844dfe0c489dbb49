"""Projections as tables."""

import sys
from types import SimpleNamespace

import numpy as np
import pytest

import engram as eg
from engram.errors import MissingLibrary, NotCompiled
from tests.network.small import LIF, rated, spiking

pytestmark = pytest.mark.cc


@pytest.fixture
def frames(monkeypatch):
    monkeypatch.setitem(sys.modules, "pandas", SimpleNamespace(DataFrame=lambda columns: columns))


def test_table_has_what_each_synapse_has_by_post_and_pre(frames):
    _, _, _, c = spiking()
    table = c.to_dataframe()

    assert list(table) == ["pre", "post", "w", "delay", "own"]
    assert table["pre"].tolist() == [x for row in c.pre_ranks for x in row]
    assert table["post"].tolist() == np.repeat(np.arange(6), 6).tolist()
    assert table["w"].tolist() == [x for row in c.w for x in row]
    assert table["delay"].tolist() == [x for row in c.delay for x in row]
    assert set(table["own"]) == {2.0}


def test_one_number_stands_in_each_row(frames):
    _, _, _, c = rated()
    table = c.to_dataframe()

    assert (list(table), len(table["pre"])) == (["pre", "post", "w", "delay"], 12)
    assert (set(table["w"]), set(table["delay"])) == ({0.5}, {1.0})


def test_table_connects_the_same_synapses_again(frames):
    net, p, q, c = spiking()
    other = eg.Network(seed=2)
    d = other.connect(other.create(6, LIF), other.create(6, LIF), "exc").connect_from(c.to_dataframe())
    other.compile()

    assert (d.pre_ranks, d.w, d.delay) == (c.pre_ranks, c.w, c.delay)


def test_table_needs_synapses_and_pandas(monkeypatch):
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(NotCompiled, match="projection 'c' has no synapses before"):
        spiking(compiled=False)[3].to_dataframe()
    with pytest.raises(MissingLibrary, match="pandas is not installed\n  help: pip install pandas"):
        spiking()[3].to_dataframe()
