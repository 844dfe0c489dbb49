"""What pip installs: wheel and sdist are whole, and a network runs from the wheel where there is no checkout."""

from __future__ import annotations

import os
import site
import subprocess
import sys
import tarfile
import venv
import zipfile
from pathlib import Path

import pytest

from engram.version import DISTRIBUTION, __version__
from tests.docs.markdown import ROOT

PACKAGE = ROOT / "engram"

pytestmark = [pytest.mark.cc, pytest.mark.slow]


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """Wheel and sdist, built from a copy: building leaves folders behind, and other tests read the checkout."""
    folder = tmp_path_factory.mktemp("built")
    copied = folder / "source"
    files = subprocess.run(
        ["git", "ls-files", "-z", "-co", "--exclude-standard"], cwd=ROOT, capture_output=True, check=True
    )
    for name in files.stdout.decode().split("\0"):
        if (ROOT / name).is_file():
            (copied / name).parent.mkdir(parents=True, exist_ok=True)
            (copied / name).write_bytes((ROOT / name).read_bytes())
    command = [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(folder), str(copied)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return folder


def files_of_the_package() -> set[str]:
    found = (path for path in PACKAGE.rglob("*") if path.is_file() and "__pycache__" not in path.parts)
    return {path.relative_to(ROOT).as_posix() for path in found}


def test_wheel_holds_every_file_of_the_package_and_nothing_else(built):
    with zipfile.ZipFile(next(built.glob("*.whl"))) as pack:
        names = {name for name in pack.namelist() if ".dist-info/" not in name}

    assert names == files_of_the_package()


def test_sdist_holds_the_package_and_what_building_it_takes(built):
    with tarfile.open(next(built.glob("*.tar.gz"))) as pack:
        names = {name.partition("/")[2] for name in pack.getnames()}

    assert files_of_the_package() | {"pyproject.toml", "README.md", "LICENSE"} <= names


RUN = """
import sys, engram
from engram.cli import main
print(engram.__file__)
net = engram.Network(seed=1)
cells = net.create(3, engram.Izhikevich(), name="cells")
net.connect(cells, cells, "exc").all_to_all(1.0, delays=2.0)
net.compile()
net.simulate(20.0)
net.save("cells.npz")
assert engram.open("cells.npz").digest() == net.digest()
sys.exit(main(["inspect", "cells.npz"]))
"""


def test_network_runs_from_the_wheel_outside_the_checkout(built, tmp_path):
    bare = tmp_path / "bare"
    venv.create(bare, with_pip=False)
    python = bare / "bin" / "python"
    where = "import sysconfig; print(sysconfig.get_path('purelib'))"
    home = Path(subprocess.run([python, "-c", where], capture_output=True, text=True, check=True).stdout.strip())
    with zipfile.ZipFile(next(built.glob("*.whl"))) as pack:  # what pip does with a wheel, but for the command
        pack.extractall(home)
    # dependencies as they are here; .pth files of such a folder aren't read, so that the checkout stays out of sight
    (home / "dependencies.pth").write_text("\n".join(site.getsitepackages()), encoding="utf-8")
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    done = subprocess.run(
        [python, "-c", RUN], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
    )

    assert done.returncode == 0, done.stderr
    assert Path(done.stdout.splitlines()[0]).is_relative_to(bare)
    assert "cells" in done.stdout


def test_the_recipe_and_the_citation_have_the_name_and_the_version():
    recipe = (ROOT / "recipe" / "recipe.yaml").read_text(encoding="utf-8")
    citation = (ROOT / "CITATION.cff").read_text(encoding="utf-8")

    assert f'name: "{DISTRIBUTION}"' in recipe
    assert f'version: "{__version__}"' in recipe
    assert f"\nversion: {__version__}\n" in citation
