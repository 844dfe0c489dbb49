"""Flags behind the name of a script: what they do, and that others are the script's."""

import subprocess
import sys

import numpy as np
import pytest

import engram as eg
import engram.annarchy as ann
from engram.annarchy import command_line
from engram.annarchy.command_line import Options, read_options

LEAKY = "tau*dv/dt = 1.0 - v\nr = v"


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("", Options()),
        ("-j 4", Options((("num_threads", 4),))),
        ("-j4 --prec=single", Options((("num_threads", 4), ("dtype", "float32")))),
        ("--num-threads=2 --prec double", Options((("num_threads", 2), ("dtype", "float64")))),
        ("--report --profile", Options(report=True, profile=True)),
        ("--profile-out=a.txt", Options(profile=True, profile_out="a.txt")),
        ("-v --verbose --clean --debug --trace 3 --auto-tuning --visible-cores 0,1", Options()),
        ("input.txt -n 5 --junk=3 --profiles -", Options()),
    ],
)
def test_flags_are_read_and_others_left_to_the_script(line, expected):
    assert read_options(line.split()) == expected


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("-j many", "--num-threads many: .*\n  it is left out"),
        ("--num-threads", "--num-threads : .*\n  it is left out"),
        ("-j=0", "--num-threads 0: num_threads: expected a whole number from 1 .*\n  it is left out"),
        ("--prec=half", "--prec half: dtype: expected eg.float32 .*\n  it is left out"),
        ("--gpu=1", "--gpu: networks are computed by processors\n  it is left out"),
    ],
)
def test_value_that_can_not_be_is_left_out_with_a_warning(line, told):
    with pytest.warns(UserWarning, match=told):
        assert read_options(line.split()) == Options()


def ask(monkeypatch, line):
    monkeypatch.setattr(command_line, "OPTIONS", read_options(line.split()))


@pytest.mark.cc
def test_networks_are_as_the_command_line_says(monkeypatch, tmp_path, capsys):
    monkeypatch.chdir(tmp_path)
    ask(monkeypatch, "-j 2 --prec=single --report --profile")
    neuron = ann.Neuron(parameters="tau = 10.0 : population", equations=LEAKY)
    ann.clear()
    ann.setup(num_threads=1, dtype=eg.float64)
    pop = ann.Population(3, neuron, name="cells")
    ann.compile()
    ann.simulate(5.0)
    assert ann.magic_network()._core.config.num_threads == 2
    assert np.asarray(pop.v).dtype == np.float32
    assert (tmp_path / "report.tex").read_text().startswith("\\documentclass")
    assert "5 steps in" in capsys.readouterr().out
    ann.clear()

    ask(monkeypatch, "--profile-out=times.txt --report")
    net = ann.Network(dt=1.0)
    net.create(3, neuron)
    net.compile()
    net.simulate(4.0)
    net.simulate(6.0)
    lines = (tmp_path / "times.txt").read_text().splitlines()
    assert [line.split(" in ")[0] for line in lines if " in " in line] == ["4 steps", "6 steps"]
    assert (tmp_path / f"report_{net.id}.tex").exists()


@pytest.mark.cc
def test_script_is_read_from_its_command_line(tmp_path):
    script = tmp_path / "script.py"
    script.write_text(
        "import engram.annarchy4 as ann\n"
        "pop = ann.Population(2, ann.Neuron(equations='r = 1.0'))\n"
        "ann.compile()\nconfig = ann.magic_network()._core.config\nprint(config.num_threads, config.dtype)\n"
    )
    command = [sys.executable, str(script), "--prec", "single", "-j3", "mine"]
    assert subprocess.run(command, check=True, capture_output=True, text=True).stdout == "3 float32\n"
