"""The command line: arguments -> one of the commands -> exit status.

0: done; 1: the command says no (the demo did not resume to the bit); 2: it could not be done, and why stands on stderr.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from engram.errors import EngramError
from engram.version import __version__

__all__ = ["main"]

FAILED, INTERRUPTED = 2, 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; returns the exit status.

    Args:
        arguments: those after the command's name; by default the process's.
    """
    given = _parser().parse_args(arguments)
    try:
        return _run(given.command)
    except (EngramError, OSError) as error:
        print(f"engram {given.command}: {_printable(str(error))}", file=sys.stderr)
        return FAILED
    except KeyboardInterrupt:
        print(f"engram {given.command}: interrupted", file=sys.stderr)
        return INTERRUPTED


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="engram",
        description="Simulate neural networks written as equations; save them and resume to the bit.",
    )
    parser.add_argument("--version", action="version", version=f"engram {__version__}")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    commands.add_parser(
        "demo",
        help="simulate a network, save it in five formats, resume each in a fresh process",
        description="Simulates 1 s of a network of 1000 neurons, saves it in five formats into ./engram-demo, and goes "
        "on from each file in a fresh process. Exit status 1 unless all resume to the bit. Writes engram-demo.png.",
    )
    return parser


def _run(command: str) -> int:
    # One line per command; each is imported when it is asked for, so that the others stay quick.
    if command == "demo":
        from engram.cli.demo import demo

        return demo()
    raise ValueError(f"no command {command!r}")


def _printable(text: str) -> str:
    """Escape control characters but newlines: names in files are strangers' text, and terminals obey it."""
    return "".join(c if c.isprintable() or c == "\n" else c.encode("unicode_escape").decode("ascii") for c in text)
