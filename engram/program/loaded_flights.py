"""What is in flight because delays have changed (``in_flight.py``), where a file brings it: with the synapses of its
projection, or not at all.

In: the values of a file as it describes them, and small arrays. Out: slots to load them into, or an error before
anything is written.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from engram.errors import DamagedFile, InvalidArgument
from engram.program.in_flight import check_list, flight_slots, forget_flights, is_silent
from engram.program.program import Program
from engram.program.synapses import Synapses
from engram.state import names
from engram.state.digest import hash_leaf
from engram.state.slots import Layout, Slot

__all__ = [
    "add_slots",
    "brought",
    "check_brought",
    "delays_in_flight",
    "forget_others",
    "given_others",
    "lists_of",
    "refuse_some",
]

Array = npt.NDArray[Any]
Brought = Mapping[str, Mapping[str, Slot]]

FOLDER = names.IN_FLIGHT_SINCE.rpartition("/")[0]
FORMS = {names.IN_FLIGHT_SINCE: (np.dtype(np.int64), Layout.PLAIN, 0)} | {
    part: (np.dtype(dtype), Layout.BLOCKS, 1)
    for parts in names.IN_FLIGHT.values()
    for part, dtype in zip(parts, (np.uint16, np.uint16, np.uint32), strict=True)
}
LONGEST_AGO = 1 << 62  # steps, so that no sum of two times is too large


def refuse_some(only: Iterable[str]) -> None:
    """Refuse to load what is in flight without the synapses at which it arrives.

    Args:
        only: paths that a user names.

    Raises:
        InvalidArgument: naming the first such path.
    """
    named = frozenset(only)
    for name in sorted(named):
        owner, _, rest = name.partition(f"/{FOLDER}")
        if owner != name and rest[:1] in ("", "/") and owner.startswith(f"{Synapses.section}/") and owner not in named:
            raise _alone(name, owner)


def _alone(name: str, owner: str) -> InvalidArgument:
    what = "spikes in flight are loaded with the synapses at which they arrive, or not at all"
    return InvalidArgument(f"only={name!r}: {what}\n  help: only=[{owner!r}] brings both.")


def brought(slots: Iterable[Slot], is_wanted: Callable[[Slot], bool]) -> dict[str, dict[str, Slot]]:
    """Return what a load brings that is in flight: by projection, the slots by name, and that of the ranks.

    Args:
        slots: of the file.
        is_wanted: whether one takes part.

    Raises:
        DamagedFile: if parts are missing, or are something else.
        InvalidArgument: if the synapses don't take part.
    """
    listed = [*slots]
    section = f"{Synapses.section}/"
    owners = {s.owner for s in listed if s.name in FORMS and s.owner.startswith(section) and is_wanted(s)}
    found: dict[str, dict[str, Slot]] = {owner: {} for owner in owners}
    for slot in listed if owners else ():
        if slot.owner in owners:
            found[slot.owner][slot.name] = slot
    return {owner: _group(owner, some, is_wanted) for owner, some in found.items()}


def _group(owner: str, slots: dict[str, Slot], is_wanted: Callable[[Slot], bool]) -> dict[str, Slot]:
    wiring = (names.ROW_START, names.POST_RANKS)
    lists = [parts for parts in names.IN_FLIGHT.values() if not slots.keys().isdisjoint(parts)]
    needed = [names.IN_FLIGHT_SINCE, *(part for parts in lists or names.IN_FLIGHT.values() for part in parts)]
    missing = next((name for name in (*wiring, *needed) if name not in slots), None)
    if missing is not None:
        raise DamagedFile(f"the file lacks {owner}/{missing}, without which nothing can be in flight")
    if not all(is_wanted(slots[name]) for name in wiring):
        raise _alone(f"{owner}/{FOLDER}", owner)
    for name in needed:
        slot, form = slots[name], FORMS[name]
        if (slot.dtype, slot.layout, len(slot.shape)) != form:
            expected, got = (
                f"{dtype} in {axes} axes ({layout.value})"
                for dtype, layout, axes in (form, (slot.dtype, slot.layout, len(slot.shape)))
            )
            raise DamagedFile(f"{slot.path}: expected {expected}, got {got}")
    return {name: slots[name] for name in (*needed, names.POST_RANKS)}


def lists_of(some: Brought) -> set[str]:
    """Return the paths of the values that :func:`check_brought` looks at, as :func:`brought` returns them."""
    return {slot.path for slots in some.values() for slot in slots.values() if slot.name != names.POST_RANKS}


def check_brought(some: Brought, values: Mapping[str, Array], step: int) -> None:
    """Refuse what can't be in flight.

    Args:
        some: as :func:`brought` returns it.
        values: by path.
        step: at which the clock of the file stands.

    Raises:
        DamagedFile: naming the value.
    """
    for owner, slots in some.items():
        place = f"{owner}/{names.IN_FLIGHT_SINCE}"
        since = int(values[place])
        if not step - LONGEST_AGO <= since <= step:
            raise DamagedFile(f"{place}: {since}, where the clock of the file stands at {step}")
        for parts in names.IN_FLIGHT.values():
            if parts[0] in slots:
                arrays = (values[f"{owner}/{part}"] for part in parts)
                check_list(f"{owner}/{parts[2]}", slots[names.POST_RANKS].shape[0], *arrays)


def add_slots(program: Program, owners: Iterable[str]) -> list[Synapses]:
    """Add these slots where values for them will come; return the projections that had none.

    Args:
        owners: paths of the projections to which values come.
    """
    new = []
    for owner in owners:
        projection = program.projections.get(owner.removeprefix(f"{Synapses.section}/"))
        if projection is not None and projection.is_spiking and not projection.has_flights:
            program.state.add(flight_slots(projection))
            new.append(projection)
    return new


def delays_in_flight(program: Program) -> dict[Synapses, bytes]:
    """Return digests of the delays of those projections through which spikes may be in flight."""
    spiking = (p for p in program.projections.values() if p.is_spiking and not is_silent(p))
    return {p: hash_leaf(program.state.leaf(p.place(names.DELAY_STEPS))) for p in spiking}


def given_others(before: Mapping[Synapses, bytes], loaded: Iterable[str]) -> list[str]:
    """Return the names of projections that got other delays, and neither the past to which these belong nor what is in
    flight with it.

    Args:
        before: what :func:`delays_in_flight` was.
        loaded: paths of all values that were loaded.
    """
    found = frozenset(loaded)
    alone = [p for p in before if p.place(names.DELAY_STEPS) in found and p.place(names.IN_FLIGHT_SINCE) not in found]
    alone = [p for p in alone if found.isdisjoint(p.pre.pasts)]
    return [p.name for p in alone if hash_leaf(p.program.state.leaf(p.place(names.DELAY_STEPS))) != before[p]]


def forget_others(program: Program, loaded: Iterable[str]) -> None:
    """Drop what is in flight of projections whose synapses were loaded, and it was not.

    Args:
        loaded: paths of all values that were.
    """
    found = frozenset(loaded)
    for projection in program.projections.values() if found else ():
        if projection.has_flights and projection.place(names.ROW_START) in found:
            if projection.place(names.IN_FLIGHT_SINCE) in found:
                program.state.changed[projection.path] = True  # rows hold what was in flight before
                paths = (projection.place(part) for name in projection.pre.emitted for part in names.IN_FLIGHT[name])
                for path in paths:  # another model may have emitted fewer kinds of spikes
                    if path not in found:
                        program.state.clear(path)
            else:
                forget_flights(projection)
