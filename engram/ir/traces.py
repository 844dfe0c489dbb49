"""Event-driven variables of a synapse by the side whose events write them. Called by ``ir`` wherever that matters."""

from __future__ import annotations

from dataclasses import dataclass

from engram.language.model import Model, Ode

__all__ = ["Traces", "traces_of"]


@dataclass(frozen=True)
class Traces:
    """The event-driven variables of a synapse by the side whose events write them."""

    pre: tuple[Ode, ...]
    post: tuple[Ode, ...]
    both: tuple[Ode, ...]

    def own(self, side: str) -> tuple[Ode, ...]:
        """Those that one side alone writes."""
        return self.pre if side == "pre" else self.post

    def sides(self) -> tuple[str, ...]:
        """The sides whose last events must be remembered."""
        return tuple(side for side in ("pre", "post") if self.own(side) or self.both)


def traces_of(model: Model) -> Traces:
    """Sort the event-driven variables of a synapse; one that no event writes counts as the pre side's."""
    in_pre = {s.name for s in (*model.pre_spike, *model.pre_axon_spike)}
    in_post = {s.name for s in model.post_spike}
    both = tuple(o for o in model.event_driven if o.name in in_pre and o.name in in_post)
    post = tuple(o for o in model.event_driven if o.name in in_post - in_pre)
    pre = tuple(o for o in model.event_driven if o.name not in in_post)
    return Traces(pre, post, both)
