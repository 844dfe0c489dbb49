"""``engram convert``, and what the other commands say of files of ANNarchy."""

from __future__ import annotations

import json

import pytest

from engram.cli import main
from tests.cli.saved import saved
from tests.persistence.their_networks import FOLDERS

RAGGED = next(folder for folder in FOLDERS if folder.name == "ragged")


def test_a_file_becomes_another_and_one_for_annarchy(tmp_path, capsys):
    a, b, c = saved(tmp_path / "a.npz"), str(tmp_path / "b.engram"), str(tmp_path / "c.txt")

    assert main(["convert", a, b]) == 0
    assert main(["convert", a, c, "--to", "annarchy"]) == 0
    assert "(ANNarchy pickle)" in capsys.readouterr().out

    assert main(["diff", a, b]) == 0
    capsys.readouterr()
    assert main(["diff", a, c]) == 0  # of what both can hold
    assert main(["convert", c, str(tmp_path / "d.npz")]) == 2
    assert "no equations" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["data.npz", "data.mat", "data.txt", "data.txt.gz"])
def test_files_of_annarchy_are_shown_and_said_to_have_no_digests(name, capsys):
    file = str(RAGGED / name)

    assert main(["inspect", file]) == 0
    found = capsys.readouterr().out
    assert "written by ANNarchy\n  step 100\n" in found
    assert "delays           float64  1 number   1 ms" in found
    assert found.endswith("digests: none, as ANNarchy writes none: changed numbers would not be noticed\n")

    assert main(["inspect", "--json", file]) == 0
    facts = json.loads(capsys.readouterr().out)
    assert (facts["origin"], facts["step"], facts["seed"], facts["dt"]) == ("ANNarchy", 100, None, None)

    assert main(["verify", file]) == 0
    assert "readable, 43 values; ANNarchy writes no digests" in capsys.readouterr().out


def test_files_of_annarchy_are_compared(capsys):
    assert main(["diff", str(RAGGED / "data.npz"), str(RAGGED / "data.mat")]) == 0
    capsys.readouterr()
    assert main(["diff", str(RAGGED / "data.npz"), str(RAGGED / "proj0.npz")]) == 1
    found = capsys.readouterr().out
    assert "kind: network in A, projection in B" in found
    assert "populations/pop0/v: in A only" in found


@pytest.mark.parametrize("suffix", [".csv", ".wav", ".safetensors"])
def test_a_file_for_annarchy_has_no_suffix_of_other_programs(tmp_path, suffix, capsys):
    target = tmp_path / f"b{suffix}"

    assert main(["convert", saved(tmp_path / "a.npz"), str(target), "--to", "annarchy"]) == 2
    assert f"can't be saved as '{suffix}'" in capsys.readouterr().err
    assert not target.exists()
