"""Populations and projections made: checked, and taken into their network; and what they are told of times."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from engram.callers import warn
from engram.errors import InvalidArgument
from engram.models.definition import Neuron, Synapse
from engram.program.callbacks import Callbacks
from engram.program.drafts import Connection
from engram.program.kernels import check_models
from engram.program.listed import check_list
from engram.program.neurons import Neurons
from engram.program.program import Program
from engram.program.ranks import checked_geometry
from engram.program.rest import set_rest
from engram.program.stopping import stop_rule
from engram.program.synapses import Side, Synapses
from engram.program.unheard import near_target
from engram.program.units import warn_of_rest
from engram.state import names
from engram.state.distributions import Distribution
from engram.state.spelling import spelled
from engram.telling import told
from engram.wiring.kinds import LISTED

__all__ = ["check_connection", "fit_times", "new_population", "new_projection"]


def new_population(
    program: Program, name: str | None, definition: Neuron, geometry: Any, stop_condition: Any = None
) -> Neurons:
    """Return a new population of a network.

    Raises:
        InvalidArgument: if the geometry is no size, or the name is taken.
        LanguageError: if the text of the condition is wrong.
    """
    neurons = Neurons(program, name, definition, checked_geometry(geometry))
    if stop_condition is not None:
        neurons.draft.stop = stop_rule(neurons, stop_condition)
    if program.said_uids is None:  # a record has what was drawn, and generators of copied models stay where they are
        neurons.draw_with_generators()
        if definition.rest is not None:
            set_rest(neurons, definition.rest)
    program.add_population(neurons)
    return neurons


def new_projection(
    program: Program, name: str | None, definition: Synapse, pre: Side, post: Side, target: Any
) -> Synapses:
    """Return a new projection of a network.

    Raises:
        InvalidArgument: if the target is no name, or the name is taken.
        LanguageError: if the synapse reads an attribute that the populations lack.
    """
    targets = _checked_targets(target, pre[0].is_spiking and post[0].is_spiking)
    definition = definition.with_event_clock(program.config.event_clock)
    synapses = Synapses(program, name, definition, pre, post, targets)
    _check_models(synapses)
    if program.said_uids is None:
        _warn_of_typos(synapses)
    program.add_projection(synapses)
    return synapses


def _checked_targets(target: Any, is_spiking: bool) -> tuple[str, ...]:
    """Return the names of the inputs."""
    given = target if isinstance(target, list | tuple) else (target,)
    names = tuple(spelled(name, "the name of a target") if isinstance(name, str) else name for name in given)
    if not names or any(not isinstance(n, str) or not n.isidentifier() or not n.isascii() for n in names):
        got = "none was given" if target in ("", None) else f"not {told(target)}"
        what = f"target must be a name such as 'exc', or a list of names, {got}"
        advice = "letters, digits and _, as in g_exc or sum(exc)" if target else "say which input of the neurons it is"
        raise InvalidArgument(f"{what}\n  help: {advice}: net.connect(pre, post, 'exc').")
    if len(set(names)) < len(names):
        raise InvalidArgument(f"targets need different names, not {told(target)}\n  help: name each once.")
    if len(names) > 1 and not is_spiking:
        what = f"several targets need spiking populations, not {told(target)}"
        raise InvalidArgument(f"{what}\n  help: connect once for each: net.connect(pre, post, 'exc').")
    return names


def _warn_of_typos(synapses: Synapses) -> None:
    """A target that nobody reads is allowed, but one that resembles one that is read is a slip."""
    for target in synapses.targets:
        near = near_target(target, synapses.post)
        if near:
            what = f"the neurons of {synapses.post.name!r} don't read the input {target!r}"
            warn(f"{synapses.where}: {what}\n  help: did you mean {near!r}?")


def _check_models(synapses: Synapses) -> None:
    pre, post = synapses.pre, synapses.post
    for target in synapses.targets if post.is_spiking else ():
        if synapses.is_spiking and target in post.summed and post.spec.attribute(names.conductance(target)) is None:
            what = f"spikes would arrive, and the neurons of {post.name!r} read 'sum({target})', the input of rates"
            raise InvalidArgument(f"{synapses.where}: {what}\n  help: read 'g_{target}' in the neuron, or both.")
        conductance = post.spec.attribute(f"g_{target}")
        if conductance is not None and (conductance.type != "float" or conductance.locality != "local"):
            what = f"'g_{target}' of {post.name!r} must be a float of each neuron, since spikes add to it"
            raise InvalidArgument(f"{synapses.where}: {what}\n  help: remove its flags.")
    check_models(synapses.definition, pre.definition, post.definition, synapses.targets[0])


def check_connection(synapses: Synapses, asked: Connection, dt_ms: float, is_known: bool = False) -> None:
    """Refuse what can't be connected with steps of ``dt_ms``; warn of what a reader might not expect, unless that is
    known.
    """
    if asked.connector.kind == LISTED:
        check_list(asked.connector, dt_ms, synapses.where)
        return
    partial = synapses.is_partial
    pre, post = synapses.ranks_of_sides() if partial else (range(synapses.pre.size), range(synapses.post.size))
    import_module("engram.wiring.connect").check(  # loaded when something is connected: importing engram must be quick
        asked.connector,
        n_pre=len(pre),
        n_post=len(post),
        same_population=synapses.pre is synapses.post,
        allow_self=asked.allow_self,
        delays=asked.delays,
        weights=asked.weights,
        dt_ms=dt_ms,
        where=synapses.where,
        parts=(pre, post) if partial else None,
        geometries=(synapses.pre.geometry, synapses.post.geometry),
        is_known=is_known,
    )


# -- times -------------------------------------------------------------------------------------------------


def fit_times(program: Program, callbacks: Callbacks, dt_ms: float) -> None:
    """Refuse a step that some times are no multiples of; warn of those that are rounded."""
    try:
        for monitor in program.monitors.values():
            monitor.steps_at_start(dt_ms)
        for population in program.populations.values():
            if population.draft.rate_window_ms is not None:
                population.window_steps(population.draft.rate_window_ms, dt_ms)
        for projection in program.projections.values():
            _check_times(projection, dt_ms)
    except InvalidArgument as error:
        problem = str(error).partition("\n")[0]
        advice = "choose a dt that they are multiples of, or set dt before they are given."
        raise InvalidArgument(f"dt can't be {dt_ms:g} ms: {problem}\n  help: {advice}") from error
    callbacks.fit(dt_ms)


def _check_times(synapses: Synapses, dt_ms: float) -> None:
    asked = synapses.draft.connection
    if asked is not None:
        check_connection(synapses, asked, dt_ms, is_known=True)
    if asked is not None and not isinstance(asked.delays, Distribution | str) and asked.delays:  # 0.0 is one step
        warn_of_rest(asked.delays, max(1, round(asked.delays / dt_ms)), dt_ms, f"{synapses.where}: delays")
    synapses.learning_at_start(dt_ms, synapses.where)
