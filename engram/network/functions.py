"""The functions of the module: each does to the implicit network what its method does to a named one."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection
from functools import partial
from typing import TYPE_CHECKING, Any, Literal, TypeVar, cast, overload

from engram.callers import checked, warn
from engram.errors import InvalidArgument, LoadWarning
from engram.models.registry import REGISTRY
from engram.network.implicit import implicit, network_or_implicit
from engram.network.monitor import Monitor
from engram.network.network import Network
from engram.network.numbered import numbered, warn_of_empty
from engram.network.population import Population
from engram.network.projection import Projection
from engram.program.user_functions import UserFunction, shared_function
from engram.telling import told

if TYPE_CHECKING:
    from engram.explain.profile import Profile
    from engram.persistence.reading import File
    from engram.storage.report import LoadReport
    from engram.storage.save import SaveReport

__all__ = [
    "add_function",
    "callbacks_enabled",
    "clear",
    "clear_all_callbacks",
    "compile",
    "disable_callbacks",
    "disable_learning",
    "dt",
    "enable_callbacks",
    "enable_learning",
    "every",
    "functions",
    "get_current_step",
    "get_population",
    "get_projection",
    "get_time",
    "load",
    "load_parameters",
    "magic_network",
    "monitors",
    "open",
    "populations",
    "projections",
    "report",
    "reset",
    "save",
    "save_parameters",
    "set_current_step",
    "set_seed",
    "set_time",
    "setup",
    "simulate",
    "simulate_until",
    "step",
]

Path = str | os.PathLike[str]
F = TypeVar("F", bound=Callable[[int], object])


@partial(numbered, of=lambda network: network)
def magic_network() -> Network:
    """Return the implicit network."""
    return cast(Network, implicit.get())


@partial(numbered, of=lambda network: network.config)
def setup(**settings: Any) -> None:
    """Change settings of the implicit network; see :meth:`Network.config`.

    Networks made by :class:`Network` from then on have the same settings, but for the seed, which each is given:
    ``eg.Network(seed=1)``.
    """
    cast(Network, implicit.to_define()).config(**settings)


@partial(numbered, of=lambda _: REGISTRY.add_function)  # all networks know it
def add_function(function: str) -> None:
    """Declare a function that the equations of all models made from now on may call.

    Args:
        function: ``f(x, y) = x*y``: one expression of its own arguments, constants and other such functions.

    Raises:
        LanguageError: if the text is wrong, or the name is taken.
    """
    if not isinstance(function, str):
        raise InvalidArgument(
            f"a function is text, f(x) = ..., not {told(function)}"
            "\n  help: eg.add_function('f(x) = x*x'); in Python, call net.every or simulate step by step."
        )
    REGISTRY.add_function(function)


@checked
def functions(name: str, network: Network | None = None) -> UserFunction:
    """Return a function that :func:`add_function` declared, to be called with numbers, lists or arrays.

    Args:
        name: of the function.
        network: whose constants it knows; the implicit one by default.

    Raises:
        InvalidArgument: if there is no such function.
    """
    return shared_function(name, network_or_implicit(network)._core)


@numbered
def clear(functions: bool = True, neurons: bool = True, synapses: bool = True, constants: bool = True) -> None:
    """Forget the implicit network and everything in it; what :func:`setup` was given stays.

    Populations, projections and monitors of it can't be used any more.

    Args:
        functions, constants: forget those that were declared for all models.
        neurons, synapses: accepted for scripts written for ANNarchy; models are not registered anywhere.
    """
    implicit.clear()
    if functions:
        REGISTRY.functions.clear()
    if constants:
        REGISTRY.constants.clear()
        REGISTRY.names.clear()


@numbered
def compile(directory: str = "", silent: bool = True, backend: str | None = None, **hints: Any) -> None:  # noqa: A001  4.x name
    """Compile the implicit network; see :meth:`Network.compile`."""
    magic_network().compile(directory, silent, backend, **hints)


@numbered
def simulate(
    duration: float,
    measure_time: bool = False,
    progress: bool = False,
    profile: bool = False,
    callbacks: bool = True,
) -> Profile | None:
    """Simulate the implicit network; see :meth:`Network.simulate`."""
    return magic_network().simulate(duration, measure_time, progress, profile, callbacks)


@checked
def every(period: float, offset: float = 0.0, wait: float = 0.0, network: Network | None = None) -> Callable[[F], F]:
    """Let :meth:`Network.simulate` call a function at given times, before the step at that time is run::

        @eg.every(period=10.0)
        def weaken(n):
            proj.w = 0.9 * proj.array("w")

    It is called with 0, 1, 2 ... at ``wait + offset + n*period`` after the beginning of each call of ``simulate``.
    Those of one step are called in the order of their declaration.

    It may read and set values, switch monitors, and save; simulating, resetting, loading or setting the clock is an
    error there. What it raises ends the run between two steps. A file can't hold it: the reports of saving and loading
    name it. In a notebook one of the same name, which the same cell declared in a run before, gives way to it. Nothing
    of its times has to be resumed, since they count from the call of ``simulate``.

    Args:
        period: in ms, whole steps, as the others are.
        offset: of the first call within the period; if negative, from the end of the period.
        wait: before the first period begins.
        network: that calls it; the implicit one by default.

    Raises:
        InvalidArgument: if a time can't be, or the function can't be called with a number.
    """
    one = cast(Network, implicit.to_define(tells=False) if network is None else network_or_implicit(network))
    implicit.note(one)
    return one.every(period, offset, wait)


@numbered
def callbacks_enabled() -> bool:
    """Return whether the implicit network calls its callbacks."""
    return magic_network().callbacks_enabled()


@numbered
def enable_callbacks() -> None:
    """Let the implicit network call its callbacks; see :meth:`Network.enable_callbacks`."""
    magic_network().enable_callbacks()


@numbered
def disable_callbacks() -> None:
    """Let the implicit network call no callbacks; see :meth:`Network.disable_callbacks`."""
    magic_network().disable_callbacks()


@numbered
def clear_all_callbacks() -> None:
    """Forget all callbacks of the implicit network."""
    magic_network().clear_all_callbacks()


@numbered
def simulate_until(max_duration: float, population: Any, operator: str = "and", measure_time: bool = False) -> float:
    """Simulate the implicit network until conditions hold; see :meth:`Network.simulate_until`."""
    return magic_network().simulate_until(max_duration, population, operator, measure_time)


@numbered
def step() -> None:
    """Simulate one step of the implicit network."""
    magic_network().step()


@numbered
def reset(
    populations: bool = True,
    projections: bool | None = None,
    synapses: bool = False,
    monitors: bool = True,
    reseed_rng: bool = True,
    parameters: bool = True,
) -> None:
    """Take the implicit network back to time 0; see :meth:`Network.reset`."""
    magic_network().reset(populations, projections, synapses, monitors, reseed_rng, parameters)


@numbered
def enable_learning(projections: Any = None, period: float | None = None, offset: float | None = None) -> None:
    """Let the synapses of the implicit network change; see :meth:`Network.enable_learning`."""
    magic_network().enable_learning(projections, period, offset)


@numbered
def disable_learning(projections: Any = None) -> None:
    """Freeze the synapses of the implicit network; see :meth:`Network.disable_learning`."""
    magic_network().disable_learning(projections)


@numbered
def get_time() -> float:
    """Return the time of the implicit network in ms."""
    return magic_network().time


@numbered
def get_current_step() -> int:
    """Return the number of finished steps of the implicit network."""
    return magic_network().current_step


@numbered
def set_time(t: float) -> None:
    """Set the time of the implicit network in ms; see :attr:`Network.time`."""
    magic_network().time = t


@numbered
def set_current_step(step: int) -> None:
    """Set the number of finished steps of the implicit network; see :attr:`Network.current_step`."""
    magic_network().current_step = step


@numbered
def set_seed(seed: int | None) -> None:
    """Set the seed of the implicit network, after compile that of what is drawn from then on; see
    :meth:`Network.set_seed`.
    """
    cast(Network, implicit.to_define()).set_seed(seed)


@numbered
def dt() -> float:
    """Return the step of the implicit network in ms."""
    return magic_network().dt


@numbered
def get_population(name: str) -> Any:
    """Return a population of the implicit network by name."""
    return magic_network().get_population(name)


@numbered
def get_projection(name: str) -> Any:
    """Return a projection of the implicit network by name."""
    return magic_network().get_projection(name)


@numbered
def save(file: Path, populations: bool = True, projections: bool = True, monitors: bool = True) -> SaveReport:
    """Save the implicit network; see :meth:`Network.save`."""
    return magic_network().save(file, populations, projections, monitors)


@numbered
def load(
    file: Path,
    populations: bool = True,
    projections: bool = True,
    monitors: bool = True,
    *,
    only: str | Collection[str] | None = None,
    cast: bool = False,
    exact: bool = False,
) -> LoadReport:
    """Load the implicit network; see :meth:`Network.load`."""
    return magic_network().load(file, populations, projections, monitors, only=only, cast=cast, exact=exact)


@numbered
def save_parameters(file: Path, network: dict[str, Any] | None = None) -> None:
    """Save the parameters of the implicit network; see :meth:`Network.save_parameters`."""
    magic_network().save_parameters(file, network)


@numbered
def load_parameters(file: Path, global_only: bool = True, verbose: bool = False, strict: bool = True) -> dict[str, Any]:
    """Load parameters into the implicit network; see :meth:`Network.load_parameters`."""
    return magic_network().load_parameters(file, global_only, verbose, strict)


@partial(numbered, of=lambda network: network.get_populations)
def populations() -> list[Population]:
    """Return the populations of the implicit network, in the order of their creation."""
    return magic_network().get_populations()


@partial(numbered, of=lambda network: partial(network.get_projections, suppress_error=True))
def projections(post: Any = None, pre: Any = None, target: str | None = None) -> list[Projection]:
    """Return the projections of the implicit network, in the order of their creation.

    Args:
        post, pre: only those of this population, or of the whole one of which this is a view; names will do.
        target: only those with this target, alone or among others.
    """
    return magic_network().get_projections(post, pre, target, suppress_error=True)


@partial(numbered, of=lambda network: partial(_monitors_of, network))
def monitors(obj: Any = None) -> list[Monitor]:
    """Return the monitors of the implicit network, or those of a population, view, projection or dendrite."""
    return _monitors_of(magic_network(), obj)


def _monitors_of(network: Network, obj: Any = None) -> list[Monitor]:
    return [one for one in network.get_monitors() if obj is None or one.object is obj or one.object == obj]


@overload
def open(file: Path, backend: str | None = None, num_threads: int | None = None) -> Network: ...  # noqa: A001


@overload
def open(file: Path, *, lazy: Literal[True]) -> File: ...  # noqa: A001


@checked
def open(  # noqa: A001  eg.open
    file: Path, backend: str | None = None, num_threads: int | None = None, *, lazy: bool = False
) -> Network | File:
    """Return the network that a file holds, compiled and where it stood: no script is needed, and nothing is drawn.

        net = eg.open("run.npz")
        net.simulate(1000.0)

    Objects are found by name: ``net.get_population("exc")``. What no file holds (callbacks, attributes that a script
    gave the network, a generator of the user's own) is named by a warning and in ``net.load_report``. A file of any
    format can be opened; one from a stranger can describe arithmetic, and nothing else.

    Args:
        file: that :meth:`Network.save` wrote, with all its parts.
        backend: ``c`` or ``numpy``; that of the saved network by default, so that it goes on to the bit.
        num_threads: see :meth:`Network.config`; it changes no bit.
        lazy: make no network and read no value: return what :func:`engram.read` does, of which each is read, and
            verified, when it is looked at.

    Raises:
        MissingFile, ReadError, UnsupportedFile, DamagedFile: as for :meth:`Network.load`.
        CompileError: if there is no C compiler and ``backend="c"`` was asked for.
    """
    if lazy:
        if (backend, num_threads) != (None, None):
            advice = "leave backend= and num_threads= out; without lazy=True there is a network, which has them."
            raise InvalidArgument(f"lazy=True reads values, and runs nothing\n  help: {advice}")
        from engram.persistence.reading import read

        return read(file)
    from engram.persistence.opened import opened  # which most scripts never need

    network = Network._of(opened(file, backend, num_threads))
    network._core.is_opened = True
    report = network.load_report
    if report is not None and report.exact and (report.not_saved or report.notes):  # of all else loading has warned
        warn(str(report), LoadWarning)
    return network


@checked
def report(
    network: Network | None = None,
    filename: Path = "./report.tex",
    standalone: bool = True,
    gather_subprojections: bool = False,
    title: str | None = None,
    author: str | None = None,
    date: str | None = None,
) -> str:
    """Write a description of a network, the implicit one by default; see :meth:`Network.report`."""
    if network is None:
        warn_of_empty("report")
    asked = cast(Network, network_or_implicit(network))
    return asked.report(filename, standalone, gather_subprojections, title, author, date)
