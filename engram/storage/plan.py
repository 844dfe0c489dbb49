"""What a load will do, decided before any value is read: the table "What a load does" of the format's documentation.

In: a manifest, the slots of the network, what compares its blueprint, what the user wants. Out: :class:`Plan`, or one
StateMismatch that lists every difference.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple, TypeAlias

from engram.errors import DamagedFile, StateMismatch
from engram.state import names
from engram.state.slots import Layout, Role, Slot
from engram.state.spelling import escape
from engram.storage.contract import EMPTIED, OR_PART, OR_VALUES, STAYED, Compare, Comparison, Entry, Facts, Manifest
from engram.storage.shapes import Lengths, target_shape
from engram.storage.wanted import Wanted

__all__ = ["Item", "Plan", "advised", "make_plan", "mismatch"]

_Values: TypeAlias = Iterable[tuple[str, Iterable[bytes | memoryview]]]

_Pair: TypeAlias = tuple[str, Entry, Slot | None]


class Item(NamedTuple):
    """One value to load.

    Args:
        entry: of the file.
        target: the network's slot with the shape that it will have.
        path: of that.
        shift: to add to step numbers.
        is_plain: whether the bytes of the file are the bytes of the tree.
        side: whose neurons have one value each in the file, ``pre`` or ``post``, where each synapse here has its own.
    """

    entry: Entry
    target: Slot
    path: str
    shift: int
    is_plain: bool
    side: str = ""

    @property
    def has_same_form(self) -> bool:
        """Whether the shapes agree, so that elements correspond one to one."""
        return self.entry.slot.shape == self.target.shape


@dataclass
class Plan:
    """Everything that a load will do."""

    items: dict[str, Item] = field(default_factory=dict)  # by key in the file
    step: int = 0
    lengths: Lengths = field(default_factory=dict)
    wiring: list[Slot] = field(default_factory=list)  # must have the same digest on both sides
    kept: list[str] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)
    reset: dict[str, Slot] = field(default_factory=dict)
    converted: list[str] = field(default_factory=list)
    model_changed: dict[str, str] = field(default_factory=dict)  # which rules of an object differ
    reconnected: list[str] = field(default_factory=list)  # projections that the network asked for in another way
    taken: list[str] = field(default_factory=list)  # times of monitors that the network asked for in another way
    has_other_rules: bool = False
    notes: list[str] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)
    helps: list[str] = field(default_factory=list)
    is_exact: bool = True
    mine: Mapping[str, Slot] = field(default_factory=dict)  # the network's slots as they were
    facts: Facts = field(default_factory=Facts)  # of the file's blueprint
    longest: Mapping[str, int] = field(default_factory=dict)  # delays in steps, by owner

    def in_turn(self, values: _Values) -> Iterator[tuple[str, Item | None, Iterable[bytes | memoryview]]]:
        """Give keys and bytes of values with what is to be loaded of them.

        Most files have them in the order of the plan; to look up each of very many would take longer.
        """
        coming = iter(self.items.items())
        first, item = next(coming, ("", None))
        for key, pieces in values:
            if key == first:
                yield key, item, pieces
                first, item = next(coming, ("", None))
            else:
                yield key, self.items.get(key), pieces


def make_plan(
    path: str, manifest: Manifest, mine: Mapping[str, Slot], compare: Compare, step: int, wanted: Wanted
) -> Plan:
    """Compare a file with a network; raises StateMismatch (all differences), or DamagedFile."""
    found = compare(manifest, wanted.has_object)
    plan = Plan(step=step if wanted.is_partial else manifest.step, model_changed=found.model_changed, mine=mine)
    plan.facts = found.facts
    plan.lines += found.lines
    plan.helps += [advised(text, path, wanted) for text in found.helps]
    is_whole = wanted.is_everything
    entries = manifest.by_path()
    if not is_whole:
        entries = {name: entry for name, entry in entries.items() if wanted.has_value(entry.slot)}
    here = mine if is_whole else {name: slot for name, slot in mine.items() if wanted.has_value(slot)}
    pairs = _pairs(entries, here)
    plan.lengths = _lengths(pairs, found.unfit)
    shift = step - manifest.step if wanted.is_partial else 0
    for name, entry, slot in pairs:
        if slot is None and name in found.idle:
            continue
        if slot is None or (found.unmatched and _is_of(name, found.unmatched)):
            plan.skipped.append(name)
        elif not (found.unfit and _is_of(name, found.unfit)) and not _add(plan, name, entry, slot, shift):
            _leave(plan, name, slot)
            del entries[name]
    missing = here.keys() - entries.keys() - plan.reset.keys()
    _add_missing(plan, [here[name] for name in sorted(missing) if name not in found.idle], found)
    _empty_monitors(plan, mine, found, wanted)
    if wanted.only is not None:
        _check_wiring(plan, manifest, mine, entries, wanted)
    plan.notes += found.notes
    plan.has_other_rules = bool(found.notes or found.model_changed)
    plan.reconnected = [] if wanted.is_partial else [*found.recipes]
    plan.taken = [*found.taken]
    if wanted.is_partial:
        plan.notes.append(STAYED)
    clean = not (plan.kept or plan.skipped or plan.reset or plan.converted or plan.model_changed or plan.notes)
    plan.is_exact = clean and not wanted.is_partial
    if wanted.exact and not plan.is_exact and not plan.lines:
        plan.lines += _inexact(plan, wanted.monitors)
        plan.helps.append("load without exact=True and read the report.")
    elif plan.lines:
        plan.lines += [f"{name}: another model: {text}" for name, text in plan.model_changed.items()]
    if plan.lines:
        raise mismatch(path, plan.lines, plan.helps)
    return plan


def advised(text: str, path: str, wanted: Wanted) -> str:
    """Return advice about an object that differs; to load a part is none where that was asked for."""
    if wanted.only is not None and text.endswith(OR_PART):
        text = text.removesuffix(OR_PART) + OR_VALUES
    return text.removesuffix(OR_VALUES) + OR_VALUES.replace("FILE", repr(path)) if text.endswith(OR_VALUES) else text


def mismatch(path: str, lines: list[str], helps: list[str]) -> StateMismatch:
    """Return the error that lists all differences."""
    count = f"{len(lines)} difference" + "s" * (len(lines) > 1)
    text = [f"'{path}' does not fit this network ({count}); nothing was loaded"]
    text += [f"  {escape(line)}" for line in lines]
    if helps:
        text.append(f"  help: {escape(helps[0])}")
    return StateMismatch("\n".join(text), tuple(lines))


def _pairs(entries: Mapping[str, Entry], here: Mapping[str, Slot]) -> list[_Pair]:
    """Return paths, what the file has there, and what the network; to look up what is equal anyway takes longer."""
    if [*entries] == [*here]:
        return [*zip(here, entries.values(), here.values(), strict=True)]
    return [(name, entry, here.get(name)) for name, entry in entries.items()]


def _lengths(pairs: list[_Pair], unfit: frozenset[str]) -> Lengths:
    """Return how many synapses each object has in the file; all arrays of one object that fits must agree."""
    lengths: dict[str, int] = {}
    for name, entry, slot in pairs:
        if slot is None or not slot.free_length or slot.layout is not Layout.PLAIN:
            continue
        if not slot.is_long_as(entry.slot.shape):
            continue
        if len(entry.slot.shape) == 2 or _is_of(name, unfit):  # one per neuron, of other neurons than here
            continue
        if lengths.setdefault(slot.owner, entry.slot.shape[0]) != entry.slot.shape[0]:
            raise DamagedFile(
                f"{name}: {entry.slot.shape[0]} elements, other arrays of {slot.owner} have {lengths[slot.owner]}"
            )
    return lengths


def _add(plan: Plan, path: str, entry: Entry, slot: Slot, shift: int) -> bool:
    """Add a value to what is loaded; False if it has no place in another model, which is no error."""
    theirs, at_step = entry.slot, shift if slot.role is Role.TIME else 0
    if theirs.shape == slot.shape and theirs.layout is slot.layout and theirs.dtype == slot.dtype:  # nearly always
        plan.items[entry.key] = tuple.__new__(Item, (entry, slot, path, at_step, not at_step, ""))
        return True
    shape = target_shape(theirs, slot, plan.lengths)
    side = _side_of(plan, theirs, slot) if shape is None else ""
    if side:
        long = slot.with_shape((plan.lengths.get(slot.owner, slot.shape[0]),))  # without them those of here stay
        plan.items[entry.key] = Item(entry, long, path, at_step, False, side)
        plan.converted.append(path)
        return True
    if shape is None and slot.owner in plan.model_changed and not theirs.hidden:
        return False
    if shape is None or theirs.layout is not slot.layout:
        plan.lines.append(f"{path}: shape {theirs.shape} in the file, {slot.shape} in the network")
        plan.helps.append(f"build {slot.owner.partition('/')[2]!r} as it was when the file was saved.")
        return True
    if "c" in (theirs.dtype.kind, slot.dtype.kind) and theirs.dtype != slot.dtype:
        plan.lines.append(f"{path}: {theirs.dtype} in the file, {slot.dtype} in the network")
        return True
    is_same = theirs.dtype == slot.dtype and theirs.shape == shape
    plan.items[entry.key] = Item(entry, slot.with_shape(shape), path, at_step, is_same and not at_step)
    if not is_same:
        plan.converted.append(path)
    return True


def _side_of(plan: Plan, theirs: Slot, mine: Slot) -> str:
    """Return whose neurons have one value each in the file, of what each synapse has here; "" if none have."""
    rows, ranks = (plan.mine.get(f"{mine.owner}/{name}") for name in (names.ROW_START, names.POST_RANKS))
    is_long = mine.free_length and mine.layout is Layout.PLAIN and len(mine.shape) == 1
    if not is_long or rows is None or ranks is None:
        return ""
    sides: dict[tuple[int | None, ...], str] = {(rows.shape[0] - 1, 1): "pre", (1, ranks.below): "post"}
    return sides.get(theirs.shape, "")


def _leave(plan: Plan, path: str, mine: Slot) -> None:
    """Pass over a value of another model, which keeps it in another form; a state of before would be stale."""
    if mine.role in (Role.STATE, Role.TIME) and mine.layout is Layout.PLAIN:
        length = plan.lengths.get(mine.owner)
        is_longer = mine.is_long and length is not None
        plan.reset[path] = mine.with_shape((length, *mine.shape[1:])) if is_longer and length is not None else mine
        plan.notes.append(f"{path}: the file has it in another shape")
    else:
        plan.skipped.append(path)


def _add_missing(plan: Plan, slots: list[Slot], found: Comparison) -> None:
    """Decide about what the file lacks: kept, reset, or a sign that the file is damaged."""
    damaged = []
    for slot in slots:
        if _is_of(slot.path, found.unfit) or _is_of(slot.path, found.unmatched):
            continue
        length = plan.lengths.get(slot.owner)
        is_longer = slot.is_long and length is not None and length != slot.shape[0]
        if slot.hidden or slot.role is Role.WIRING:
            if slot.owner not in plan.model_changed:
                damaged.append(slot.path)
            plan.reset[slot.path] = slot
        elif is_longer and length is not None:
            plan.reset[slot.path] = slot.with_shape((length, *slot.shape[1:]))
        else:
            plan.kept.append(slot.path)
    if damaged and not plan.lines:
        raise DamagedFile(f"the file lacks {', '.join(damaged[:20])}")


def _empty_monitors(plan: Plan, mine: Mapping[str, Slot], found: Comparison, wanted: Wanted) -> None:
    """Samples that the network has and the file has not belong to another time line."""
    if wanted.is_partial or (wanted.monitors and not found.unmatched):
        return
    for name, slot in mine.items():
        if not name.startswith("monitors/") or (wanted.monitors and not _is_of(name, found.unmatched)):
            continue
        if slot.layout is Layout.BLOCKS:  # whether it records, and when, stays as it is
            plan.reset[name] = slot.with_shape((0, *slot.shape[1:]))


def _check_wiring(
    plan: Plan, manifest: Manifest, mine: Mapping[str, Slot], entries: Mapping[str, Entry], wanted: Wanted
) -> None:
    """If only some arrays of a projection are loaded, its connectivity must be equal on both sides."""
    loaded = [item for item in plan.items.values() if item.target.layout is Layout.PLAIN]
    owners = {item.target.owner for item in loaded if item.target.is_long or _is_reordering(item.target, mine)}
    in_file = {entry.slot.path: entry.slot for entry in manifest.entries}
    parts = _in_part(mine, owners, entries, in_file, wanted)
    told: set[str] = set()  # projections whose wiring was found to differ: of their other arrays the file may have none
    apart: dict[str, None] = {}  # those of other numbers of synapses
    for name, slot in mine.items():
        if slot.owner not in parts or slot.layout is not Layout.PLAIN or (name in entries and not _is_who(slot)):
            continue
        if slot.role is Role.WIRING and name in in_file and in_file[name].shape == slot.shape:
            plan.wiring.append(slot)  # load compares the digests
        elif slot.role is Role.WIRING:
            told.add(slot.owner)
            _refuse_wiring(plan, name, slot.owner)
        elif slot.is_long and slot.shape[0] != plan.lengths.get(slot.owner, slot.shape[0]):
            apart[slot.owner] = None
    for owner in apart:
        if owner not in told:
            _refuse_wiring(plan, owner, owner)


def _refuse_wiring(plan: Plan, path: str, owner: str) -> None:
    plan.lines.append(f"{path}: another connectivity in the file than in the network")
    plan.helps.append(f"load with only=[{owner!r}], which brings the connectivity along.")


def _in_part(
    mine: Mapping[str, Slot],
    owners: set[str],
    entries: Mapping[str, Entry],
    in_file: Mapping[str, Slot],
    wanted: Wanted,
) -> frozenset[str]:
    """Return those of some projections of whose synapses not all arrays are loaded."""
    return frozenset(
        slot.owner
        for name, slot in mine.items()
        if slot.owner in owners
        and slot.layout is Layout.PLAIN
        and (slot.is_long or (slot.role is Role.WIRING and name in in_file and in_file[name].shape != ()))
        and name not in entries
        and not wanted.has_all(slot.owner)
    )


def _is_who(slot: Slot) -> bool:
    """Whether it says which synapses there are: with others, the arrays that stay would be those of other pairs."""
    return slot.role is Role.WIRING and not slot.may_be_single


def _is_reordering(target: Slot, mine: Mapping[str, Slot]) -> bool:
    """Whether it is row starts, or one delay for many: synapses stand in the order of their delays."""
    is_single = target.shape == () and mine[target.path].shape != ()
    return target.role is Role.WIRING and (target.offsets or is_single)


def _inexact(plan: Plan, has_monitors: bool) -> list[str]:
    """Say what would not go on to the bit: of other models their attributes, of monitors that they differ."""
    groups = (("not in the file", plan.kept), ("not in the network", plan.skipped), ("would be reset", plan.reset),
              ("would be converted", plan.converted))  # fmt: skip
    lines = []
    for text, paths in groups:
        together: dict[str, list[str]] = {}  # by owner
        for path in paths:
            owner = "/".join(path.split("/")[:2])
            name = path[len(owner) + 1 :]
            if owner.startswith("monitors/") and paths is not plan.converted:
                continue
            if owner in plan.model_changed and "/" not in name:  # what attributes began with follows from them
                together.setdefault(owner, []).append(name)
            elif owner not in plan.model_changed:
                lines.append(f"{path}: {text}")
        lines += [f"{owner}: {', '.join(found)}: {text}" for owner, found in together.items()]
    lines += [f"{name}: {text}" for name, text in plan.model_changed.items()]
    return [*lines, *_inexact_monitors(plan, has_monitors), *(note.removesuffix(EMPTIED) for note in plan.notes)]


def _inexact_monitors(plan: Plan, has_monitors: bool) -> Iterator[str]:
    """Give a line for each monitor of one side alone; of those that both sides have a note says what differs."""
    emptied = "not in the file: it would be empty" if has_monitors else "would be empty: monitors=False"
    groups = (("not in the file", plan.kept), (emptied, plan.reset), ("not in the network", plan.skipped))
    owners = {
        "/".join(path.split("/")[:2]): text for text, paths in groups for path in paths if path.startswith("monitors/")
    }
    for owner, text in owners.items():
        if not any(note.startswith(f"{owner}: ") for note in plan.notes):
            yield f"{owner}: {text}"


def _is_of(path: str, owners: frozenset[str]) -> bool:
    return bool(owners) and "/".join(path.split("/")[:2]) in owners
