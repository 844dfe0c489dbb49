"""Event-driven variables of a synapse by the side whose events write them."""

from __future__ import annotations

from dataclasses import dataclass

from engram.language.model import Model, Ode

__all__ = ["Traces", "traces_of"]


@dataclass(frozen=True)
class Traces:
    """The event-driven variables of a synapse by the side whose events write them.

    ``sides`` are those whose last events must be remembered.
    """

    pre: tuple[Ode, ...]
    post: tuple[Ode, ...]
    both: tuple[Ode, ...]
    sides: tuple[str, ...]

    def of_one(self, side: str) -> tuple[Ode, ...]:
        """Those that one side alone writes."""
        return self.pre if side == "pre" else self.post


def traces_of(model: Model) -> Traces:
    """Sort the event-driven variables of a synapse; one that no event writes counts as the pre side's."""
    in_pre = {s.name for s in (*model.pre_spike, *model.pre_axon_spike)}
    in_post = {s.name for s in model.post_spike}
    if model.event_clock == "annarchy":  # every event of a synapse advances all of them
        sides = tuple(side for side, statements in (("pre", True), ("post", model.post_spike)) if statements)
        return Traces((), (), model.event_driven, sides if model.event_driven else ())
    both = tuple(o for o in model.event_driven if o.name in in_pre and o.name in in_post)
    post = tuple(o for o in model.event_driven if o.name in in_post - in_pre)
    pre = tuple(o for o in model.event_driven if o.name not in in_post)
    return Traces(pre, post, both, tuple(s for s, of_one in (("pre", pre), ("post", post)) if of_one or both))
