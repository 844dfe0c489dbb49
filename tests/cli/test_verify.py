"""``engram verify``."""

from __future__ import annotations

import numpy as np
import pytest

from engram.cli import main
from engram.storage.formats import SUFFIXES
from tests.cli.saved import damage, saved


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_whole_file_gives_0_and_a_cut_one_1(tmp_path, suffix, capsys):
    path = tmp_path / f"a{suffix}"
    saved(path)

    assert main(["verify", str(path)]) == 0
    assert ": whole, " in capsys.readouterr().out
    path.write_bytes(path.read_bytes()[:-20])
    assert main(["verify", str(path)]) == 1
    assert capsys.readouterr().out.endswith(": damaged\n")


def test_damaged_value_is_named(tmp_path, capsys):
    v = np.array([1.25, 2.25, 6.25])
    path = saved(tmp_path / "a.engram", v=v)
    damage(path, v)

    assert main(["verify", path]) == 1
    assert "populations/exc/init/v: its bytes are damaged" in capsys.readouterr().out


@pytest.mark.parametrize("content", [None, b"a,b\n1,2\n"])
def test_what_is_no_file_of_engram_gives_2(tmp_path, content, capsys):
    path = tmp_path / "a.csv"
    if content is not None:
        path.write_bytes(content)

    assert main(["verify", str(path)]) == 2
    assert capsys.readouterr().err.startswith("engram verify: ")
