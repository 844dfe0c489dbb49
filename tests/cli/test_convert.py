"""``engram convert``, and what the other commands say of files of ANNarchy."""

from __future__ import annotations

import gzip
import json
import pickle
import zipfile

import numpy as np
import pytest
from scipy.io import loadmat, savemat

import engram as eg
from engram.cli import main
from engram.errors import DamagedFile
from tests.cli.saved import saved
from tests.persistence.annarchy_networks import FOLDERS

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
    assert {(one["digest"], one["state"]) for one in facts["values"].values()} == {(None, None)}

    assert main(["verify", file]) == 0
    assert "readable, 43 values; ANNarchy writes no digests" in capsys.readouterr().out


def test_files_of_annarchy_are_compared(capsys):
    assert main(["diff", str(RAGGED / "data.npz"), str(RAGGED / "data.mat")]) == 0
    capsys.readouterr()
    assert main(["diff", str(RAGGED / "data.npz"), str(RAGGED / "proj0.npz")]) == 1
    found = capsys.readouterr().out
    assert "kind: network in A, projection in B" in found
    assert "populations/pop0/v: in A only" in found


@pytest.mark.parametrize("suffix", [".csv", ".wav", ".safetensors", ".tar.gz", ".mod"])
def test_a_file_for_annarchy_has_no_suffix_of_other_programs(tmp_path, suffix, capsys):
    target = tmp_path / f"b{suffix}"

    assert main(["convert", saved(tmp_path / "a.npz"), str(target), "--to", "annarchy"]) == 2
    assert f"can't be saved as '{suffix}'" in capsys.readouterr().err
    assert not target.exists()


def test_a_file_for_annarchy_replaces_no_saved_state(tmp_path, capsys):
    source, other = saved(tmp_path / "a.npz"), saved(tmp_path / "b.npz")
    (tmp_path / "link.npz").symlink_to(source)
    before = (tmp_path / "a.npz").read_bytes()

    for target, what in (
        (source, "the file that is converted"),
        (tmp_path / "link.npz", "the file that is converted"),
        (other, "a saved state"),
    ):
        assert main(["convert", source, str(target), "--to", "annarchy"]) == 2
        assert f"is {what}, which a file for ANNarchy" in capsys.readouterr().err
    assert (tmp_path / "a.npz").read_bytes() == (tmp_path / "b.npz").read_bytes() == before
    theirs = str(tmp_path / "c.npz")
    assert main(["convert", source, theirs, "--to", "annarchy"]) == 0
    assert main(["convert", source, theirs, "--to", "annarchy"]) == 0  # theirs is no state


@pytest.mark.parametrize("suffix", [".npz", ".gz", ".txt"])
def test_a_file_for_annarchy_replaces_no_state_of_another_version(suffix, tmp_path, capsys, monkeypatch):
    source, newer = saved(tmp_path / "a.npz"), tmp_path / f"b{suffix}"
    with monkeypatch.context() as patched:
        for module in ("save", "manifest"):
            patched.setattr(f"engram.storage.{module}.FORMAT_VERSION", 99)
        patched.setattr("engram.storage.manifest.READ_VERSIONS", range(1, 100))
        saved(newer)
    before = newer.read_bytes()

    assert main(["convert", source, str(newer), "--to", "annarchy"]) == 2
    assert "is a saved state, which a file for ANNarchy" in capsys.readouterr().err
    assert newer.read_bytes() == before


@pytest.mark.parametrize("suffix", [".npz", ".gz", ".txt"])
def test_names_with_a_slash_stay_those_of_annarchy(suffix, tmp_path):
    facts = {"attributes": ["v"], "parameters": [], "variables": ["v"]}
    one = {"name": "PFC/exc", "geometry": (2,), "size": 2, **facts, "v": np.array([0.5, 1.5])}
    root = {"time_step": 3, "PFC/exc": one, "obj_names": {"populations": ["PFC/exc"], "projections": []}}
    (tmp_path / "a.txt").write_bytes(pickle.dumps(root))

    assert main(["convert", str(tmp_path / "a.txt"), str(tmp_path / f"b{suffix}"), "--to", "annarchy"]) == 0
    if suffix == ".npz":
        with np.load(tmp_path / "b.npz", allow_pickle=True) as file:
            found = {name: file[name].item() for name in file}
    else:
        start = gzip.open if suffix == ".gz" else open
        with start(tmp_path / f"b{suffix}", "rb") as stream:
            found = pickle.load(stream)
    assert found["PFC/exc"]["name"] == "PFC/exc"
    assert found["obj_names"]["populations"] == ["PFC/exc"]
    assert eg.read(tmp_path / f"b{suffix}")["populations/PFC%2Fexc/v"][:].tolist() == [0.5, 1.5]


@pytest.mark.filterwarnings("default::engram.errors.EngramWarning")  # as where nobody makes errors of them
def test_a_file_without_values_of_objects_is_said_to_have_none(tmp_path, capsys):
    net = eg.open(saved(tmp_path / "a.npz"))
    net.save(tmp_path / "b.npz", populations=False, projections=False)

    assert main(["parameters", str(tmp_path / "b.npz")]) == 0
    assert "saved without the values of populations/exc: its" in capsys.readouterr().err
    assert main(["convert", str(tmp_path / "b.npz"), str(tmp_path / "c.txt"), "--to", "annarchy"]) == 2
    assert "b.npz' was not loaded: it has no values of its objects\n  help: take a file" in capsys.readouterr().err
    assert not (tmp_path / "c.txt").exists()


def _edit(path):
    """Change v[0], as NumPy's users would, or those of pickle or of h5py."""
    match path.suffix:
        case ".npz":
            with np.load(path) as file:
                arrays = dict(file)
            arrays["populations/exc/v"][0] = 7.0
            np.savez(path, **arrays)
        case ".mat":
            tree = {name: one for name, one in loadmat(path, simplify_cells=True).items() if name[0] != "_"}
            tree["exc"]["v"][0] = 7.0
            savemat(path, tree, long_field_names=True)
        case ".h5":
            with pytest.importorskip("h5py").File(path, "a") as file:
                file["populations/exc/v"][0] = 7.0
        case _:
            start = gzip.open if path.suffix == ".gz" else open
            with start(path, "rb") as stream:
                tree = pickle.load(stream)
            tree["populations"]["exc"]["v"][0] = 7.0
            with start(path, "wb") as stream:
                pickle.dump(tree, stream)


@pytest.mark.parametrize("suffix", [".npz", ".gz", ".txt", ".mat", ".h5"])
def test_a_file_edited_by_hand_is_refused_until_it_is_hashed_anew(tmp_path, suffix, capsys):
    source, target = tmp_path / f"a{suffix}", tmp_path / "b.npz"
    saved(source)
    _edit(source)

    with pytest.raises(DamagedFile, match="edited on purpose, engram convert --reseal FILE NEW"):
        eg.open(source)
    assert main(["convert", str(source), str(target)]) == 2
    assert main(["convert", "--reseal", str(source), str(target)]) == 0
    assert eg.open(target).get_population("exc").v.tolist() == [7.0, 0.5, 0.5]


def test_numbers_that_are_none_of_the_type_are_refused(tmp_path):
    source = tmp_path / "a.mat"
    saved(source)
    tree = {name: one for name, one in loadmat(source, simplify_cells=True).items() if name[0] != "_"}
    tree["exc"]["enabled"] = 2
    savemat(source, tree, long_field_names=True)
    with pytest.raises(DamagedFile, match="exc/enabled: the manifest says bool, which numbers"):
        eg.convert(source, tmp_path / "b.mat", reseal=True)
    assert not (tmp_path / "b.mat").exists()


def test_a_zip_whose_members_were_copied_is_told_and_becomes_the_same_file_again(tmp_path):
    source, copy = saved(tmp_path / "a.npz"), tmp_path / "b.npz"
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(copy, "w") as new:
        for name in old.namelist():
            new.writestr(name, old.read(name))

    with pytest.raises(DamagedFile, match="another program has written the zip anew"):
        eg.read(copy)
    eg.convert(copy, tmp_path / "c.npz", reseal=True)
    assert (tmp_path / "c.npz").read_bytes() == (tmp_path / "a.npz").read_bytes()
