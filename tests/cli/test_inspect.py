"""``engram inspect``."""

from __future__ import annotations

import json

import numpy as np
import pytest

import engram as eg
from engram.cli import main
from engram.storage.formats import SUFFIXES
from tests.cli.saved import damage, saved


def test_tree_has_shapes_numbers_models_and_the_state_of_digests(tmp_path, capsys):
    path = saved(tmp_path / "a.gz", v=[1.0, 2.0, 6.0])

    assert main(["inspect", path]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith(f"{path}: network, gz, format 1, engram ")
    assert lines[1] == "  step 0, time 0 ms, dt 1 ms, seed 1"
    assert "  v                float64  3          min 1  mean 3  max 6" in lines
    assert "  | parameters: tau = 10.0 : population" in lines
    assert lines[-1].startswith("digests: ")
    assert lines[-1].endswith("are what was saved")
    assert not any("last_spike" in line or "init/v" in line for line in lines)


def test_all_lists_hidden_values(tmp_path, capsys):
    assert main(["inspect", saved(tmp_path / "a.npz"), "--all"]) == 0
    assert "  init/v " in capsys.readouterr().out


@pytest.mark.filterwarnings("ignore::UserWarning")  # of values that are no numbers
def test_json_has_every_value_and_no_number_that_json_lacks(tmp_path, capsys):
    path = saved(tmp_path / "a.npz", v=[np.nan, np.inf, 2.0])

    assert main(["inspect", path, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    with eg.read(path) as file:
        assert {*found["values"]} == {*file}
        assert found["values"]["populations/exc/v"] == {
            "shape": [3],
            "dtype": "float64",
            "unit": "",
            "role": "state",
            "digest": file["populations/exc/v"].digest,
            "min": 2.0,
            "mean": 2.0,
            "max": 2.0,
            "not_finite": 2,
            "state": "whole",
        }


def test_damage_gives_status_1_and_what_was_not_read_is_told(tmp_path, capsys):
    v = np.array([1.25, 2.25, 6.25])
    path = saved(tmp_path / "a.engram", v=v)
    damage(path, v)

    assert main(["inspect", path]) == 1
    said = capsys.readouterr().out
    assert "  v                float64  3          unread" in said
    assert "populations/exc/init/v: its bytes are damaged" in said
    assert main(["inspect", path, "--json"]) == 1
    assert json.loads(capsys.readouterr().out)["values"]["populations/exc/v"]["state"] == "unread"


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_json_of_a_file_that_is_cut_has_the_same_fields(tmp_path, suffix, capsys):
    whole, half = tmp_path / f"a{suffix}", tmp_path / f"half{suffix}"
    saved(whole)
    half.write_bytes(whole.read_bytes()[:-500])

    assert main(["inspect", str(whole), "--json"]) == 0
    fields = [*json.loads(capsys.readouterr().out)]
    assert main(["inspect", str(half), "--json"]) == 1
    found = json.loads(capsys.readouterr().out)
    assert [*found] == fields
    assert found["path"] == str(half)
    assert found["faults"]
    assert "help:" not in "".join(found["faults"])
    for command in (["convert", str(half), str(tmp_path / "b.npz")], ["diff", str(whole), str(half)]):
        assert main(command) == 2
        assert "half" in capsys.readouterr().err.splitlines()[0]


def test_models_that_objects_share_are_written_once(tmp_path, capsys):
    net = eg.Network(dt=1.0, seed=1)
    neuron = eg.Neuron("a = 1.0", "r = a")
    for name in ("one", "two"):
        net.create(1, neuron, name=name)
    net.compile()
    net.save(tmp_path / "a.npz")

    assert main(["inspect", str(tmp_path / "a.npz")]) == 0
    assert "  model as in populations/one\n" in capsys.readouterr().out


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_cut_file_gives_status_1_whatever_its_format(tmp_path, suffix, capsys):
    path = tmp_path / f"a{suffix}"
    saved(path)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])

    assert main(["inspect", str(path)]) == 1
    said = capsys.readouterr()
    assert "damaged: " in said.out or said.err.startswith("engram inspect: ")
