"""A network whose models were seen before is ready without parsing, compiling, or loading what takes long to load."""

import json
import subprocess
import sys

import pytest

SCRIPT = """
import json, sys
from benchmarks.networks import coba

coba(100).step()
from engram.native.library import compilations
print(json.dumps({"modules": sorted(sys.modules), "compilations": compilations()}))
"""
HEAVY = (
    "lark",
    "sympy",
    "scipy",
    "numpy.ma",
    "numpy.random",
    "matplotlib",
    "rich",
    "isal",
    "difflib",
    "html",
    "asyncio",
    "multiprocessing",
)

pytestmark = pytest.mark.cc


def start():
    done = subprocess.run([sys.executable, "-c", SCRIPT], capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


def test_second_start_of_a_network_loads_and_compiles_nothing_heavy():
    start()
    second = start()

    assert second["compilations"] == 0
    assert "engram.native.engine" in second["modules"]
    assert [name for name in HEAVY if name in second["modules"]] == []
