"""``engram run``."""

from __future__ import annotations

import pytest

import engram as eg
from engram.cli import main
from tests.cli.saved import saved


@pytest.mark.parametrize("until", ["20", "20ms", "0.02 s", "20.0"])
def test_network_of_a_file_goes_on_until_a_time(tmp_path, until, capsys):
    path, out = saved(tmp_path / "a.npz", dt=0.5), tmp_path / "b.engram"
    expected = eg.open(path)
    expected.simulate(20.0)

    assert main(["run", path, "--until", until, "-o", str(out)]) == 0
    assert capsys.readouterr().out == f"{out}: step 40, time 20 ms\n"
    assert eg.open(out).digest() == expected.digest()


@pytest.mark.filterwarnings("default")  # as users have it
def test_time_between_two_steps_is_rounded_up_and_said(tmp_path, capsys):
    path, out = saved(tmp_path / "a.npz", dt=0.5), tmp_path / "b.npz"

    assert main(["run", path, "--until", "1.2ms", "-o", str(out)]) == 0
    told = capsys.readouterr()
    assert told.out == f"{out}: step 3, time 1.5 ms\n"
    assert told.err.count("warning: ") == 1
    assert "--until: 1.2 ms are 2.4 steps of dt=0.5 ms: 1.5 ms are taken" in told.err


def test_name_of_the_output_is_told_in_one_line(tmp_path, capsys):
    out = tmp_path / "b\nc.npz"

    assert main(["run", saved(tmp_path / "a.npz"), "--until", "1ms", "-o", str(out)]) == 0
    assert capsys.readouterr().out.endswith("b\\nc.npz: step 1, time 1 ms\n")


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        ([], "--until and --output are needed"),
        (["--until", "10 years", "-o", "b.npz"], "expected a time, got '10 years'"),
        (["--until", "3ms", "-o", "b.npz"], "expected 5 ms, the time of"),
        (["--until", "9ms", "-o", "b.csv"], "can't be saved as '.csv'"),
        (["--until", "9ms", "-o", "."], "is a folder, not a file"),
        (["--until", "9ms", "-o", "b.npz/"], "names a folder, not a file\n  help: give the file a name"),
        (["--until", "9ms", "-o", "a.npz/b.npz"], "could not be written"),
    ],
)
def test_what_can_not_be_done_is_told_and_nothing_is_written(tmp_path, arguments, text, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    net = eg.open(saved("a.npz"))
    net.simulate(5.0)
    net.save("a.npz")
    monkeypatch.setattr(eg.Network, "simulate", None)  # before it is called

    assert main(["run", "a.npz", *arguments]) == 2
    assert [one.name for one in tmp_path.iterdir()] == ["a.npz"]
    assert text in capsys.readouterr().err
    assert not (tmp_path / "b.npz").exists()


def test_script_runs_and_its_status_is_the_commands(tmp_path, capsys):
    script = tmp_path / "a.py"
    script.write_text("import sys; open(sys.argv[0] + '.done', 'w').write(' '.join(sys.argv[1:])); sys.exit(3)")

    assert main(["run", str(script), "--until", "4", "--", "x"]) == 3
    assert (tmp_path / "a.py.done").read_text() == "--until 4 -- x"
    assert main(["run", "--until", "1s", str(script)]) == 2
    assert "is a script and takes none of --until" in capsys.readouterr().err
