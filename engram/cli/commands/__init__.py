"""The commands: a module each, of the command's name, which says what there is to know of it as ``COMMAND``.

A module is imported when its command is asked for, so that the others stay quick, or for the list of all.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module
from pkgutil import iter_modules
from typing import Any

__all__ = ["ANY_FILE", "NAMES", "OUR_FILE", "Command", "command"]

OUR_FILE = ("file", {"metavar": "FILE", "help": "that engram saved, of any format"})
ANY_FILE = ("file", {"metavar": "FILE", "help": "that engram or ANNarchy saved, of any format"})

NAMES = tuple(sorted(module.name for module in iter_modules(__path__)))
"""Of all commands, as the shell knows them."""


@dataclass(frozen=True)
class Command:
    """A command.

    Args:
        help: one line, in the list of commands.
        description: of its own help.
        function: it is called with the arguments by name, and returns the exit status.
        arguments: each as (name, settings) of ``ArgumentParser.add_argument``; of two names the long one comes last.
    """

    help: str
    description: str
    function: Callable[..., int]
    arguments: tuple[tuple[str, Mapping[str, Any]], ...] = ()


def command(name: str) -> Command:
    """Return a command of ``NAMES``."""
    found = import_module(f"{__name__}.{name}").COMMAND
    assert isinstance(found, Command), "a module of this folder is a command"
    return found
