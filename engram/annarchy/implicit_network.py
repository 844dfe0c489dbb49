"""Functions of the module as scripts for ANNarchy 5 call them: they do to the implicit network what engram's do."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import engram
from engram.annarchy.command_line import compiling, simulating
from engram.annarchy.keywords import COMPILE, as_there
from engram.annarchy.network import configured, found
from engram.errors import InvalidArgument
from engram.network_numbers import network_of

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
    "sparse_random_matrix",
    "start_creating",
    "start_pruning",
    "step",
    "stop_creating",
    "stop_pruning",
]

compile = as_there(compiling(engram.compile), f"{COMPILE} net_id")  # noqa: A001  a name of ANNarchy's
simulate = as_there(
    simulating(engram.simulate),
    "duration measure_time callbacks show_monitor_memory_estimate net_id progress_bar>progress",
)
simulate_until = as_there(engram.simulate_until, "max_duration population operator measure_time net_id")
step = as_there(engram.step, "net_id")
reset = as_there(engram.reset, "populations projections synapses monitors net_id")
save = as_there(engram.save, "filename>file populations projections net_id")
load = as_there(engram.load, "filename>file populations projections pickle_encoding net_id")
save_parameters = as_there(engram.save_parameters, "filename>file net_id")
load_parameters = as_there(engram.load_parameters, "filename>file global_only verbose net_id")
get_population = partial(found, as_there(engram.get_population, "name net_id"))
get_projection = partial(found, as_there(engram.get_projection, "name net_id"))
get_time = as_there(engram.get_time, "net_id")
set_time = as_there(engram.set_time, "t net_id")
get_current_step = as_there(engram.get_current_step, "net_id")
set_current_step = as_there(engram.set_current_step, "t>step net_id")
dt = as_there(engram.dt, "net_id")
set_seed = as_there(engram.set_seed, "seed use_seed_seq net_id")
enable_learning = as_there(engram.enable_learning, "projections period offset net_id")
disable_learning = as_there(engram.disable_learning, "projections net_id")
callbacks_enabled = as_there(engram.callbacks_enabled, "net_id")
enable_callbacks = as_there(engram.enable_callbacks, "net_id")
disable_callbacks = as_there(engram.disable_callbacks, "net_id")
clear_all_callbacks = as_there(engram.clear_all_callbacks, "net_id")
functions = as_there(engram.functions, "name net_id")
clear = as_there(engram.clear, "functions neurons synapses constants net_id")
report = as_there(engram.report, "network filename standalone gather_subprojections title author date net_id")
sparse_random_matrix = as_there(engram.sparse_random_matrix, "pre post p>proba weight>weights rng")


def setup(*, net_id: int = 0, **settings: Any) -> None:
    """Change settings of the implicit network; unknown ones are left out with a warning."""
    configured(magic_network(net_id).config, settings)


def every(
    network: Any = None, period: float = 1.0, offset: float = 0.0, wait: float = 0.0, net_id: int = 0
) -> Callable[..., Any]:
    """Let ``simulate`` call a function at given times; see :func:`engram.every`."""
    return engram.every(period, offset, wait, network_of(net_id) if network is None else network)


def magic_network(net_id: int = 0) -> engram.Network:
    """Return the implicit network, or the one with a number."""
    return network_of(net_id) or engram.magic_network()


def add_function(function: str, net_id: int = 0) -> None:
    """Declare a function for the equations of all networks; see :func:`engram.add_function`."""
    network_of(net_id)  # an error if there is none
    engram.add_function(function)


def populations(net_id: int = 0) -> list[engram.Population]:
    """Return the populations of the implicit network."""
    return magic_network(net_id).get_populations()


def projections(
    post: Any = None, pre: Any = None, target: str | None = None, net_id: int = 0
) -> list[engram.Projection]:
    """Return the projections of the implicit network, those between some populations, or those with a target."""
    return magic_network(net_id).get_projections(post, pre, target, suppress_error=True)


def start_pruning(period: float | None = None, net_id: int = 0) -> None:
    """Test the rule ``pruning`` in the projections of the implicit network that have it."""
    for proj in _with_rule("pruning", net_id):
        proj.start_pruning(period)


def stop_pruning(net_id: int = 0) -> None:
    """No longer test that rule."""
    for proj in _with_rule("pruning", net_id):
        proj.stop_pruning()


def start_creating(period: float | None = None, net_id: int = 0) -> None:
    """Test the rule ``creating`` in the projections of the implicit network that have it."""
    for proj in _with_rule("creating", net_id):
        proj.start_creating(period)


def stop_creating(net_id: int = 0) -> None:
    """No longer test that rule."""
    for proj in _with_rule("creating", net_id):
        proj.stop_creating()


def _with_rule(rule: str, net_id: int) -> list[engram.Projection]:
    """Return the projections whose synapses have a rule.

    Raises:
        InvalidArgument: if there are none.
    """
    found = [proj for proj in projections(net_id=net_id) if getattr(proj.synapse_type, rule)]
    if not found:
        raise InvalidArgument(f"no projection has the rule `{rule}`\n  help: write Synapse(..., {rule}='...').")
    return found


def monitors(obj: Any = None, net_id: int = 0) -> list[engram.Monitor]:
    """Return the monitors of the implicit network, or those of one object; see :func:`engram.monitors`."""
    return [
        one for one in magic_network(net_id).get_monitors() if obj is None or one.object is obj or one.object == obj
    ]
