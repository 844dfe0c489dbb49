"""Where numbers are written with a decimal comma, files, parameters, kernels and results are the same.

The locale is made by the test, since few machines have one: GNU's C library reads it from a folder (``LOCPATH``), of
which one file of 54 bytes is enough. macOS comes with some; other C libraries have none with a comma.
"""

import ctypes
import hashlib
import json
import locale
import os
import struct
import subprocess
import sys
from pathlib import Path

import pytest

import engram as eg
from engram.storage.formats import SUFFIXES

LIF = eg.Neuron(
    parameters="tau = 12.5 : population\nrest = -0.25",
    equations="tau*dv/dt = rest - v + 1.75 + g_exc + Normal(0.0, 0.125) : init = 0.5\ng_exc = 0.875*g_exc",
    spike="v > 1.0625",
    reset="v = 0.0625",
)


def work(folder, point):
    """Do in a process of its own what reads and writes numbers; print digests of all that came of it."""
    locale.setlocale(locale.LC_NUMERIC, "C" if point == "." else "de_DE.UTF-8")
    assert locale.localeconv()["decimal_point"] == point
    folder = Path(folder)
    net = eg.Network(dt=0.25, seed=1)
    pop = net.create(8, LIF, name="pop")
    net.connect(pop, pop, "exc", name="ee").fixed_probability(0.5, weights=eg.Uniform(0.125, 0.75), delays=1.5)
    net.compile()
    net.simulate(10.5)
    net.save_parameters(folder / "p.json", {"gain": 1.5})
    (folder / "p.json").write_text((folder / "p.json").read_text("utf-8").replace("12.5", "11.5"), "utf-8")
    net.load_parameters(folder / "p.json")
    found = {"tau": pop.tau, "parameters": (folder / "p.json").read_text("utf-8")}
    for suffix in SUFFIXES:
        net.save(folder / f"a{suffix}")
        found[suffix] = hashlib.sha256((folder / f"a{suffix}").read_bytes()).hexdigest()
        assert net.load(folder / f"a{suffix}").exact
        with eg.read(folder / f"a{suffix}") as file:
            found[f"models {suffix}"], found[f"dt {suffix}"] = file.models, file.dt
    there = eg.open(folder / "a.engram")
    for one in (net, there):
        one.simulate(5.25)
    found["after"], found["opened"] = net.digest(), there.digest()
    found["told"] = str(there.explain("pop"))
    print(json.dumps(found))


def with_comma(folder):
    """Make a locale; return what the environment has to say of it."""
    head, place = 8 + 4 * 6, folder / "de_DE.UTF-8" / "LC_NUMERIC"
    place.parent.mkdir()
    fields = (b",\0", b".\0", b"\3\3\0", struct.pack("=x I", 44), struct.pack("=I", 46), b"UTF-8\0")
    offsets = (head, head + 2, head + 4, head + 8, head + 12, head + 16)  # the fourth one behind a byte of padding
    numbers = struct.pack("=II 6I", 0x20031115 ^ 1, len(fields), *offsets)  # in the form of category 1
    place.write_bytes(numbers + b"".join(fields))
    return {"LOCPATH": str(folder)}


@pytest.mark.cc
@pytest.mark.slow
def test_a_decimal_comma_changes_nothing(tmp_path):
    is_gnu = hasattr(ctypes.CDLL(None), "gnu_get_libc_version")
    said = []
    for point in (".", "," if is_gnu or sys.platform == "darwin" else "."):
        folder = tmp_path / f"point {ord(point)}"
        folder.mkdir(exist_ok=True)
        more = with_comma(folder) if is_gnu and point == "," else {}
        cache = str(folder / "cache") if said else os.environ["ENGRAM_CACHE_DIR"]
        more["ENGRAM_CACHE_DIR"] = cache  # kernels are printed and compiled with a comma, too
        call = f"from tests.resume.test_locale import work; work({str(folder)!r}, {point!r})"
        done = subprocess.run(
            [sys.executable, "-c", call], env={**os.environ, **more}, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        said.append(json.loads(done.stdout.replace(cache, "").replace(str(folder), "")))
    assert said[0]["tau"] == 11.5
    assert said[0]["after"] == said[0]["opened"]
    assert said[0] == said[1]
