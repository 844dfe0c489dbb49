"""``engram verify``."""

from __future__ import annotations

import json
import pickle

import numpy as np
import pytest
import xxhash

import engram as eg
from engram.cli import main
from engram.storage.formats import SUFFIXES
from tests.cli.saved import damage, saved


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_whole_file_gives_0_and_a_cut_one_1(tmp_path, suffix, capsys):
    path = tmp_path / f"a{suffix}"
    saved(path)

    assert main(["verify", str(path)]) == 0
    assert ": whole, " in capsys.readouterr().out
    path.write_bytes(path.read_bytes()[:-20])
    assert main(["verify", str(path)]) == 1
    assert capsys.readouterr().out.endswith(": damaged\n")


def test_damaged_value_is_named(tmp_path, capsys):
    v = np.array([1.25, 2.25, 6.25])
    path = saved(tmp_path / "a.engram", v=v)
    damage(path, v)

    assert main(["verify", path]) == 1
    assert "populations/exc/init/v: its bytes are damaged" in capsys.readouterr().out


def test_ranks_that_can_not_be_are_found_and_not_resealed(tmp_path, monkeypatch, capsys):
    net = eg.Network(dt=1.0, seed=1)
    one = net.create(3, eg.Neuron("tau = 10.0", "tau*dr/dt = -r + sum(exc)"), name="one")
    net.connect(one, one, "exc", name="ee").all_to_all(1.0)
    net.compile()
    net.save(tmp_path / "a.npz")
    with np.load(tmp_path / "a.npz") as file:
        arrays = dict(file)
    (ranks,) = (arrays[name] for name in arrays if name.endswith("ranks"))
    ranks[0] = 999
    edited, sealed = str(tmp_path / "b.npz"), str(tmp_path / "c.npz")
    np.savez(edited, **arrays)

    assert main(["convert", "--reseal", edited, sealed]) == 2
    assert "pre_ranks: values from 0 to 999, allowed are 0 to 2" in capsys.readouterr().err
    monkeypatch.setattr("engram.persistence.converting._check_resealed", lambda *_: None)
    assert main(["convert", "--reseal", edited, sealed]) == 0
    assert main(["verify", sealed]) == 1
    assert "pre_ranks: values from 0 to 999, allowed are 0 to 2" in capsys.readouterr().out
    np.savez(edited, **arrays, zz=np.zeros(3))
    assert main(["convert", "--reseal", edited, sealed]) == 2
    assert "the zip has 'zz.npy', which its manifest does not list" in capsys.readouterr().err


def _sealed(tmp_path, path, place, value, monkeypatch):
    """Return a network, its file, and that file with another value and right digests."""
    net = eg.Network(dt=1.0, seed=1)
    neuron = eg.Neuron("tau = 10.0", "tau*dv/dt = -v + g_exc", spike="v >= 0.0", reset="v = 0.0")
    one = net.create(3, neuron, name="one")
    net.connect(one, one, "exc", name="ee").all_to_all(1.0, delays=2.0)
    net.monitor(one[[0, 2]], "v", name="m")
    net.compile(backend="numpy")
    net.simulate(6.0)
    net.save(tmp_path / "a.npz")
    with np.load(tmp_path / "a.npz") as file:
        arrays = dict(file)
    arrays[path].flat[place] = value
    np.savez(tmp_path / "b.npz", **arrays)
    with monkeypatch.context() as patched:
        patched.setattr("engram.persistence.converting._check_resealed", lambda *_: None)
        eg.convert(tmp_path / "b.npz", tmp_path / "c.npz", reseal=True)
    return net, *(str(tmp_path / f"{name}.npz") for name in "abc")


@pytest.mark.parametrize(
    ("path", "place", "value", "message"),
    [
        ("projections/ee/delay_steps", 0, 0, "0, where 1 is the least that can be"),
        ("projections/ee/learning/period", 0, 0, "0, where 1 is the least that can be"),
        ("populations/one/internal/rate/window", 0, -1, "-1, where 0 is the least that can be"),
        ("populations/one/internal/rate/window", 0, 1 << 40, "where 1 is the most that the file has a past for"),
        ("populations/one/history/count", 0, 0, "counts of 3 spikes altogether, the lists have 6"),
        ("populations/one/history/count", 0, -1, "-1 spikes in a step, 0 to 3 are possible"),
        ("network/default_rng", 4, 2, "no state of a generator"),
        ("network/default_rng", 5, 1 << 40, "no state of a generator"),
        ("network/seed", 0, 2, "seed 2, the manifest says 1"),
        ("network/step", 0, 99, "step 99, the manifest says 6"),
    ],
)
def test_values_that_no_network_takes_are_found_by_all_commands(
    path, place, value, message, tmp_path, monkeypatch, capsys
):
    net, whole, edited, sealed = _sealed(tmp_path, path, place, value, monkeypatch)
    before, more = net.digest(), str(tmp_path / "d.npz")
    with pytest.raises(eg.DamagedFile, match=message):
        net.load(sealed)
    assert net.digest() == before
    for command, status in (
        (["verify", sealed], 1),
        (["inspect", sealed], 1),
        (["convert", sealed, more], 2),
        (["convert", "--reseal", edited, more], 2),
        (["diff", sealed, whole], 2),
    ):
        assert main(command) == status
        captured = capsys.readouterr()
        assert message in captured.out + captured.err
        assert f"{path}: " in captured.out + captured.err


@pytest.mark.parametrize("value", [1, 2])  # another neuron, and twice the same
def test_monitors_of_other_neurons_than_the_blueprint_says_are_found(value, tmp_path, monkeypatch, capsys):
    net, _, _, sealed = _sealed(tmp_path, "monitors/m/internal/ranks", 0, value, monkeypatch)
    before = net.digest()
    for load in (net.load, eg.open):
        with pytest.raises(eg.DamagedFile, match=r"c.npz' was not loaded: monitors/m/internal/ranks: other neurons"):
            load(sealed)
    assert net.digest() == before
    assert main(["verify", sealed]) == 1
    assert "monitors/m/internal/ranks: other neurons than the blueprint says" in capsys.readouterr().out


def test_models_that_are_not_what_their_fingerprints_say_are_found(tmp_path, capsys):
    path = tmp_path / "a.txt"
    saved(path)
    tree = pickle.loads(path.read_bytes())
    manifest = json.dumps(json.loads(tree["engram"].replace("-v + 1.0", "-v + 9.0")))
    seal = xxhash.xxh3_128_hexdigest(manifest.encode())
    path.write_bytes(pickle.dumps({**tree, "engram": manifest, "engram/digest": seal}))

    assert main(["verify", str(path)]) == 1
    assert "fingerprint: expected" in capsys.readouterr().out


@pytest.mark.parametrize("content", [None, b"a,b\n1,2\n"])
def test_what_is_no_file_of_engram_gives_2(tmp_path, content, capsys):
    path = tmp_path / "a.csv"
    if content is not None:
        path.write_bytes(content)

    assert main(["verify", str(path)]) == 2
    assert capsys.readouterr().err.startswith("engram verify: ")
