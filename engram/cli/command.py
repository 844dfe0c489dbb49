"""The command line: arguments -> one of the commands -> exit status.

0: done; 1: the command says no (a file is damaged, two differ, the demo did not resume to the bit); 2: it could not be
done, and why stands on stderr; 130: Ctrl-C; 141: whoever read the output went away. Without a command: the help, and 0.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from engram.cli.output import printable
from engram.errors import EngramError
from engram.version import __version__

__all__ = ["COMMANDS", "Command", "main"]

FAILED, INTERRUPTED, UNREAD = 2, 130, 141
_FILE = ("file", {"metavar": "FILE", "help": "that engram saved, of any format"})
_ANY = ("file", {"metavar": "FILE", "help": "that engram or ANNarchy saved, of any format"})


@dataclass(frozen=True)
class Command:
    """A command.

    Args:
        name: as the shell knows it.
        help: one line, in the list of commands.
        description: of its own help.
        function: ``module:name``, imported when it is asked for, so that the others stay quick. It is called with the
            arguments by name, and returns the exit status.
        arguments: each as (name, settings) of ``ArgumentParser.add_argument``; of two names the long one comes last.
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
    Command(
        "inspect",
        "what a file holds: values, models, whether it is whole",
        "Prints a tree of all values (dtype, shape, min, mean, max) and the text of the models. Exit status 1 if a "
        "value is not what was saved. No network is built; a file may be larger than memory.",
        "engram.cli.inspect:inspect",
        (
            _ANY,
            ("--json", {"action": "store_true", "help": "as JSON, with all values and their digests"}),
            ("--all", {"action": "store_true", "help": "also list what only resuming needs"}),
        ),
    ),
    Command(
        "verify",
        "whether a file is what was saved",
        "Reads all of a file and checks every digest. Exit status 1, and a line for each fault, if it is damaged.",
        "engram.cli.verify:verify",
        (_ANY,),
    ),
    Command(
        "diff",
        "what differs between two files",
        "Prints structure, equations, settings and values that differ, of values how many elements, the largest "
        "difference and ulp. Values with equal digests are not read; `engram verify` reads all. Exit status 1 if "
        "anything differs.",
        "engram.cli.diff:diff",
        (
            ("a", {"metavar": "A", "help": "a file that engram or ANNarchy saved"}),
            ("b", {"metavar": "B", "help": "another"}),
        ),
    ),
    Command(
        "convert",
        "write a file in another format, or for ANNarchy",
        "Writes what is in SRC into DST, whose suffix says how: engram convert a.npz b.engram. With --to annarchy "
        "DST is a file that ANNarchy loads (.npz, .gz; others are pickles), and SRC may be its own, too, a .mat say.",
        "engram.cli.convert:convert",
        (
            ("source", {"metavar": "SRC", "help": "that engram saved, of any format"}),
            ("target", {"metavar": "DST", "help": "where to write"}),
            ("--to", {"choices": ("engram", "annarchy"), "default": "engram", "help": "whose file it shall be"}),
        ),
    ),
    Command(
        "run",
        "simulate the network of a file and save it, without its script; or run a script",
        "Opens the network of a file, simulates until a time and saves it: engram run a.npz --until 10s -o b.npz. "
        "A file whose suffix is .py is a script: it runs with what follows, engram run a.py --trials 20, and its exit "
        "status is the command's.",
        "engram.cli.run:run",
        (
            ("file", {"metavar": "FILE", "help": "that engram saved, or a script"}),
            ("arguments", {"metavar": "ARGUMENT", "nargs": "*", "help": "of a script: whatever follows it"}),
            ("--until", {"metavar": "TIME", "help": "of the network's clock: 10s, 500ms, 2min, 1h; a number is in ms"}),
            ("-o --output", {"metavar": "OUT", "help": "where to save; the suffix says how"}),
            ("--threads", {"metavar": "N", "type": int, "help": "at most so many; no result depends on it"}),
        ),
    ),
    Command(
        "parameters",
        "the global parameters of a file as JSON; or set them",
        "Prints global parameters and constants as JSON, as save_parameters writes them, or writes them to OUT. With "
        "--apply it sets those of a JSON file, all or none, and saves the network to OUT.",
        "engram.cli.parameters:parameters",
        (
            _FILE,
            ("--apply", {"metavar": "JSON", "help": "parameters to set"}),
            ("-o --output", {"metavar": "OUT", "help": "where to write"}),
        ),
    ),
    Command(
        "info",
        "versions, compiler, cache, threads",
        "Prints what a report of a fault should say: versions, the C compiler, the cache of kernels, threads.",
        "engram.cli.info:info",
    ),
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; returns the exit status.

    Args:
        arguments: those after the command's name; by default the process's.
    """
    parser = _parser()
    ours, scripts = _divided(list(sys.argv[1:] if arguments is None else arguments))
    given = vars(parser.parse_args(ours))
    command = given.pop("command")
    if command is None:
        parser.print_help()
        return 0
    try:
        status = _run(command, {**given, "arguments": scripts} if scripts else given)
        sys.stdout.flush()
        return status
    except BrokenPipeError:  # engram inspect run.npz | head
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # Python flushes once more when it ends
        return UNREAD
    except (EngramError, OSError) as error:
        print(f"engram {command}: {printable(str(error))}", file=sys.stderr)
        return FAILED
    except KeyboardInterrupt:
        print(f"engram {command}: interrupted", file=sys.stderr)
        return INTERRUPTED


def _divided(arguments: list[str]) -> tuple[list[str], list[str]]:
    """Return what is the command's, and what is the script's: all behind it in ``engram run a.py``."""
    is_script = arguments[:1] == ["run"] and arguments[1:2] and arguments[1].lower().endswith(".py")
    return (arguments[:2], arguments[2:]) if is_script else (arguments, [])


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="engram",
        description="Simulate neural networks written as equations; save them and resume to the bit.",
    )
    parser.add_argument("--version", action="version", version=f"engram {__version__}")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND")
    for command in COMMANDS:
        its_own = commands.add_parser(command.name, help=command.help, description=command.description)
        for name, settings in command.arguments:
            its_own.add_argument(*name.split(), **settings)
    return parser


def _run(name: str, arguments: Mapping[str, Any]) -> int:
    command = next(one for one in COMMANDS if one.name == name)
    module, _, function = command.function.partition(":")
    return int(getattr(import_module(module), function)(**arguments))
