"""Whoever waits for the compiler in a terminal is told, and nobody else."""

import io
import sys
import time

import pytest

from engram.native import patience
from engram.native.patience import announced


class _Terminal(io.StringIO):
    def isatty(self):
        return True


@pytest.mark.parametrize(("stream", "said"), [(_Terminal, "compiling 6 kernels (once)\n"), (io.StringIO, "")])
def test_long_compilation_is_announced_in_a_terminal(stream, said, monkeypatch):
    monkeypatch.setattr(patience, "LONG_S", 0.0)
    monkeypatch.setattr(sys, "stderr", told := stream())
    with announced(6):
        time.sleep(0.1)
    assert told.getvalue() == said


def test_short_compilation_is_not(monkeypatch):
    monkeypatch.setattr(sys, "stderr", told := _Terminal())
    with announced(1):
        pass
    assert told.getvalue() == ""
