"""The command line: arguments -> one of the commands -> exit status.

0: done; 1: the command says no (inspect and verify: the file is damaged; diff: the two differ; the demo did not resume
to the bit); 2: it could not be done, and why stands on stderr (no such file; a damaged one, for other commands; too
little memory); 130: Ctrl-C; 141: whoever read the output went away. Without a command: the help, and 0.
"""

from __future__ import annotations

import argparse
import os
import sys
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from engram.cli.commands import NAMES, command
from engram.cli.output import printable
from engram.errors import EngramError
from engram.version import __version__

__all__ = ["main"]

FAILED, INTERRUPTED, UNREAD = 2, 130, 141
STATUSES = (
    "Exit status: 0: done; 1: the answer is no: the file is damaged (inspect, verify), the files differ (diff), a run "
    "is not the same to the bit (demo); 2: it could not be done, and stderr says why: wrong arguments, no such file, a "
    "damaged file (all other commands), too little memory; 130: interrupted. `engram run SCRIPT.py` has the script's."
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; returns the exit status.

    Args:
        arguments: those after the command's name; by default the process's.
    """
    ours, scripts = _divided(list(sys.argv[1:] if arguments is None else arguments))
    parser = _parser(ours[:1] if ours and ours[0] in NAMES else NAMES)
    given = vars(parser.parse_args(ours))
    name = given.pop("command")
    if name is None:
        parser.print_help()
        return 0
    try:
        with _warnings_told(name):
            status = _run(name, {**given, "arguments": scripts} if scripts else given)
        sys.stdout.flush()
        return status
    except BrokenPipeError:  # engram inspect run.npz | head
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # Python flushes once more when it ends
        return UNREAD
    except (EngramError, OSError) as error:
        print(f"engram {name}: {printable(str(error))}", file=sys.stderr)
        return FAILED
    except MemoryError:
        print(f"engram {name}: this takes more memory than there is", file=sys.stderr)
        return FAILED
    except KeyboardInterrupt:
        print(f"engram {name}: interrupted", file=sys.stderr)
        return INTERRUPTED


@contextmanager
def _warnings_told(name: str) -> Iterator[None]:
    """Print warnings as errors are: where in Python they come from is nobody's matter here."""

    def tell(message: Warning | str, *_: Any, **__: Any) -> None:
        print(f"engram {name}: warning: {printable(str(message))}", file=sys.stderr)

    with warnings.catch_warnings():
        warnings.showwarning = tell
        yield


def _divided(arguments: list[str]) -> tuple[list[str], list[str]]:
    """Return what is the command's, and what is the script's: all behind it in ``engram run a.py``."""
    is_script = arguments[:1] == ["run"] and arguments[1:2] and arguments[1].lower().endswith(".py")
    return (arguments[:2], arguments[2:]) if is_script else (arguments, [])


def _parser(names: Sequence[str]) -> argparse.ArgumentParser:
    """Return the parser of some commands; of one that runs no other is imported."""
    parser = argparse.ArgumentParser(
        prog="engram",
        description="Simulate neural networks written as equations; save them and resume to the bit.",
        epilog=STATUSES,
    )
    parser.add_argument("--version", action="version", version=f"engram {__version__}")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND")
    for name in names:
        asked = command(name)
        one = commands.add_parser(name, help=asked.help, description=asked.description)
        for argument, settings in asked.arguments:
            one.add_argument(*argument.split(), **settings)
    return parser


def _run(name: str, arguments: Mapping[str, Any]) -> int:
    return command(name).function(**arguments)
