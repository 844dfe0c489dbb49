"""Every Python example of the README and of docs/ runs, in a fresh process, with warnings as errors."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

import engram as eg
from tests.docs.markdown import ROOT, blocks

README = ROOT / "README.md"
PAGES = [README, *sorted((ROOT / "docs").glob("*.md"))]
WITH_CODE = [page for page in PAGES if blocks(page, "python")]

pytestmark = [pytest.mark.cc, pytest.mark.slow]


def run(folder: Path, *arguments: str) -> str:
    command = [sys.executable, "-W", "error", *arguments]
    environment = {**os.environ, "MPLBACKEND": "Agg"}
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_there_are_examples():
    assert README in WITH_CODE
    assert len(WITH_CODE) >= 2


@pytest.mark.parametrize("page", WITH_CODE, ids=lambda page: page.name)
def test_python_blocks_of_a_page_run_one_after_the_other(page, tmp_path):
    # blank lines before each block keep its line numbers in a traceback those of the page
    text = ""
    for block in blocks(page, "python"):
        text += "\n" * (block.line - 1 - text.count("\n")) + block.text

    run(tmp_path, "-c", text)


def test_readme_resumes_in_another_process_to_the_bit_and_says_how_files_are_read_without_engram(tmp_path):
    network, save, load, elsewhere = (block.text for block in blocks(README, "python"))
    digest = "\nprint(net.digest())\n"
    others = "net.save('cells.gz')\nnet.save('cells.mat')\n"
    uninterrupted = run(tmp_path, "-c", network + save + others + "net.simulate(1000.0)\n" + digest)
    resumed = run(tmp_path, "-c", load.replace("rate = net", "# rate = net") + digest)
    ways = re.findall(r"`((?:pickle|scipy)\.[^`]*\])`", README.read_text(encoding="utf-8"))
    same = " == ".join(f"{way}.tolist()" for way in ways)

    assert resumed == uninterrupted.splitlines(keepends=True)[-1]
    assert len(ways) == 2
    without = "import gzip, pickle, scipy.io, sys\nsys.modules['engram'] = None\n"
    run(tmp_path, "-c", f"{without}{elsewhere}assert v.shape == (200,)\nassert {same}")


def test_example_of_help_runs(tmp_path):
    text = textwrap.dedent(eg.__doc__.split("\n\n", 1)[1].split("Ten names")[0])
    run(tmp_path, "-c", text)

    assert (tmp_path / "cells.npz").exists()
