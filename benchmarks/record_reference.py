"""Run the reference networks in ANNarchy and keep their traces in tests/data/annarchy.

Needs a virtual environment that has ANNarchy; its Python is the first argument:

    python benchmarks/record_reference.py path/to/venv/bin/python [name ...]

Every network runs in a process of its own, since ANNarchy compiles one library per network. Without names all are run.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
DATA = ROOT / "tests" / "data" / "annarchy"
SOURCES = "tests.reference.networks"
MARK = "message: "


def record(python: Path, name: str) -> str:
    """Run one network; return an empty text, or ANNarchy's message (a compiler's output is not shown)."""
    paths = os.pathsep.join([str(python.parent), os.environ.get("PATH", "")])
    environment = {**os.environ, "PATH": paths, "VIRTUAL_ENV": str(python.parent.parent), "PYTHONPATH": str(ROOT)}
    with tempfile.TemporaryDirectory() as folder:
        command = [str(python), str(Path(__file__).resolve()), "--run", name]
        done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    if done.returncode == 0:
        return ""
    lines = [line for line in done.stderr.splitlines() if line.startswith(MARK)]
    return "\n".join(lines) or f"ended with {done.returncode}"


def run_here(name: str) -> None:
    """In ANNarchy's environment: run one network and write its file."""
    import importlib
    from importlib.metadata import version

    import numpy as np

    # the folder of this script comes first on the path otherwise
    sys.path[0] = str(ROOT)
    recording = importlib.import_module("tests.reference.recording")
    importlib.import_module(SOURCES)
    annarchy = importlib.import_module("ANNarchy")
    arrays = recording.run(annarchy, name, silent=True, compiler_flags="-O1")
    DATA.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(DATA / f"{name}.npz", **arrays)
    versions = {"ANNarchy": version("ANNarchy"), "numpy": np.__version__, "python": sys.version.split()[0]}
    (DATA / "versions.json").write_text(json.dumps(versions, indent=4, sort_keys=True) + "\n")


def main(arguments: list[str]) -> int:
    if arguments[:1] == ["--run"]:
        try:
            run_here(arguments[1])
        except (Exception, SystemExit) as error:
            text = f"{type(error).__name__}: {error}".strip().replace("\n", f"\n{MARK}")
            print(MARK + text, file=sys.stderr)
            return 1
        return 0
    if not arguments:
        print(__doc__)
        return 2
    python = Path(arguments[0]).absolute()
    sys.path[0] = str(ROOT)
    import importlib

    importlib.import_module(SOURCES)
    known = importlib.import_module("tests.reference.recording").NETWORKS
    failed = []
    for name in arguments[1:] or list(known):
        started = time.perf_counter()
        trouble = record(python, name)
        print(f"{name:32s} {time.perf_counter() - started:6.1f} s  {'failed' if trouble else 'recorded'}", flush=True)
        if trouble:
            print(trouble, flush=True)
            failed.append(name)
    print(f"failed: {', '.join(failed)}" if failed else "all recorded")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
