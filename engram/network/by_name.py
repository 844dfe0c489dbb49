"""Attributes by their names, of what is some synapses of a projection."""

from __future__ import annotations

from typing import Any, ClassVar

from engram.callers import shortened
from engram.errors import UnknownAttribute
from engram.network.fixed import Fixed
from engram.network.guessed import no_member, refuse_as_property
from engram.program.synapses import Synapses

__all__ = ["ByName"]

OF_ALL = "delays are set for all synapses at once: proj.delay = 2.0, a list for each post neuron, or a distribution."


class ByName(Fixed):
    """Attributes by their names, of what has ``get`` and ``set``: ``synapse.w``, ``dendrite.w = 0.5``."""

    _kind: ClassVar[str]  # what messages call it
    _core: Synapses

    def get(self, name: str) -> Any:
        """Return the values of an attribute."""
        raise NotImplementedError

    def set(self, values: dict[str, Any]) -> None:
        """Set attributes."""
        raise NotImplementedError

    def _is_models(self, name: str) -> bool:
        return self._core.spec.attribute(name) is not None

    @shortened
    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            refuse_as_property(self, name)
            raise AttributeError(name)
        try:
            return self.get(name)
        except UnknownAttribute:
            raise no_member(self, self._core, name) from None

    @shortened
    def __setattr__(self, name: str, value: Any) -> None:
        if hasattr(type(self), name) and not self._is_models(name):
            assignable = ", ".join(self._core.attributes)
            advice = OF_ALL if name == "delay" else f"it says which one this is; what can be assigned: {assignable}."
            raise UnknownAttribute(f"{name!r} of a {self._kind} can't be assigned\n  help: {advice}")
        self.set({name: value})

    def __dir__(self) -> list[str]:
        return [*super().__dir__(), *self._core.attributes]
