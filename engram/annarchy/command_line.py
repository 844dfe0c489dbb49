"""The command line of scripts for ANNarchy: ``python script.py -j 4 --prec single``.

In: ``sys.argv`` when a script imports one of the packages. Out: what it asks for, which wins over what the script says.
Flags that change nothing here are taken, and unknown ones left to the script.
"""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import engram
from engram.callers import warn
from engram.errors import EngramError
from engram.network_numbers import number_of
from engram.program.config import CHECKS

__all__ = ["OPTIONS", "Options", "compiling", "read_options", "set_as_asked", "simulating"]

ALIASES = {"-j": "--num-threads"}
WITH_VALUE = frozenset({"--num-threads", "--prec", "--profile-out", "--visible-cores", "--gpu", "--trace"})
PRECISIONS = {"single": "float32", "float": "float32", "double": "float64"}


@dataclass(frozen=True)
class Options:
    """What a command line asks for.

    Args:
        settings: of networks: ``num_threads`` and ``dtype``, as far as they were given.
        report: write a report of each network that is compiled.
        profile: measure each run.
        profile_out: the file for what was measured; None: print it.
    """

    settings: tuple[tuple[str, Any], ...] = ()
    report: bool = False
    profile: bool = False
    profile_out: str | None = None


def read_options(arguments: Sequence[str]) -> Options:
    """Return what a command line, without the name of the script, asks for; a value that can't be is left out."""
    given: dict[str, str] = {}
    rest = iter(arguments)
    for word in rest:
        name, joined, value = word.partition("=")
        if word.startswith("-j") and word != "-j" and not joined:
            name, joined, value = "-j", "=", word[2:]
        name = ALIASES.get(name, name)
        given[name] = value if joined or name not in WITH_VALUE else next(rest, "")
    settings: dict[str, Any] = {}
    if "--num-threads" in given:
        _take(settings, "num_threads", given["--num-threads"], int, "--num-threads")
    if "--prec" in given:
        _take(settings, "dtype", given["--prec"], lambda text: PRECISIONS.get(text, text), "--prec")
    if "--gpu" in given:
        warn("--gpu: networks are computed by processors\n  it is left out\n  help: -j 4 takes four cores.")
    out = given.get("--profile-out")
    return Options(tuple(settings.items()), "--report" in given, "--profile" in given or bool(out), out or None)


def _take(settings: dict[str, Any], key: str, text: str, convert: Callable[[str], Any], flag: str) -> None:
    try:
        settings[key] = CHECKS[key](convert(text))
    except (ValueError, EngramError) as error:
        warn(f"{flag} {text}: {error}\n  it is left out")


OPTIONS = read_options(sys.argv[1:])


def set_as_asked(function: Callable[..., Any]) -> Callable[..., Any]:
    """Let a method first set what the command line says of a network that is not compiled."""

    @functools.wraps(function)
    def call(network: engram.Network, *args: Any, **kwargs: Any) -> Any:
        if OPTIONS.settings and not network.compiled:
            network.config(**dict(OPTIONS.settings))
        return function(network, *args, **kwargs)

    return call


def compiling(function: Callable[..., Any], *, is_method: bool = False) -> Callable[..., Any]:
    """Let ``compile`` do what the command line asks for, before it and after."""

    @functools.wraps(function)
    def call(*args: Any, **kwargs: Any) -> Any:
        network = args[0] if is_method else engram.magic_network()
        is_new = not network.compiled
        if is_new and OPTIONS.settings:
            network.config(**dict(OPTIONS.settings))
        result = function(*args, **kwargs)
        if is_new and OPTIONS.report:
            network.report("report.tex" if not is_method else f"report_{number_of(network)}.tex")
        return result

    return call


def simulating(function: Callable[..., Any]) -> Callable[..., Any]:
    """Let ``simulate`` measure, print or write, if the command line asks for it."""

    @functools.wraps(function)
    def call(*args: Any, **kwargs: Any) -> Any:
        if not OPTIONS.profile:
            return function(*args, **kwargs)
        profile = function(*args, **{**kwargs, "profile": True})
        if OPTIONS.profile_out is None:
            print(profile)  # noqa: T201  asked for
        else:
            with Path(OPTIONS.profile_out).open("a", encoding="utf-8") as file:
                file.write(f"{profile}\n\n")
        return profile

    return call
