"""Networks that a fresh process opens from files, with no script: they stand where they stood, and go on to the bit."""

import itertools
import json
import subprocess
import sys
from pathlib import Path

import pytest

import engram as eg
from engram.storage.formats import SUFFIXES
from tests.cases import sometimes
from tests.resume.networks import CASES, run, started
from tools.networks.run import CASES as COMPARED

OPEN = """
import json, sys, warnings
import engram as eg
warnings.simplefilter("ignore")
found = {}
for k, path in enumerate(json.loads(sys.argv[1])):
    net = eg.open(path, num_threads=1 + k % 3)
    net.save(path + ".again." + path.rpartition(".")[2])
    found[path] = [net.digest()]
    for how in (None, {}, {"synapses": True}):
        if how is not None:
            net.reset(**how)
        for _ in range(10):
            net.step()
        found[path].append(net.digest())
print(json.dumps(found))
"""


def compared(name):
    case = COMPARED[name]
    net = eg.Network(dt=case.dt, seed=8)
    net.config(**case.settings)
    next(case.script(net))
    net.compile()
    return net


def went_on(net):
    found = [net.digest()]
    for how in (None, {}, {"synapses": True}):
        if how is not None:
            net.reset(**how)
        run(net, 10)
        found.append(net.digest())
    return found


@pytest.mark.cc
@pytest.mark.filterwarnings("ignore")  # what networks warn of is tested elsewhere
def test_networks_opened_in_a_fresh_process_go_on_to_the_bit(tmp_path):
    makers = {**dict.fromkeys(CASES, started), **dict.fromkeys(sometimes(COMPARED, 3), compared)}
    expected = {}
    for (name, make), suffix in zip(makers.items(), itertools.cycle(SUFFIXES)):
        net = make(name)
        run(net, 10)
        path = str(tmp_path / f"{name}{suffix}")
        net.save(path)
        expected[path] = went_on(net)
        eg.clear()
    command = [sys.executable, "-c", OPEN, json.dumps(list(expected))]
    process = subprocess.run(command, capture_output=True, text=True, check=False)

    assert process.returncode == 0, process.stderr
    found = json.loads(process.stdout)
    assert len(found) >= 20
    assert {path for path in expected if found[path] != expected[path]} == set()
    again = {path: Path(f"{path}.again.{path.rpartition('.')[2]}").read_bytes() for path in expected}
    assert {path for path, data in again.items() if Path(path).read_bytes() != data} == set()
