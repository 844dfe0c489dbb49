"""Structural plasticity: at the end of a step, synapses go where one rule holds, and come where another does.

A rule is tested by a call between the learning of a step and its records, in the steps that its period says. Both
backends evaluate its condition by the interpreter's definition, and draw by (pre, post, step): which synapses there are
depends neither on the backend, nor on threads, nor on how synapses stand in memory. What is done then: ``turnover.py``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from engram.callers import plain_number
from engram.errors import InvalidArgument, NotCompiled
from engram.ir.jobs import Call
from engram.program.synapses import Synapses
from engram.program.units import CLOSE, steps_truncated, warn_of_rest
from engram.state import names
from engram.state.distributions import Distribution
from engram.telling import told

if TYPE_CHECKING:
    from engram.program.conditions import Known

__all__ = ["call_of", "check_rules", "start_rule", "stop_rule"]


# -- on and off --------------------------------------------------------------------------------------------


def start_rule(projection: Synapses, rule: str, period_ms: float | None) -> None:
    """Test a rule from the coming step on, each period.

    Args:
        rule: ``pruning`` or ``creating``.
        period_ms: None: every step.

    Raises:
        InvalidArgument: if the model has no such rule, or the period is shorter than a step.
        NotCompiled: before compile.
    """
    _check_has(projection, rule)
    if rule == "creating":
        _check_draws(projection)
    dt_ms = projection.program.dt
    where = f"{projection.where}: {rule}: period"
    number = plain_number(period_ms)
    if number is not None and number < dt_ms * (1.0 - CLOSE):
        what = f"{where} must be at least one step ({dt_ms:g} ms), not {told(period_ms)}"
        raise InvalidArgument(f"{what}\n  help: start_{rule}(period=10.0), in ms; without it, in every step.")
    steps = 1 if period_ms is None else steps_truncated(period_ms, dt_ms, where)
    if period_ms is not None:
        warn_of_rest(period_ms, steps, dt_ms, where)
    projection.write(names.rule_offset(rule), projection.program.state.step % steps)
    projection.write(names.rule_period(rule), steps)


def stop_rule(projection: Synapses, rule: str) -> None:
    """No longer test a rule.

    Raises:
        InvalidArgument, NotCompiled: as of :func:`start_rule`.
    """
    _check_has(projection, rule)
    projection.write(names.rule_period(rule), 0)


def _check_has(projection: Synapses, rule: str) -> None:
    if getattr(projection.spec, rule) is None:
        example = "'age > 100.0 : proba=0.5'" if rule == "pruning" else "'pre.r*post.r > 0.9 : proba=0.1, w=1.0'"
        what = f"{projection.where}: its synapses have no rule `{rule}`"
        raise InvalidArgument(f"{what}\n  help: write eg.Synapse(..., {rule}={example}).")
    if not projection.program.compiled:
        what = f"{projection.where}: there are no synapses for the rule `{rule}` before compile()"
        raise NotCompiled(f"{what}\n  help: call start_{rule}() and stop_{rule}() after net.compile().")
    projection.check_wired()


def _check_draws(projection: Synapses) -> None:
    """Refuse attributes of new synapses that a generator of the user's own draws: files don't have it."""
    for attribute in projection.spec.attributes:
        law = projection.draft.values.get(attribute.name, attribute.default)
        if attribute.locality == "local" and isinstance(law, Distribution) and law.rng is not None:
            what = f"{projection.where}: creating: {attribute.name!r} of new synapses would be drawn from a generator"
            why = "of your own, which no file has, so that what is saved could not go on"
            advice = f"{attribute.name} = {law} without rng= or seed=: each synapse then has draws of its own."
            raise InvalidArgument(f"{what} {why}\n  help: {advice}")


def check_rules(projection: Synapses) -> None:
    """Refuse rules that can't be followed with the network's step.

    Raises:
        InvalidArgument: if new synapses would have too long a delay.
    """
    from engram.wiring.connectivity import MAX_DELAY_STEPS  # with ``wiring``: importing engram must be quick

    rule, dt_ms = projection.spec.creating, projection.program.dt
    if rule is not None and rule.d is not None and rule.d / dt_ms >= MAX_DELAY_STEPS + 0.5:
        steps = f"{rule.d:g} ms are {rule.d / dt_ms:.0f} steps of dt={dt_ms:g} ms"
        what = f"{projection.where}: creating: d={rule.d:g}: {steps}, and at most {MAX_DELAY_STEPS} are possible"
        raise InvalidArgument(f"{what}\n  help: d is in ms: write a shorter one, or take a larger dt.")


# -- in a step ---------------------------------------------------------------------------------------------


def call_of(projection: Synapses) -> Call:
    """Return what tests the rules of a projection in the steps in which that is due; always the same object."""
    if projection.rules is None:

        def due(step: int) -> int | None:
            return min((at for rule in names.RULES if (at := _next(projection, rule, step)) is not None), default=None)

        known: Known = {}

        def test(step: int) -> None:
            from engram.program.turnover import test_rules  # with ``wiring``: importing engram must be quick

            rules = [rule for rule in names.RULES if _next(projection, rule, step) == step]
            try:
                test_rules(projection, rules, step, known)
            except MemoryError as error:
                if not projection.program.state.broken:
                    raise MemoryError(_left_out(projection, rules, step, error)) from error
                raise

        projection.rules = Call("structural plasticity", projection.name, due, test, is_whole=True)
    return projection.rules


def _left_out(projection: Synapses, rules: list[str], step: int, error: MemoryError) -> str:
    """Say what has not been done where memory is short."""
    detail = f" ({error})" if str(error) else ""
    what = f"{projection.where}: memory is short for {' and '.join(rules)} in step {step}{detail}"
    stands = "this change of its synapses was left out; the network stands after that step, as without the rule in it"
    advice = f"free memory and go on, net.save() it, or proj.stop_{rules[0]}()."
    return f"{what}\n  {stands}\n  help: {advice}"


def _next(projection: Synapses, rule: str, step: int) -> int | None:
    """Return the first step from one on in which a rule is tested."""
    if getattr(projection.spec, rule) is None:
        return None
    period = int(projection.value(names.rule_period(rule)))
    return step + (int(projection.value(names.rule_offset(rule))) - step) % period if period else None
