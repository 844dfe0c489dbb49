"""A slice of ``make fuzz``: some hundred spoilt files of each format; and what the judge says of what goes wrong."""

import os
import random

import pytest

import engram as eg
from engram.storage.formats import SUFFIXES
from tests.cases import check_each
from tools.fuzz.__main__ import main
from tools.fuzz.mutations import MUTATIONS
from tools.fuzz.target import PARAMETERS, Target, family_of

pytestmark = pytest.mark.slow


def test_slice_of_the_fuzzing_finds_nothing(capsys):
    """The formats share a process for each family of files: zips, pickles, MAT-files, HDF5, parameters."""
    assert main(["--count", "20", "--formats", ".npz,.gz,.mat,.h5,.json"]) == 0
    assert capsys.readouterr().out.count("\n") == 6


@pytest.fixture
def target(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    made = Target(".engram", tmp_path)
    made.net.load(tmp_path / "before.engram")  # imports what a load needs, which would be seen otherwise
    return made


def test_every_way_to_spoil_a_file_does_so(tmp_path):
    for suffix in {family_of(suffix): suffix for suffix in (*SUFFIXES, PARAMETERS)}.values():
        (tmp_path / suffix).mkdir()
        target = Target(suffix, tmp_path / suffix)

        def spoils(mutation, honest=target.honest):
            made = [mutation(random.Random(k), honest) for k in range(5)]
            assert any(data != honest for data in made)
            assert made == [mutation(random.Random(k), honest) for k in range(5)]

        check_each({mutation.__name__: (mutation,) for mutation in MUTATIONS[family_of(suffix)]}, spoils)


def test_judge_names_what_goes_wrong(target, monkeypatch):
    honest, before = target.honest, (target.folder / "before.engram").read_bytes()
    wrong = {
        "silent": lambda path: target.net.simulate(1.0),
        "changed": lambda path: (target.net.simulate(1.0), _refuse()),
        "crashed": lambda path: {}["x"],
        "executed": lambda path: os.system("true"),
    }

    assert target.tried(0, "nothing", honest).outcome == "equal"
    assert target.tried(0, "cut", honest[:-1]).outcome == "refused"
    assert target.tried(0, "another file", before).outcome == "silent"
    for outcome, load in wrong.items():
        monkeypatch.setattr(eg.Network, "load", _instead(target.net.load, load))
        assert target.tried(0, "nothing", honest).outcome == outcome
        monkeypatch.undo()


def _refuse():
    raise eg.EngramError("no")


def _instead(plain, load):
    """Load by the other function once."""
    ways = [load]
    return lambda net, path: ways.pop()(path) if ways else plain(path)
