"""The ``engram`` command. In: arguments of the shell. Out: an exit status."""

from engram.cli.command import main

__all__ = ["main"]
