"""Every script of examples/ runs (quickly), prints, draws, and finds about what its paper says."""

from __future__ import annotations

import re
import runpy
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import matplotlib
import pytest
from matplotlib import pyplot as plt

matplotlib.use("Agg")

ROOT = Path(__file__).resolve().parents[2]
SCRIPTS = sorted(path.stem for path in (ROOT / "examples").glob("*.py"))

# Bounds of what main() returns in a quick run: around the expected value, wide enough for other random numbers.
EXPECTED = {
    "bcm": {"best response": (8.0, 12.0), "second response": (-0.5, 1.0), "selective": (0.8, 1.0), "patterns": (5, 10)},
    "bold": {
        "peak of the flow (s)": (2.4, 2.45),
        "peak (s)": (3.0, 4.0),
        "undershoot / peak": (0.1, 0.3),
        "second / first after 1 s": (0.4, 0.8),
        "second / first after 24 s": (0.97, 1.03),
        "plateau (%)": (1.22, 1.32),
        "plateau by the equations (%)": (1.26, 1.29),
    },
    "brunel": {
        "rate of SR (Hz)": (330.0, 336.0),
        "CV of SR": (0.0, 0.05),
        "rate of SI fast (Hz)": (57.0, 63.0),
        "CV of SI fast": (0.5, 1.1),
        "rate of AI (Hz)": (35.5, 40.0),
        "rate of SI slow (Hz)": (3.5, 7.5),
    },
    "chaos": {
        "variance at g = 0.8": (0.0, 0.001),
        "variance at g = 1.5": (0.6, 0.9),
        "variance at g = 2": (1.6, 2.3),
        "growth of a difference (1/s)": (2.0, 20.0),
    },
    "closed_loop": {"nearest of the worst, crossed": (0.0, 0.3), "nearest of all, straight": (2.0, 4.0)},
    "coba_cuba": {"rate of COBA (Hz)": (10.0, 28.0), "rate of CUBA (Hz)": (5.0, 6.2), "CV of COBA": (0.7, 2.0)},
    "connectome": {"neurons": (2000, 2000), "equal": (2000, 2000), "reached": (1900, 2000)},
    "force": {"error while learning": (0.0, 0.1), "error alone": (0.0, 0.2), "size of the target": (0.71, 0.74)},
    "gap_junctions": {"coupling error": (0.0, 1e-6), "alone": (3.0, 5.0), "coupled": (0.0, 0.05)},
    "hodgkin_huxley": {
        "threshold (uA/cm2)": (6.3, 6.5),
        "lowest rate (Hz)": (50.0, 57.0),
        "rate at 10 uA/cm2 (Hz)": (67.5, 69.0),
        "peak (mV)": (39.0, 42.0),
    },
    "izhikevich": {"rate (Hz)": (6.5, 8.2), "rhythm (Hz)": (5.0, 14.0)},
    "neural_field": {
        "distance, two inputs": (0.0, 1.0),
        "distance, nothing": (0.0, 1.0),
        "distance, another input": (0.0, 1.0),
        "distance, nothing again": (0.0, 1.0),
        "size, nothing": (35, 55),
        "size, nothing again": (35, 55),
    },
    "parameters_json": {
        "longest/shortest, tonic": (1.0, 1.15),
        "longest/shortest, adapting": (4.0, 8.0),
        "last interval, initial burst": (50.0, 80.0),
        "first interval, initial burst": (2.0, 6.0),
        "longest/shortest, regular bursting": (15.0, 50.0),
    },
    "saving": {"loaded": (1, 1), "opened": (1, 1)},
    "stdp": {
        "below a fifth": (0.3, 0.7),
        "above four fifths": (0.1, 0.4),
        "first rate (Hz)": (70.0, 110.0),
        "last rate (Hz)": (10.0, 35.0),
        "CV": (0.5, 1.1),
    },
    "parameter_study": {"mean deviation": (0.0, 0.04), "largest deviation": (0.0, 0.15)},
    "structural_plasticity": {
        "synapses at first": (120.0, 120.0),
        "synapses at last": (90.0, 200.0),
        "distance": (0.0, 4.0),
        "distance after the change": (0.0, 12.0),
    },
    "structured_input": {"error of the correlation": (-0.08, 0.08), "rate (Hz)": (7.0, 13.0)},
    "vogels2011": {"rate before (Hz)": (140.0, 190.0), "rate (Hz)": (3.0, 10.0), "CV": (0.5, 1.1)},
}

pytestmark = [
    pytest.mark.cc,
    pytest.mark.slow,
    pytest.mark.filterwarnings("error::engram.EngramWarning"),  # also those that other tests may ignore
]


@pytest.mark.parametrize("name", SCRIPTS)
def test_example_finds_what_is_expected_and_draws_it(name, tmp_path, capsys):
    figure = tmp_path / "figure.png"

    found = import_module(f"examples.{name}").main(quick=True, output=str(figure))

    assert capsys.readouterr().out
    assert plt.imread(figure).shape[1] >= 800
    assert plt.get_fignums() == []
    wrong = {key: found[key] for key, (low, high) in EXPECTED[name].items() if not low <= found[key] <= high}
    assert wrong == {}


@pytest.mark.parametrize("name", SCRIPTS)
def test_example_takes_the_arguments_that_all_take(name, monkeypatch, capsys):
    file = ROOT / "examples" / f"{name}.py"
    monkeypatch.setattr(sys, "argv", [str(file), "--help"])

    with pytest.raises(SystemExit) as end:
        runpy.run_path(str(file), run_name="__main__")

    assert end.value.code == 0
    assert {"--quick", "--output"} <= set(re.findall(r"--\w+", capsys.readouterr().out))
    assert f'default="{name}.png"' in file.read_text(encoding="utf-8")


def test_example_runs_from_the_command_line(tmp_path):
    command = [sys.executable, "-W", "error", str(ROOT / "examples" / "saving.py"), "--quick"]

    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr
    assert "the same bits: True (loaded), True (opened)" in done.stdout
    assert {path.name for path in tmp_path.iterdir()} == {"saving.png", "saving.npz"}


def test_readme_lists_all_examples():
    text = (ROOT / "examples" / "README.md").read_text(encoding="utf-8")

    assert re.findall(r"^\| \[(\w+)\]\(\1\.py\)", text, re.MULTILINE) == SCRIPTS
