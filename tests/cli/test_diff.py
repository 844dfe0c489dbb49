"""``engram diff``."""

from __future__ import annotations

import numpy as np
import pytest

import engram as eg
from engram.cli import main
from engram.storage.formats import SUFFIXES
from tests.cli.saved import LIF, damage, saved


def differences(capsys, a, b):
    assert main(["diff", a, b]) == 1
    return capsys.readouterr().out.splitlines()[2:]


def test_monitors_and_callbacks_of_one_side_are_told_with_the_side(tmp_path, capsys):
    net = eg.Network(dt=1.0, seed=1)
    net.create(3, LIF, name="exc")
    other, path = net.copy(), str(tmp_path / "b.npz")
    net.every(5.0)(len)
    net.compile()
    net.save(a := str(tmp_path / "a.npz"))
    other.monitor(other.get_population("exc"), "v", name="vm")
    for function in (print, len, len):
        other.every(5.0)(function)
    other.compile()
    other.save(path)
    found = differences(capsys, a, path)

    assert "  monitors/vm: in B only" in found
    for name in ("print", "len"):  # two of one name are two
        assert found.count(f"callback {name!r} every 5 ms, not saved: in B only") == 1
    with pytest.warns(eg.LoadWarning, match="callback 'len' every 5 ms is of this network alone"):
        assert not other.load(a).exact


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_formats_make_no_difference_and_values_are_compared_across_them(tmp_path, suffix, capsys):
    a, b, c = saved(tmp_path / "a.npz"), saved(tmp_path / f"b{suffix}"), saved(tmp_path / f"c{suffix}", tau=20.0)

    assert main(["diff", a, b]) == 0
    assert capsys.readouterr().out.startswith("no difference: ")
    assert "populations/exc/tau: 10.0 in A, 20.0 in B" in differences(capsys, a, c)


def test_values_are_told_with_the_largest_difference_and_ulp(tmp_path, capsys):
    a = saved(tmp_path / "a.npz", v=[1.0, 2.0, 3.0])
    b = saved(tmp_path / "b.npz", v=[1.0, np.nextafter(2.0, 3.0), 3.0])
    line = "1 of 3 differ, largest difference 4.44089e-16, 1 ulp; first [1] 2.0 in A, 2.0000000000000004 in B"

    assert f"populations/exc/v: {line}" in differences(capsys, a, b)


def test_sizes_equations_and_steps_that_differ_are_told(tmp_path, capsys):
    other = eg.Neuron("tau = 10.0 : population", "tau*dv/dt = -v + 2.0 : init = 0.5\nr = v")
    a = saved(tmp_path / "a.npz")
    found = differences(capsys, a, saved(tmp_path / "b.npz", n=4, dt=0.5, neuron=other))

    assert [line for line in found if "dt " in line and "equations" not in line] == ["  dt 1.0 ms in A, 0.5 ms in B"]
    assert any(line.startswith("  populations/exc: equations ") and "2.0" in line for line in found)
    assert "populations/exc/v: float64 3 in A, float64 4 in B" in found


def test_all_that_differs_between_models_is_told_a_line_each_and_whole(tmp_path, capsys):
    long = " + ".join(["v*0.001"] * 40)
    parts = (("0.5", "1.0", "0.8", "v = 0.0"), ("0.6", "2.0", "0.9", "v = 0.0\nu += 1.0"))
    a, b = (
        saved(
            tmp_path / f"{u}.npz",
            neuron=eg.Neuron(
                "tau = 10.0 : population",
                f"tau*dv/dt = -v + {long} + {u} : init = 0.5\ndu/dt = {w} - u",
                spike=f"v > {high}",
                reset=reset,
            ),
        )
        for u, w, high, reset in parts
    )
    found = [line for line in differences(capsys, a, b) if line.startswith("  populations/exc: ")]

    assert [line.split()[1] for line in found] == ["equations", "equations", "reset", "spike"]
    assert "0.5)/tau : init=0.5 in A, " in found[0]
    assert found[0].endswith("0.6)/tau : init=0.5 in B")
    assert found[2:] == [
        "  populations/exc: reset (none) in A, u += 1.0 in B",
        "  populations/exc: spike v > 0.8 in A, v > 0.9 in B",
    ]


def test_damage_of_what_is_compared_is_an_error(tmp_path, capsys):
    v = np.array([1.25, 2.25, 6.25])
    a, b = saved(tmp_path / "a.engram", v=v), saved(tmp_path / "b.npz", v=v + 1)
    damage(a, v)

    assert main(["diff", a, b]) == 2
    assert "damaged" in capsys.readouterr().err


def test_a_stream_whose_end_is_missing_is_not_called_equal(tmp_path, capsys):
    a = saved(tmp_path / "a.gz", v=np.random.default_rng(1).random(50_000), n=50_000)
    (tmp_path / "half.gz").write_bytes((tmp_path / "a.gz").read_bytes()[:-100_000])

    for pair in ([a, str(tmp_path / "half.gz")], [str(tmp_path / "half.gz"), a]):
        assert main(["diff", *pair]) == 2
        assert "end too early" in capsys.readouterr().err


def test_a_damaged_value_is_no_difference_and_no_agreement(tmp_path, capsys):
    a, b = saved(tmp_path / "a.engram"), saved(tmp_path / "b.engram")
    data = bytearray((tmp_path / "b.engram").read_bytes())
    at = data.index(eg.read(b)["populations/exc/v"][:].tobytes())
    data[at] ^= 1
    (tmp_path / "b.engram").write_bytes(data)

    for pair in ((a, b), (b, a)):
        assert main(["diff", *pair]) == 2
        assert "populations/exc/v" in capsys.readouterr().err
