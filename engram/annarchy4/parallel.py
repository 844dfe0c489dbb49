"""``parallel_run`` as ANNarchy 4 has it: a function of copies of the implicit network, or of some networks."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import engram
from engram.annarchy4.network import Network, knowing_get
from engram.errors import InvalidArgument, RunFailed
from engram.network.studying import Copies, Several, checked_method, collected, facts_of
from engram.studies.runs import Run, check_calls, runs_of
from engram.studies.study import Asked, Study, results
from engram.telling import told

__all__ = ["parallel_run"]


@dataclass(frozen=True)
class _Numbered:
    """Calls ``method(idx, net, ...)`` where ``f(net, idx, ...)`` is called."""

    method: Callable[..., Any]

    def __call__(self, net: Any, idx: int, **args: Any) -> Any:
        return self.method(idx, net, **args)


def parallel_run(
    method: Any,
    networks: Any = None,
    number: int = 0,
    max_processes: int = -1,
    measure_time: bool = False,
    sequential: bool = False,
    same_seed: bool = False,
    annarchy_json: str = "",
    visible_cores: Any = (),
    **args: Any,
) -> list[Any]:
    """Call ``method(idx, net, ...)`` for several networks, each in a process; return what it returns, in their order.

    Args:
        networks: a list of networks, of which the function gets copies as they stand; with ``sequential`` themselves.
        number: instead of that: how many copies of all that there is in the implicit network, as it was defined.
        max_processes: how many processes; -1: as many as there are cores.
        measure_time: print how long it took.
        sequential: one after the other, in this process; the networks of the list are those that run.
        same_seed: whether all have one seed; otherwise copies of the implicit network have different ones, and
            networks those that they have.
        annarchy_json, visible_cores: accepted; they have no effect.
        args: more arguments of the function; a list has one value for each network.

    Raises:
        InvalidArgument: if something can't be; nothing was run.
        RunFailed: if the function raises an exception, with its arguments.
    """
    checked_method(method, "idx, net")
    some = _checked(networks, number)
    nets = some or [Network(everything=True)]
    seeds = "same" if same_seed else [net.seed for net in some] if some else None
    runs, common = runs_of(len(some) or number, args, seeds, nets[0].seed)
    runs = [replace(run, args=(run.number,)) for run in runs]
    check_calls(method, 1, runs, common)
    if sequential:
        return collected(_here(method, some, runs, common), measure_time)
    experiments = tuple(_copies(net, method, common) for net in nets)
    experiment = Several(experiments) if some else experiments[0]
    study = Study(experiment, runs, common, lambda: facts_of(method, experiment))
    return collected(results(study, Asked(max_processes=max_processes)), measure_time)


def _copies(net: engram.Network, method: Callable[..., Any], common: dict[str, Any]) -> Copies:
    """Return the experiment of copies of a network, which know ``get`` though it be the implicit one."""
    found: Copies = net._copies(_Numbered(method), common)
    return replace(found, kind=Network) if net._core.is_implicit else found


def _here(
    method: Callable[..., Any], some: list[engram.Network], runs: list[Run], common: dict[str, Any]
) -> Iterator[tuple[Run, Any]]:
    """Call the function in this process, of the networks themselves, or of a new one for each run.

    Raises:
        RunFailed: if it raises an exception; the runs before have been.
    """
    for run in runs:
        net = some[run.number] if some else Network(everything=True)
        if net.seed != run.seed:
            net.set_seed(run.seed)
        if not net.compiled:
            net.compile()
        with knowing_get(net) as known:
            try:
                result = method(run.number, known, **common, **run.kwargs)
            except Exception as error:
                advice = "the networks stand where they were when it failed."
                what = f"run {run.number} has failed: {type(error).__name__}: {error}\n  its parameters: {run}"
                message = f"{what}\n  its seed: {run.seed}\n  help: {advice}"
                raise RunFailed(message, run.number, run.args, run.kwargs, run.seed, error) from error
        yield run, result


def _checked(networks: Any, number: Any) -> list[engram.Network]:
    """Return the networks of a call; none if it asks for copies of the implicit one.

    Raises:
        InvalidArgument: if it asks for neither, or for both.
    """
    listed = list(networks) if isinstance(networks, list | tuple) else []
    if listed and not number and all(isinstance(one, engram.Network) for one in listed):
        return listed
    if networks is None and number:
        return []
    advice = "parallel_run(method, networks=[net1, net2]) or parallel_run(method, number=2)."
    raise InvalidArgument(
        f"parallel_run(): expected a list as networks=, or number=, not {told(networks)} and {told(number)}\n"
        f"  help: {advice}"
    )
