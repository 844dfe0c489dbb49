"""What makes another network of one: copies, excerpts, pickles. For :class:`Network`."""

from __future__ import annotations

import copy
from functools import cache
from typing import TYPE_CHECKING, Any, TypeVar

from engram.callers import checked_calls
from engram.errors import InvalidArgument
from engram.network.handle import is_among
from engram.network.implicit import implicit
from engram.network.members import Members
from engram.network.monitor import Monitor
from engram.network.population import Population
from engram.network.projection import Projection
from engram.telling import told

if TYPE_CHECKING:
    from typing_extensions import Self

    from engram.persistence.keeper import Keeper

__all__ = ["Copied", "users_attributes"]

N = TypeVar("N", bound="Copied")


@checked_calls
class Copied(Members):
    """A network that can be copied; see :class:`engram.Network`."""

    if TYPE_CHECKING:

        @classmethod
        def _of(cls, keeper: Keeper) -> Self: ...

        def _hold(self, keeper: Keeper) -> None: ...

    def copy(self) -> Self:
        """Return a network that is equal and shares nothing: what happens to one does not happen to the other.

        Compiled or not, it goes on to the bit as this one would. What users keep in a network, as attributes, is
        copied with it (``copy.deepcopy``), so that their handles become those of the copy; the constructor of a
        subclass is not called.

        What is drawn from generators of the user's own (``rng=``, ``seed=``), the copy draws from copies of them.

        Raises:
            BrokenNetwork: if a load failed half way.
        """
        return self.__deepcopy__({})

    def excerpt(self, parts: list[Population | Projection | Monitor] | None = None) -> Self:
        """Return a network of some parts of this one, of all by default: as they were defined, and not compiled.

        Values that were assigned before compile, connectors and settings are the same, and so is what is drawn: the
        seed is that of this network. Callbacks, recordings and what users keep in the network are left out.

        Raises:
            InvalidArgument: if something is no part of this network, or needs a population that is not listed.
        """
        return self._of(self._excerpt(parts))

    def _excerpt(self, parts: list[Population | Projection | Monitor] | None) -> Keeper:
        from engram.persistence.excerpts import excerpt  # which most scripts never need

        mine = (self._populations, self._projections, self._monitors)
        listed: list[Any] = [one for known in mine for one in known.values()]
        if parts is not None:
            listed = [*parts] if isinstance(parts, list | tuple) else [parts]
        for one in listed:
            if not any(is_among(known, one) for known in mine):
                what = f"excerpt() takes populations, projections and monitors of this network, not {told(one)}"
                shown = f"net[{one!r}]" if isinstance(one, str) and one in self else "pop, proj"
                raise InvalidArgument(f"{what}\n  help: net.excerpt([{shown}]).")
        brought = (part for one in listed for part in (one._parts if isinstance(one, Monitor) else [one]))
        with self._core.lock:
            return excerpt(self._keeper, [*dict.fromkeys(part._core for part in brought)])

    def _take_parts(self, other: Copied, parts: list[Population | Projection | Monitor]) -> None:
        """Become an excerpt of another network; handles of this one are lost."""
        self._hold(other._excerpt(parts))

    def __copy__(self) -> Self:
        return self.copy()

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        from engram.persistence.copies import copied  # which most scripts never need

        with self._core.lock:
            new = self._of(copied(self._keeper))
        memo[id(self)] = new
        for name, value in users_attributes(self).items():
            try:
                vars(new)[name] = copy.deepcopy(value, memo)
            except TypeError as error:
                advice = "take it off the network, or give its class __deepcopy__."
                raise InvalidArgument(f"the attribute {name!r} can't be copied: {error}\n  help: {advice}") from error
        return new

    def __reduce__(self) -> Any:
        from engram.persistence.copies import pickled  # as above

        with self._core.lock:
            return _unpickled, (type(self), *pickled(self._keeper)), users_attributes(self)


def _unpickled(kind: type[N], *held: Any) -> N:
    """Return the network of a pickle."""
    from engram.persistence.copies import unpickled  # as above

    return kind._of(unpickled(*held))


def users_attributes(network: object) -> dict[str, Any]:
    """Return the attributes that users have given a network."""
    return {name: value for name, value in vars(network).items() if name not in _ours()}


@cache
def _ours() -> frozenset[str]:
    return frozenset(vars(implicit.kind(seed=0)))
