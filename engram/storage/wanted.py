"""What a load is asked for, and which objects and values that means."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

from engram.errors import InvalidArgument
from engram.state.slots import Layout, Role, Slot
from engram.state.spelling import spelled

__all__ = ["WHOLE", "Wanted", "named_paths", "parts_above", "paths_below", "wanted_of", "with_end"]

WHOLE = ("network", "constants", "monitors")  # what a load of parts leaves as it is


@dataclass(frozen=True)
class Wanted:
    """The options of a load.

    Args:
        populations, projections, monitors: whether to load those at all.
        only: paths of objects (``populations/exc``) or values; None for all.
        cast: accept a dtype in which some values don't survive.
        exact: refuse whatever would not go on to the bit.
        is_single: the file holds, or the call asks for, one object.
    """

    populations: bool = True
    projections: bool = True
    monitors: bool = True
    only: tuple[str, ...] | None = None
    cast: bool = False
    exact: bool = False
    is_single: bool = False

    @property
    def is_partial(self) -> bool:
        """Whether clock, seed, draws, histories and monitors stay the network's."""
        return not (self.populations and self.projections) or self.only is not None or self.is_single

    @property
    def is_everything(self) -> bool:
        """Whether all objects and values take part."""
        return self.monitors and not self.is_partial

    def has_object(self, path: str) -> bool:
        """Whether an object takes part, or a value of one, by its path."""
        if not self._has_group(path):
            return False
        return self.only is None or path in self._above or not self._named.isdisjoint(parts_above(path))

    def has_all(self, path: str) -> bool:
        """Whether all of an object takes part."""
        return self.only is None or not self._named.isdisjoint(parts_above(path))

    def has_value(self, slot: Slot) -> bool:
        """Whether a value takes part."""
        if not self._has_group(slot.path):
            return False
        if self.is_partial and (slot.layout in (Layout.RING, Layout.SPIKES) or _was_given(slot)):
            return False
        return self.only is None or not self._named.isdisjoint(parts_above(slot.path))

    def check_named(self, slots: Iterable[Slot]) -> None:
        """Refuse a path in ``only`` of which no value takes part.

        Args:
            slots: all that there are, of the file and of the network.

        Raises:
            InvalidArgument: naming the first such path.
        """
        taken = {part for slot in slots if self.has_value(slot) for part in parts_above(slot.path)}
        for name in self.only or ():
            if name not in taken:
                group = name.partition("/")[0]
                what = "spikes in flight, rates of before and what synapses began with are not loaded in part"
                advice = "leave out only= for all of the network, or name an object: that loads what it is now."
                if not self._has_group(name):
                    what, advice = f"{group}=False leaves that out", f"leave out {group}=False."
                raise InvalidArgument(f"only={name!r}: {what}\n  help: {advice}")

    @cached_property
    def _named(self) -> frozenset[str]:
        return frozenset(self.only or ())

    @cached_property
    def _above(self) -> frozenset[str]:
        """What is named, and everything that it is a part of."""
        return frozenset(part for name in self._named for part in parts_above(name))

    def _has_group(self, path: str) -> bool:
        group = path.partition("/")[0]
        if group == "populations":
            return self.populations
        if group == "projections":
            return self.projections
        return not self.is_partial and (self.monitors or group != "monitors")


def _was_given(slot: Slot) -> bool:
    """Whether it is what synapses began with, and not what they are: it goes with the blueprint."""
    return slot.layout is Layout.BLOCKS and slot.role is Role.WIRING


def wanted_of(
    populations: bool = True,
    projections: bool = True,
    monitors: bool = True,
    only: Collection[str] | None = None,
    single: str | None = None,
    cast: bool = False,
    exact: bool = False,
) -> Wanted:
    """Return the options of a load.

    Args:
        single: the object to load into, when the call is ``Population.load`` or ``Projection.load``.

    Raises:
        InvalidArgument: if nothing would be loaded.
    """
    if not (populations or projections):
        what = "populations=False, projections=False leaves nothing to load: the rest is not loaded in part"
        raise InvalidArgument(f"{what}\n  help: leave out one of them, or both for all of the network.")
    named = None if only is None else named_paths(only)
    names = (single,) if single is not None and named is None else named
    return Wanted(populations, projections, monitors, names, cast, exact, single is not None)


def named_paths(only: Collection[str]) -> tuple[str, ...]:
    """Return the paths that a user names, one or several, as they are spelled.

    Raises:
        InvalidArgument: if one has a character that can't be seen, or is of nothing that is loaded in part, or if none
            is named.
    """
    if not only:
        advice = 'name what is to be loaded, only=["populations/exc"]; without only= everything is.'
        raise InvalidArgument(f"only={only!r} names nothing: nothing would be loaded\n  help: {advice}")
    found = tuple(spelled(name, "a path") for name in ((only,) if isinstance(only, str) else only))
    for name in found:
        if name.partition("/")[0] in WHOLE:
            what = f"only={name!r}: clock, draws, constants and monitors are not loaded in part"
            raise InvalidArgument(f"{what}\n  help: name populations and projections, or leave out only= for all.")
    return found


def paths_below(owner: str, only: str | Collection[str]) -> tuple[str, ...]:
    """Return the paths of values of one object, which a user may call by their names there: ``w``.

    Raises:
        InvalidArgument: as :func:`named_paths`, or for what is of another object.
    """
    named = [only] if isinstance(only, str) else [*only]
    found = named_paths([one if one == owner or one.startswith(f"{owner}/") else f"{owner}/{one}" for one in named])
    for given, path in zip(named, found, strict=True):
        if path.removeprefix(f"{owner}/").partition("/")[0] in ("populations", "projections") and path != owner:
            what = f"only={given!r}: this load is of {owner}"
            advice = f"name values of that: only='v', or '{owner}/v'; net.load() takes any paths."
            raise InvalidArgument(f"{what}\n  help: {advice}")
    return found


def with_end(path: str, known: Iterable[str]) -> list[str]:
    """Return the paths that may be meant by the end of one, those of monitors last: the least deep, at most three."""
    ranked = sorted(known, key=lambda one: (one.startswith("monitors/"), one.count("/"), one))
    end = f"/{path}".replace(".", "/").lower()
    same = [one for one in ranked if f"/{one}".lower().endswith(end)]
    return [one for one in same if one.count("/") == same[0].count("/")][:3]  # what stands deeper is for resuming


def parts_above(path: str) -> Iterator[str]:
    """Give a path and all that it is below: ``a``, ``a/b``, ``a/b/c``."""
    at = path.find("/")
    while at >= 0:
        yield path[:at]
        at = path.find("/", at + 1)
    yield path
