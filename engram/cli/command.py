"""The command line: arguments -> one of the commands -> exit status.

0: done; 1: the command says no (the demo did not resume to the bit); 2: it could not be done, and why stands on stderr.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from engram.errors import EngramError
from engram.version import __version__

__all__ = ["COMMANDS", "Command", "main"]

FAILED, INTERRUPTED = 2, 130


@dataclass(frozen=True)
class Command:
    """A command.

    Args:
        name: as the shell knows it.
        help: one line, in the list of commands.
        description: of its own help.
        function: ``module:name``, imported when it is asked for, so that the others stay quick. It is called with the
            arguments by name, and returns the exit status.
        arguments: each as (name, settings) of ``ArgumentParser.add_argument``.
    """

    name: str
    help: str
    description: str
    function: str
    arguments: tuple[tuple[str, Mapping[str, Any]], ...] = ()


COMMANDS = (
    Command(
        "demo",
        "simulate a network, save it in every format, resume each in a fresh process",
        "Simulates 1 s of a network of 1000 neurons, saves it in every format into ./engram-demo, and goes on from "
        "each file in a fresh process. Exit status 1 unless all resume to the bit. Writes engram-demo.png.",
        "engram.cli.demo:demo",
    ),
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; returns the exit status.

    Args:
        arguments: those after the command's name; by default the process's.
    """
    given = vars(_parser().parse_args(arguments))
    command = given.pop("command")
    try:
        return _run(command, given)
    except (EngramError, OSError) as error:
        print(f"engram {command}: {_printable(str(error))}", file=sys.stderr)
        return FAILED
    except KeyboardInterrupt:
        print(f"engram {command}: interrupted", file=sys.stderr)
        return INTERRUPTED


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="engram",
        description="Simulate neural networks written as equations; save them and resume to the bit.",
    )
    parser.add_argument("--version", action="version", version=f"engram {__version__}")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    for command in COMMANDS:
        its_own = commands.add_parser(command.name, help=command.help, description=command.description)
        for name, settings in command.arguments:
            its_own.add_argument(name, **settings)
    return parser


def _run(name: str, arguments: Mapping[str, Any]) -> int:
    command = next(one for one in COMMANDS if one.name == name)
    module, _, function = command.function.partition(":")
    return int(getattr(import_module(module), function)(**arguments))


def _printable(text: str) -> str:
    """Escape control characters but newlines: names in files are strangers' text, and terminals obey it."""
    return "".join(c if c.isprintable() or c == "\n" else c.encode("unicode_escape").decode("ascii") for c in text)
