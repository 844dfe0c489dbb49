"""What the workers of a parameter study do with networks: copies of one as it stands, or new instances of its class.

In: a network, the user's function, its parameters. Out: runs and results. An experiment (``Copies``, ``Instances``,
``Several``) travels to a worker once; with each run it gives the function a network and returns what that returns,
pickled, so that nothing of the network is left outside when the next run takes it over.
"""

from __future__ import annotations

import dis
import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

from engram.callers import warn
from engram.errors import InvalidArgument
from engram.network.handle import Handle
from engram.network.monitor import Monitor
from engram.network.subclassing import constructor_takes, named_arguments
from engram.network.view import PopulationView
from engram.persistence.standing import Standing, standing
from engram.program.config import Config
from engram.studies.encoding import encoded, to_line
from engram.studies.executors import processes
from engram.studies.journal import DRAWN, drawn_seed
from engram.studies.runs import Run, check_calls, runs_of
from engram.studies.study import Asked, Study, results
from engram.studies.travel import RESULT, dumps, dumps_around, loads, loads_around
from engram.telling import told

__all__ = ["Copies", "Instances", "Several", "checked_method", "collected", "copies_of", "facts_of", "study_of"]

Network: TypeAlias = Any
"""An :class:`engram.Network`, whose module needs this one."""

Experiment: TypeAlias = "Copies | Instances | Several"


def study_of(
    network: Network,
    attributes: dict[str, Any],
    method: Any,
    number: Any,
    seeds: Any,
    parameters: dict[str, Any],
    asked: Asked,
) -> Iterator[tuple[Run, Any]]:
    """Begin a study of a network; see :meth:`engram.Network.parallel_run`.

    Args:
        attributes: what the user keeps in the network.

    Raises:
        InvalidArgument: if something can't be; nothing runs.
    """
    checked_method(method, "net")
    _warn_of_outside(method, network)
    drew = _drawn_seed(network, asked)
    runs, common = runs_of(number, parameters, seeds, network.seed)
    several = asked.executor is not None or processes(asked.max_processes, len(runs)) > 1
    threads = 1 if several else network._core.threads
    takes = constructor_takes(type(network))
    given = {*common, *(name for run in runs for name in run.kwargs)}
    mine = given & takes
    others = [replace(run, kwargs=_without(run.kwargs, mine)) for run in runs]
    check_calls(method, 1, others, _without(common, mine))
    if mine or (network._begins_anew and takes):
        experiment: Experiment = _instances_of(network, method, common, frozenset(mine), threads)
    else:
        experiment = copies_of(network, attributes, method, common, threads)
    return results(Study(experiment, runs, common, lambda: {**facts_of(method, experiment), **drew}), asked)


def _drawn_seed(network: Network, asked: Asked) -> dict[str, str]:
    """Return what the file of a study says of the seed of a network that was given none.

    A network that isn't compiled takes the one that the file has, so that the study goes on; of a compiled one, what it
    drew with another stands.
    """
    if asked.resume is None or network._core.config.seed is not None:
        return {}
    before = None if network.compiled else drawn_seed(asked.resume)
    if before is not None:
        what = f"{os.fspath(asked.resume)}: the study goes on with the seed {before}, which its network drew"
        warn(f"parallel_run(): {what}\n  help: Network(seed={before}), or any other, is the same at each start.")
        network.config(seed=before)
    return {DRAWN: str(network.seed)}


def checked_method(method: Any, first: str) -> None:
    """Refuse what can't be called."""
    if not callable(method):
        advice = f"the order is method, number; def run({first}, tau): ... is a method."
        raise InvalidArgument(f"parallel_run(): method must be a function, not {told(method)}\n  help: {advice}")


def _warn_of_outside(method: Any, network: Network) -> None:
    """A function that reads the user's population rather than that of the run's network changes nothing there."""
    code = getattr(method, "__code__", None)
    if code is None:
        return
    loaded = {one.argval for one in dis.get_instructions(code) if one.opname == "LOAD_GLOBAL"}
    outside = {name: method.__globals__.get(name) for name in loaded}
    for name, cell in zip(code.co_freevars, method.__closure__ or (), strict=True):
        with suppress(ValueError):  # it is empty as yet
            outside[name] = cell.cell_contents
    used = sorted(name for name, one in outside.items() if one is network or _network_of(one) is network)
    if used:
        who = f"{getattr(method, '__name__', 'the function')}() reads {used[0]!r} from outside"
        advice = "take it from the network that the function is given: net.get_population('name'), net.get_monitors()."
        warn(f"parallel_run(): {who}, which is no part of the copies that the runs have\n  help: {advice}")


def _network_of(one: Any) -> Any:
    return one._network if isinstance(one, Handle | PopulationView | Monitor) else None


def facts_of(method: Any, experiment: Experiment) -> dict[str, str]:
    """Return what the file of a study says of it besides its runs."""
    name = getattr(method, "__qualname__", type(method).__qualname__)
    return {"method": f"{getattr(method, '__module__', '')}.{name}", "network": experiment.digest}


def collected(come: Iterator[tuple[Run, Any]], measure_time: bool) -> list[Any]:
    """Return all results in the order of the runs."""
    begin = time.perf_counter()
    found = {run.number: result for run, result in come}
    if measure_time:
        print(f"{len(found)} runs took {time.perf_counter() - begin:.3g} s")  # noqa: T201  asked for
    return [found[number] for number in range(len(found))]


def _without(values: Mapping[str, Any], names: set[str]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if name not in names}


# -- copies ------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Copies:
    """Gives the function copies of a network as it stands.

    Args:
        method: of the user's.
        common: what all runs give it by name, pickled: a run may change what it is given.
        kind: the class of the network.
        network: as it stands.
        attributes: what the user keeps in it, pickled.
    """

    method: Callable[..., Any]
    common: bytes
    kind: Any
    network: Standing
    attributes: bytes

    @property
    def digest(self) -> str:
        """What the file of a study says of the network."""
        return self.network.digest

    def __call__(self, run: Run) -> bytes:
        """Return the result of a run."""
        keeper, changes = self.network.take(run.seed)
        net = self.kind._of(keeper)
        vars(net).update(loads_around(self.attributes, net))
        content = _result(self.method, net, run.args, {**loads(self.common), **run.kwargs})
        self.network.give_back(keeper, changes)
        return content


def copies_of(
    network: Network, attributes: dict[str, Any], method: Callable[..., Any], common: dict[str, Any], threads: int
) -> Copies:
    """Return the experiment of a study of copies, each on so many threads.

    If the network is not compiled, one copy is made here: the models are compiled once, and what fails, fails here.
    """
    with network._core.lock:
        stands = standing(network._keeper, threads)
        kept = dumps_around(attributes, network, f"what is kept in the network ({', '.join(attributes)})")
    if not network.compiled:
        stands.take(network.seed)
    return Copies(method, dumps(common, "a parameter of all runs"), type(network), stands, kept)


def _result(method: Callable[..., Any], net: Network, args: tuple[Any, ...], kwargs: dict[str, Any]) -> bytes:
    return dumps(method(net, *args, **kwargs), RESULT)


@dataclass(frozen=True)
class Several:
    """Gives each run to an experiment of its own.

    Args:
        experiments: one for each run.
    """

    experiments: Sequence[Copies]

    @property
    def digest(self) -> str:
        """What the file of a study says of the networks."""
        return " ".join(experiment.digest for experiment in self.experiments)

    def __call__(self, run: Run) -> bytes:
        """Return the result of a run."""
        return self.experiments[run.number](run)


# -- instances ---------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Instances:
    """Gives the function new networks, made by the constructor of their class and compiled.

    Args:
        method, common: as above.
        kind: the class.
        config: settings with which they begin.
        args, kwargs: with which the user's network was made.
        names: parameters of the constructor that runs have, or all of them; all others go to the function.
    """

    method: Callable[..., Any]
    common: bytes
    kind: Any
    config: Config
    args: tuple[Any, ...]
    kwargs: dict[str, Any]
    names: frozenset[str]

    @property
    def digest(self) -> str:
        """What the file of a study says of the networks."""
        made = encoded([[*self.args], self.kwargs], f"what {self.kind.__name__}() was given")
        settings = repr(replace(self.config, num_threads=1, seed=None))
        return f"{self.kind.__module__}.{self.kind.__qualname__} {to_line(made)} {settings}"

    def __call__(self, run: Run) -> bytes:
        """Return the result of a run."""
        given = {**loads(self.common), **run.kwargs}
        made = {name: value for name, value in given.items() if name in self.names}
        net = self.kind._instance(self.config, self.args, {**self.kwargs, **made}, run.seed)
        net.compile()
        return _result(self.method, net, run.args, {name: x for name, x in given.items() if name not in self.names})


def _instances_of(
    network: Network, method: Callable[..., Any], common: dict[str, Any], names: frozenset[str], threads: int
) -> Instances:
    kind, given = type(network), network._given
    if given is None:
        raise InvalidArgument(
            f"parallel_run(): {', '.join(sorted(names)) or kind.__name__} needs new instances of {kind.__name__}, and "
            "how this one was made is not known: it is a copy\n"
            f"  help: call parallel_run() on one that {kind.__name__}(...) made."
        )
    args, kwargs = named_arguments(kind, *given)
    kwargs = _without(kwargs, {"dt", "seed"})  # which the settings say, and the run
    config = replace(network._core.config, num_threads=threads)
    return Instances(method, dumps(common, "a parameter of all runs"), kind, config, args, kwargs, names)
