"""The runs of a study: which parameters and which seed each has.

In: what users say (a number, lists, dictionaries). Out: a list of :class:`Run`. A run's seed is a function of the
network's seed and of the run's number alone, so that no result depends on who runs it, or when.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any

import numpy as np

from engram.callers import plain_number, warn
from engram.elsewhere.lookup import instead_of
from engram.errors import InvalidArgument, WrongCall
from engram.telling import told

__all__ = ["Run", "check_calls", "runs_of", "seed_of_run"]

SEEDS = 2**64
SHOWN = 60  # characters of a parameter in messages


@dataclass(frozen=True)
class Run:
    """One run of a study.

    Args:
        number: from 0.
        seed: of everything random in it.
        args, kwargs: its parameters, which other runs have otherwise.
    """

    number: int
    seed: int
    args: tuple[Any, ...] = ()
    kwargs: dict[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        named = [f"{name}={_short(value)}" for name, value in self.kwargs.items()]
        return ", ".join([*map(_short, self.args), *named]) or "none of its own"


def _is_series(value: Any) -> bool:
    return isinstance(value, np.ndarray | range)


def _length(value: Any) -> int:
    return len(value) if np.ndim(value) else 1


def _short(value: Any) -> str:
    return told(value, SHOWN)


def runs_of(asked: Any, common: Mapping[str, Any], seeds: Any, seed: int) -> tuple[list[Run], dict[str, Any]]:
    """Return the runs that a user asks for, and the parameters that all of them have in common.

    Args:
        asked: how many; or a list with a dictionary of parameters for each, or with one parameter for each; or a
            dictionary of lists.
        common: parameters by name; a list has one value for each run.
        seeds: None, ``same``, ``sequential`` or a list.
        seed: of the network.

    Raises:
        InvalidArgument: if they don't fit together.
    """
    calls = _calls(asked)
    spread = {name: values for name, values in common.items() if isinstance(values, list)}
    for name, values in spread.items():
        if len(values) != len(calls):
            advice = "give a tuple or an array if all runs shall have the whole of it."
            raise InvalidArgument(
                f"parallel_run(): a list has one value for each run: {name} has {len(values)}, there are {len(calls)} "
                f"runs\n  help: {advice}"
            )
    whole = next((name for name, x in common.items() if _is_series(x) and _length(x) == len(calls) > 1), "")
    if whole:
        of_all = f"parallel_run(): each of the {len(calls)} runs is given the whole of {whole}"
        what = f"{of_all}, which has {len(calls)} values"
        warn(f"{what}\n  help: {whole}=list({whole}) gives each run one of them, {whole}=tuple({whole}) all of them.")
    for number, (_, kwargs) in enumerate(calls):
        twice = sorted(kwargs.keys() & common.keys())
        if twice:
            what = f"parallel_run(): run {number} is given {twice[0]!r} twice, in number= and as an argument of its own"
            raise InvalidArgument(f"{what}\n  help: leave out one of them.")
    numbers = _seeds(seeds, seed, len(calls))
    runs = [
        Run(k, numbers[k], args, {**kwargs, **{name: values[k] for name, values in spread.items()}})
        for k, (args, kwargs) in enumerate(calls)
    ]
    return runs, {name: value for name, value in common.items() if name not in spread}


def _calls(asked: Any) -> list[tuple[tuple[Any, ...], dict[str, Any]]]:
    """Return the parameters of each run that ``number`` says: positional ones, and those by name."""
    number = plain_number(asked)
    if isinstance(number, int) and number >= 1:
        return [((), {})] * number
    if isinstance(asked, dict):
        return [((), one) for one in _columns(asked)]
    if isinstance(asked, list | tuple | range) or (isinstance(asked, np.ndarray) and asked.ndim):
        listed: list[Any] = [*asked]
        named = [isinstance(one, dict) and all(isinstance(name, str) for name in one) for one in listed]
        if named and (all(named) or not any(named)):
            return [((), {**one}) if named[0] else ((one,), {}) for one in listed]
    raise InvalidArgument(
        "parallel_run(): number must be a number of runs, at least 1, or a list of their parameters, not "
        f"{told(asked)}\n  help: [dict(tau=10.0), dict(tau=20.0)] are two runs; [10.0, 20.0] give each one value."
    )


def _columns(asked: dict[Any, Any]) -> list[dict[str, Any]]:
    lengths = {}
    for name, values in asked.items():
        if not isinstance(name, str) or not isinstance(values, list | tuple | range | np.ndarray) or not len(values):
            what = "a dictionary as number has a list for each parameter"
            got = f"got {told(name)}: {told(values)}"
            raise InvalidArgument(f"parallel_run(): {what}, {got}\n  help: dict(tau=[10.0, 20.0]) are two runs.")
        lengths[name] = len(values)
    if len(set(lengths.values())) != 1:
        what = f"parallel_run(): the lists of parameters differ in length: {lengths}"
        raise InvalidArgument(f"{what}\n  help: give each one value for each run.")
    return [dict(zip(asked, values, strict=True)) for values in zip(*asked.values(), strict=True)]


# -- seeds -------------------------------------------------------------------------------------------------


def _seeds(asked: Any, seed: int, n_runs: int) -> list[int]:
    if asked is None:
        return [seed_of_run(seed, number) for number in range(n_runs)]
    if isinstance(asked, str) and asked == "same":
        return [seed] * n_runs
    if isinstance(asked, str) and asked == "sequential":
        return [(seed + number + 1) % SEEDS for number in range(n_runs)]
    if isinstance(asked, Sequence | np.ndarray) and not isinstance(asked, str) and len(asked) == n_runs:
        numbers = [plain_number(one) for one in asked]
        if all(isinstance(one, int) and 0 <= one < SEEDS for one in numbers):
            return numbers
    expected = f"None, 'same', 'sequential' or a list of {n_runs} whole numbers from 0 to 2^64 - 1"
    raise InvalidArgument(f"parallel_run(): seeds must be {expected}, not {told(asked)}")


def seed_of_run(seed: int, number: int) -> int:
    """Return the seed of a run: 64 bits, a digest of the network's seed and the run's number."""
    content = seed.to_bytes(8, "little") + number.to_bytes(8, "little")
    return int.from_bytes(blake2b(content, digest_size=8, person=b"engram run").digest(), "little")


# -- calls -------------------------------------------------------------------------------------------------


def check_calls(method: Callable[..., Any], before: int, runs: Sequence[Run], common: Mapping[str, Any]) -> None:
    """Refuse parameters that the user's function does not take, before anything runs.

    Args:
        before: how many arguments come before those of the run: the network is one.

    Raises:
        WrongCall: naming the first run that can't be called.
    """
    try:
        signature = inspect.signature(method)
    except ValueError:  # a function in C without a signature: the first call will show
        return
    seen = set()
    for run in runs:
        form = len(run.args), *run.kwargs
        if form in seen:
            continue
        seen.add(form)
        try:
            signature.bind(*[None] * before, *run.args, **common, **run.kwargs)
        except TypeError as error:
            name = getattr(method, "__qualname__", repr(method))
            foreign = [instead_of(one, "parallel_run", ()) for one in common if one not in signature.parameters]
            example = "" if run.args or before != 1 else f": def run({', '.join(['net', *common, *run.kwargs])}): ..."
            advice = "its first parameter is the network, the others have the names that are given here"
            raise WrongCall(
                f"parallel_run(): {name}{signature} can't be called for run {run.number}: {error}\n"
                f"  its parameters: {', '.join(['net', *map(_short, run.args), *common, *run.kwargs])}\n"
                f"  help: {next(filter(None, foreign), f'{advice}{example}.')}"
            ) from None
