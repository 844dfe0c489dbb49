"""A slice of ``make exactness``: every way and format, where most is under way; and the mutants of one."""

import pytest

from engram.storage.formats import SUFFIXES
from tools.exactness.__main__ import main
from tools.exactness.mutants import mutants

pytestmark = [pytest.mark.cc, pytest.mark.slow]
SLICE = ("model=inputs", "delays=per synapse", "split=in flight")


def only(*axes):
    return [word for axis in axes for word in ("--only", axis)]


def test_slice_of_the_matrix_passes(capsys):
    assert main([*only(*SLICE), "--no-mutants"]) == 0
    cells = 5 * len(SUFFIXES)  # ways and formats
    assert f"all      cells                          {cells} of {cells}" in capsys.readouterr().out


def test_cell_that_ends_elsewhere_fails_the_matrix(capsys, monkeypatch):
    """Else the matrix would prove nothing."""
    axes = only("model=STDP", "delays=uniform", "split=0", "format=.npz", "way=same process")
    monkeypatch.setattr("tools.exactness.__main__._in_process", lambda task: _forged(task["do"]))

    assert main([*axes, "--no-mutants"]) == 1
    assert "STDP, uniform, 0, .npz, same process: other" in capsys.readouterr().out


def _forged(do):
    return {"uniform": ("digest", [], [("0", ".npz", "same process", "other")]) if do == "write" else []}


def test_every_slot_that_a_file_lacks_or_holds_as_it_began_is_noticed(tmp_path):
    found = mutants("learning periods", "per synapse", tmp_path)

    assert {one.outcome for one in found} == {"refused", "seen"}
    assert len([one for one in found if one.kind == "initial"]) > 5
    assert len(found) > 60


def test_unknown_value_of_an_axis_is_refused():
    with pytest.raises(SystemExit, match="expected one of model, delays"):
        main(["--only", "model=nobody"])
