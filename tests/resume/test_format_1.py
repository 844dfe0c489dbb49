"""Files of format version 1, written once, load for ever: with every value that they had, and on to the bit."""

import importlib.util
from pathlib import Path

import numpy as np
import pytest

import engram as eg

FOLDER = Path(__file__).parents[1] / "data" / "format-1"
SAVED, LATER = "625e8539307b507175a24c3f5a25a83d", "800fc577f169aac1a2a5f5493189e3d1"  # never to be changed

pytestmark = pytest.mark.cc

spec = importlib.util.spec_from_file_location("format_1", FOLDER / "make.py")
made = importlib.util.module_from_spec(spec)
spec.loader.exec_module(made)


@pytest.mark.parametrize("suffix", made.SUFFIXES)
def test_network_opens_without_its_script_and_goes_on(suffix):
    net = eg.open(FOLDER / f"network{suffix}", num_threads=3 if suffix == ".engram" else 1)
    assert net.digest() == SAVED
    net.simulate(made.MORE_MS)
    assert net.digest() == LATER


@pytest.mark.parametrize("suffix", made.SUFFIXES)
def test_network_of_the_script_loads_it(suffix):
    net = made.build()
    net.config(seed=99)
    net.get_population("exc").compute_firing_rate(20.0)
    net.compile()

    assert net.load(FOLDER / f"network{suffix}").exact
    assert net.digest() == SAVED


def test_parts_and_parameters_load():
    net, whole = made.build(), eg.open(FOLDER / "network.npz")
    net.get_population("exc").compute_firing_rate(20.0)
    net.compile()
    net.get_population("exc").load(FOLDER / "population.npz")
    net.get_projection("recurrent").load(FOLDER / "projection.npz")
    net.load_parameters(FOLDER / "parameters.json")

    assert np.array_equal(net.get_population("exc").v, whole.get_population("exc").v)
    assert np.array_equal(net.get_projection("recurrent").array("w"), whole.get_projection("recurrent").array("w"))
    assert net.get_constant("gain") == 1.5
