"""``engram demo``: exact in all formats, and honest where one is not."""

from __future__ import annotations

import functools
import json
import os
import re
import subprocess
import sys

import pytest

from engram.cli import main
from engram.cli.commands import demo as module
from engram.cli.demo_plot import Picture, _stacked
from engram.cli.demo_run import Outcome, resume_in_fresh_process

pytestmark = [pytest.mark.cc, pytest.mark.slow]

SAME = Outcome("d", {"exc": [[1, 2]]})


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def changed_children(monkeypatch):
    """Let the fresh processes of ``.gz`` and ``.mat`` fail, one by a bit and one altogether; one is enough."""
    fresh = functools.cache(lambda seed, threads: resume_in_fresh_process("engram-demo/network.npz", seed, threads))

    def resume(file, seed, threads):
        if file.endswith(".mat"):
            return "Traceback: [bold]the child died[/bold]\n"
        outcome = fresh(seed, threads)
        assert isinstance(outcome, Outcome)
        return Outcome("0" * 32, outcome.spikes) if file.endswith(".gz") else outcome

    monkeypatch.setattr(module, "resume_in_fresh_process", resume)


def test_demo_resumes_to_the_bit_in_all_formats_and_is_quiet_outside_a_terminal(folder, capsys):
    status = main(["demo"])
    out, err = capsys.readouterr()

    assert status == 0
    assert err == ""
    assert re.search(r"engram-demo\.png: 0 of \d,\d{3} spikes after the save differ", out)
    assert 'eg.open("engram-demo/network.npz")' in out
    assert out.splitlines()[-1] == f"resumed to the bit: {len(module.BUILT_IN)} of {len(module.BUILT_IN)} formats"
    assert (folder / "engram-demo.png").read_bytes().startswith(b"\x89PNG")
    assert {file.suffix for file in (folder / "engram-demo").glob("network.*")} == set(module.BUILT_IN)
    parameters = json.loads((folder / "engram-demo" / "parameters.json").read_text())
    assert parameters["projections"]["PFC_exc_to_inh"]["A_plus"] == 0.0003


def test_demo_when_a_format_differs_says_so_and_fails(folder, capsys, changed_children):
    status = main(["demo"])
    out = capsys.readouterr().out

    assert status == 1
    assert out.splitlines()[-1] == f"resumed to the bit: {len(module.BUILT_IN) - 2} of {len(module.BUILT_IN)} formats"
    assert "[bold]the child died[/bold]" in out
    assert "0" * 32 in "".join(out.split())


@pytest.mark.parametrize(
    ("other", "is_same"),
    [
        (Outcome("d", {"exc": [[1, 2]]}, load_s=3.0), True),
        (Outcome("e", {"exc": [[1, 2]]}), False),
        (Outcome("d", {"exc": [[1, 3]]}), False),
    ],
)
def test_outcomes_are_the_same_by_digest_and_spikes(other, is_same):
    assert SAME.is_same(other) is is_same


def test_fresh_process_when_the_file_is_damaged_gives_its_message(folder):
    (folder / "network.npz").write_bytes(b"PK\3\4 nothing")
    said = resume_in_fresh_process("network.npz", 7, 1)

    assert isinstance(said, str)
    assert "network.npz" in said


def test_folder_that_cant_be_made_is_told_with_what_to_do(folder, monkeypatch, capsys):
    def refuse(self, **settings):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(type(module.FOLDER), "mkdir", refuse)

    assert main(["demo"]) == 2
    assert re.search(r"(?s)can't be made in .*: Permission denied\n  help: .*mkdir", capsys.readouterr().err)


def test_table_is_printed_where_only_ascii_is_known(folder):
    row = "module._Row('.npz', 1.0, 0.1, 0.1, '', None)"
    text = f"from engram.cli.commands import demo as module; module._print_table([{row}])"
    environment = {**os.environ, "PYTHONIOENCODING": "ascii"}
    done = subprocess.run([sys.executable, "-c", text], capture_output=True, env=environment, check=True)

    assert done.stdout.isascii()


def test_spikes_that_only_one_run_has_are_counted_from_the_save_on():
    one = Outcome("d", {"a": [[1, 2], [5, 1], [6, 1]], "b": [[5, 1]]})
    other = Outcome("d", {"a": [[5, 1], [7, 1]], "b": [[5, 1]]})

    assert module._count_differing(one, other, 5) == (2, 3)


def test_populations_stand_as_high_as_they_have_neurons():
    picture = Picture({"a": 10, "b": 5}, {}, None, "", "", 0.5, 0.0, 1.0, [], {})
    times, neurons = _stacked({"a": [[2, 1]], "b": [[4, 3]]}, picture)

    assert (times.tolist(), neurons.tolist()) == ([1.0, 2.0], [1, 13])
