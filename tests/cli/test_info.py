"""``engram info``."""

from __future__ import annotations

from engram.cli import main
from engram.cli.commands import info
from engram.native.compiler import NoCompiler
from engram.version import __version__


def test_versions_compiler_cache_and_threads_are_printed(monkeypatch, capsys):
    monkeypatch.setattr(info, "LIBRARIES", ("numpy", "no-such-library"))

    assert main(["info"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == f"engram      {__version__}"
    assert "no-such-library not installed" in lines
    assert {"python", "numpy", "compiler", "cache", "threads"} <= {line.partition(" ")[0] for line in lines}


def test_missing_compiler_is_told_and_no_failure(monkeypatch, capsys):
    def fail(*_):
        raise NoCompiler("no C compiler found\n  help: install one.")

    monkeypatch.setattr(info, "find_compiler", fail)

    assert main(["info"]) == 0
    assert "none; networks run on the interpreter: no C compiler found" in capsys.readouterr().out
