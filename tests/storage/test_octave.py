"""GNU Octave reads what engram writes, where it is installed."""

import shutil
import subprocess

import numpy as np
import pytest

from engram.storage.formats import format_for
from tests.contracts.format_contract import leaf, manifest_of, written

VALUES = {
    "v": np.random.default_rng(1).random((2, 3)),
    "w": np.float32([0.1, 7]),
    "n": np.int64(-3),
    "on": np.array([True, False]),
}


@pytest.mark.skipif(shutil.which("octave") is None, reason="Octave is not installed")
@pytest.mark.parametrize(("suffix", "exc", "v"), [(".h5", "populations.exc", "p.v"), (".mat", "exc", "p.v'")])
def test_octave_reads_the_values(tmp_path, suffix, exc, v):
    """Rows first in HDF5, columns first in MATLAB: Octave sees axes turned in ``.h5``."""
    leaves = [leaf(f"populations/exc/{name}", value) for name, value in sorted(VALUES.items())]
    (tmp_path / f"x{suffix}").write_bytes(written(format_for(f"x{suffix}"), manifest_of(leaves), leaves))

    shown = f"p = load('x{suffix}').{exc}; v = {v}; printf('%.17g ', p.n, p.on, p.w, v)"
    said = subprocess.run(["octave", "--eval", shown], cwd=tmp_path, capture_output=True, text=True, check=False)
    expected = [-3.0, 1.0, 0.0, *VALUES["w"].tolist(), *VALUES["v"].ravel().tolist()]
    assert [float(number) for number in said.stdout.split()] == expected, said.stderr
