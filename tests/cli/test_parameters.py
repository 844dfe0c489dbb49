"""``engram parameters``."""

from __future__ import annotations

import json
import re
import warnings

import pytest

import engram as eg
from engram.cli import main
from engram.persistence.setting import with_parameters
from engram.storage.formats import SUFFIXES
from tests.cli.saved import LIF, saved
from tools.exactness.models import built

LOCAL = eg.Neuron("tau = 10.0 : population\nb = 1.0", "tau*dr/dt = -r + b")


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_parameters_are_those_that_the_network_writes(tmp_path, suffix, capsys):
    net = eg.Network(dt=1.0, seed=1)
    net.constant("k", 2.0)
    one = net.create(2, eg.Neuron("tau = 10.0 : population\na = 1.0", "tau*dr/dt = -r + k*a"), name="one")
    net.connect(one, one, "exc", eg.Synapse("eta = 0.5 : projection", "dw/dt = eta"), name="ee").all_to_all(1.0)
    net.compile()
    one.tau = 10.1 + 0.2
    net.constant("k", 3.5)
    net.save(tmp_path / f"a{suffix}")
    net.save_parameters(tmp_path / "expected.json")
    expected = (tmp_path / "expected.json").read_text()

    assert main(["parameters", str(tmp_path / f"a{suffix}"), "-o", str(tmp_path / "found.json")]) == 0
    assert (tmp_path / "found.json").read_text() == expected
    assert main(["parameters", str(tmp_path / f"a{suffix}")]) == 0
    assert capsys.readouterr().out == expected


def test_parameters_are_set_and_the_network_is_saved(tmp_path):
    a, b, c = (str(tmp_path / name) for name in ("a.npz", "b.json", "c.npz"))
    saved(a)

    assert main(["parameters", a, "-o", b]) == 0
    (tmp_path / "b.json").write_text((tmp_path / "b.json").read_text().replace("10.0", "12.5"))
    assert main(["parameters", a, "--apply", b, "-o", c]) == 0
    assert eg.read(c)["populations/exc/tau"][()] == 12.5


def test_what_can_not_be_done_is_told(tmp_path, capsys):
    net = eg.open(saved(tmp_path / "a.npz"))
    net.get_population("exc").save(tmp_path / "exc.npz")

    assert main(["parameters", str(tmp_path / "exc.npz")]) == 2
    assert "holds one population and no network" in capsys.readouterr().err
    assert main(["parameters", str(tmp_path / "a.npz"), "--apply", "p.json"]) == 2
    assert "--apply needs --output" in capsys.readouterr().err


def test_a_script_is_not_replaced_by_parameters(tmp_path, capsys):
    script = tmp_path / "make.py"
    script.write_text("import engram")

    assert main(["parameters", saved(tmp_path / "a.npz"), "-o", str(script)]) == 2
    assert "would be parameters as JSON text in a file called .py" in capsys.readouterr().err
    assert script.read_text() == "import engram"


def test_the_network_is_not_replaced_by_its_parameters(tmp_path, capsys):
    path = saved(tmp_path / "a.txt")
    before = (tmp_path / "a.txt").read_bytes()

    assert main(["parameters", path, "-o", path]) == 2
    assert "is a saved state" in capsys.readouterr().err
    assert (tmp_path / "a.txt").read_bytes() == before


@pytest.mark.parametrize("model", ["STDP", "inputs", "structural plasticity", "functions and constants"])
def test_file_without_its_network_is_the_one_that_the_network_writes(tmp_path, model):
    built(model, "none", 1).save(tmp_path / "a.npz")
    net = eg.open(tmp_path / "a.npz")
    net.save_parameters(tmp_path / "a.json")
    text = re.sub(r"\b(\d+\.\d+)", r"1\1", (tmp_path / "a.json").read_text())
    (tmp_path / "b.json").write_text(text)
    net.load_parameters(tmp_path / "b.json")
    net.save(tmp_path / "b.npz")
    with with_parameters(str(tmp_path / "a.npz"), str(tmp_path / "b.json")) as write:
        write(tmp_path / "c.npz")
    assert (tmp_path / "b.npz").read_bytes() == (tmp_path / "c.npz").read_bytes()
    assert (tmp_path / "a.npz").read_bytes() != (tmp_path / "c.npz").read_bytes()


@pytest.mark.filterwarnings("default")  # as users have it
def test_what_is_too_long_for_the_step_is_warned_of(tmp_path, capsys):
    source, given, out = saved(tmp_path / "a.npz", neuron=LOCAL, v=None), tmp_path / "p.json", tmp_path / "b.npz"
    given.write_text('{"populations": {"exc": {"tau": 0.25}}, "network": {"kept": [1]}}')
    assert main(["parameters", source, "--apply", str(given), "-o", str(out)]) == 0
    assert "dt = 1 ms is longer than tau = 0.25 ms" in capsys.readouterr().err
    assert main(["parameters", str(out), "-o", str(tmp_path / "found.json")]) == 0
    assert json.loads((tmp_path / "found.json").read_text())["network"] == {"kept": [1]}


@pytest.mark.filterwarnings("default")  # as users have it
def test_local_parameters_are_set_when_they_are_asked_for(tmp_path, capsys):
    source, given, out = saved(tmp_path / "a.npz", neuron=LOCAL, v=None), tmp_path / "p.json", tmp_path / "b.npz"
    given.write_text('{"populations": {"exc": {"b": 2.5}}}')
    asked = ["parameters", source, "--apply", str(given), "-o", str(out)]

    assert main(asked) == 2
    advice = "help: --local sets them, too, to one value for all elements.\n"
    assert capsys.readouterr().err.endswith(f"nothing was written\n  {advice}")
    assert not out.exists()
    assert main([*asked, "--local"]) == 0
    assert (eg.read(out)["populations/exc/b"][:] == 2.5).all()


def test_what_goes_wrong_in_the_middle_is_told_in_words(tmp_path, capsys, monkeypatch):
    def fail(file):
        warnings.warn("a \x1b[2J", eg.EngramWarning, stacklevel=1)
        raise MemoryError

    monkeypatch.setattr("engram.cli.commands.parameters.read", fail)
    with warnings.catch_warnings():
        warnings.simplefilter("default")
        assert main(["parameters", "a.npz"]) == 2
    warning, error = capsys.readouterr().err.splitlines()
    assert warning == "engram parameters: warning: a \\x1b[2J"
    assert error.startswith("engram parameters: this takes more memory than there is")


def test_parameters_of_what_a_file_was_saved_without_are_refused_by_path(tmp_path, capsys):
    net = eg.Network(dt=1.0, seed=1)
    pop = net.create(3, LIF, name="exc")
    net.connect(pop, pop, "exc", name="ee").one_to_one(0.5)
    net.compile(backend="numpy")
    net.save(part := str(tmp_path / "part.npz"), populations=False)
    net.save_parameters(given := tmp_path / "p.json")

    assert main(["parameters", part, "--apply", str(given), "-o", str(tmp_path / "b.npz")]) == 2
    said = capsys.readouterr().err
    assert "it was saved without the values of populations/exc/" in said
    assert "help: leave it out of the parameters" in said
    with warnings.catch_warnings():
        warnings.simplefilter("default")
        assert main(["parameters", part]) == 0
    assert "without the values of populations/exc: its parameters are not in it" in capsys.readouterr().err
    (tmp_path / "there.npz").write_bytes(b"x")
    for output in ("there.npz", "new.npz"):
        assert main(["parameters", part, "--apply", "nofile.json", "-o", str(tmp_path / output)]) == 2
        assert "there is no file 'nofile.json'" in capsys.readouterr().err
