"""``engram demo``: exact in all formats, and honest where one is not."""

from __future__ import annotations

import json

import pytest

from engram.cli import demo as module
from engram.cli import main
from engram.cli.demo_run import Outcome, resume_in_fresh_process

pytestmark = [pytest.mark.cc, pytest.mark.slow]

SAME = Outcome("d", {"exc": [[1, 2]]})


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def changed_children(monkeypatch):
    """Let the fresh processes of ``.gz`` and ``.mat`` fail, one by a bit and one altogether."""

    def resume(file, seed, threads):
        if file.endswith(".mat"):
            return "Traceback: [bold]the child died[/bold]\n"
        outcome = resume_in_fresh_process(file, seed, threads)
        assert isinstance(outcome, Outcome)
        return Outcome("0" * 32, outcome.spikes) if file.endswith(".gz") else outcome

    monkeypatch.setattr(module, "resume_in_fresh_process", resume)


def test_demo_resumes_to_the_bit_in_all_formats(folder, capsys):
    status = main(["demo"])
    out = capsys.readouterr().out

    assert status == 0
    assert out.splitlines()[-1] == f"resumed to the bit: {len(module.SUFFIXES)} of {len(module.SUFFIXES)} formats"
    assert (folder / "engram-demo.png").read_bytes().startswith(b"\x89PNG")
    assert {file.suffix for file in (folder / "engram-demo").glob("network.*")} == set(module.SUFFIXES)
    parameters = json.loads((folder / "engram-demo" / "parameters.json").read_text())
    assert parameters["projections"]["PFC_exc_to_inh"]["A_plus"] == 0.0003


def test_demo_when_a_format_differs_says_so_and_fails(folder, capsys, changed_children):
    status = main(["demo"])
    out = capsys.readouterr().out

    assert status == 1
    assert out.splitlines()[-1] == f"resumed to the bit: {len(module.SUFFIXES) - 2} of {len(module.SUFFIXES)} formats"
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
