"""Files of ANNarchy for a network: what such a file lacks is said, so that the rest is loaded as any file is.

In: a file of ANNarchy, a compiled network, and what is wanted of it. Out: :class:`Fitted`, which holds what a file of
engram's of that very network would hold: values of the file, in the order of the tree; in the place of what such files
do not have (see ``docs/decisions/0019-files-of-annarchy.md``) nothing in flight, no rest, no past; of the rest what the
network has. Loading it is a load like others, all or nothing.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from engram.elsewhere.near import most_alike
from engram.errors import BrokenNetwork
from engram.persistence.annarchy_synapses import FittedSynapses, synapses_of
from engram.persistence.recorded import Advice
from engram.program.component import Component
from engram.program.initial import initial_value
from engram.program.listed import to_keep
from engram.program.neurons import Neurons
from engram.program.synapses import Synapses
from engram.state import names
from engram.state.slots import Layout, OnReset, Role, Slot
from engram.state.tree import Leaf
from engram.storage.annarchy.read import AnnarchyFile
from engram.storage.contract import OR_PART, OR_VALUES, Manifest
from engram.storage.held import Held
from engram.storage.load import Source, about_file, check_kind
from engram.storage.manifest import FORMAT_VERSION, entries_of
from engram.storage.plan import advised, mismatch
from engram.storage.wanted import Wanted, wanted_of
from engram.version import __version__

if TYPE_CHECKING:
    from engram.persistence.keeper import Keeper
    from engram.storage.annarchy.content import Content
    from engram.storage.report import LoadReport

__all__ = ["Fitted", "differences", "fitted"]

Array = npt.NDArray[Any]

_NOTHING = {
    OnReset.ZERO,
    OnReset.NEVER,
    OnReset.NOW,
    OnReset.FORGET,
}  # what was going on, which no file of ANNarchy has
WRITTEN_BY = "it was written by ANNarchy, whose files hold values of attributes: the run does not go on to the bit"
NOT_VERIFIED = "not verified: files of this format have no checksum of their values, so that damage may pass unseen"
HAVE_CHECKSUMS = ("npz", "gz")  # of the zip's members, of the whole
STARTS = "what they lack starts anew: no spike is in flight, nobody is refractory, traces of synapses hold from now on"
MOST_PAIRED = 50  # objects without a counterpart, up to which counterparts of other names are looked for
OF_NETWORK = "the network's own are: dt, seed, switches, learning periods, refractory periods and constants"


@dataclass
class Fitted:
    """A file of ANNarchy as one of engram's.

    Args:
        source: to be loaded.
        came: paths of the values that are the file's.
        kept: paths of attributes that it lacks.
        reset: paths of what has its initial value, or is empty.
        skipped: paths of values that the network lacks.
        notes: for the report.
        noted: paths of which these speak.
    """

    source: Source
    came: set[str] = field(default_factory=set)
    kept: list[str] = field(default_factory=list)
    reset: list[str] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    noted: frozenset[str] = frozenset()

    def report(self, said: LoadReport) -> LoadReport:
        """Return the report of a load, which took everything for the file's."""
        return replace(
            said,
            loaded=tuple(path for path in said.loaded if path in self.came),
            kept=(*said.kept, *self.kept),
            reset=(*said.reset, *self.reset),
            skipped=(*said.skipped, *self.skipped),
            notes=(*self.notes, *said.notes),
            noted=self.noted,
            exact=False,
        )


def differences(keeper: Keeper, content: Content, wanted: Wanted) -> list[str]:
    """Return a line for each difference between a file of ANNarchy and a network."""
    return _Making(keeper, content, wanted).differences()


def fitted(keeper: Keeper, source: Source, advice: Advice, **options: Any) -> Fitted:
    """Return a file of ANNarchy as one of a network's own.

    Args:
        source: a file of ANNarchy.
        advice: what to type where objects have other names.
        options: of the load.

    Raises:
        BrokenNetwork: if the network can't be trusted: the file has not all of its values.
        UnsupportedFile, StateMismatch: if it does not fit the network: all differences. Nothing has changed.
    """
    if keeper.program.state.broken:
        what = f"only a file that engram saved can repair this network: {keeper.program.state.broken}"
        raise BrokenNetwork(f"{what}\n  help: load such a file, or reset().")
    assert isinstance(source.contents, AnnarchyFile)  # their manifest says so
    content, wanted = source.contents.content, wanted_of(**options)
    with about_file(source.path):
        check_kind(source.contents.manifest, options.get("single"), source.path)
    made = _Making(keeper, content, wanted)
    lines = made.differences()
    pairs = [one for one in (made.renames, made.ends) if one]
    text = advice(pairs, len(lines)) if lines and pairs else ""
    helps = [text] if text else made.helps
    if wanted.exact and not lines:
        lines = [WRITTEN_BY]
    if lines:
        raise mismatch(
            source.path,
            lines,
            [advised(text, source.path, wanted) for text in helps]
            or ["build the network as it was when the file was saved."],
        )
    leaves = made.leaves()
    contents = Held(made.manifest(leaves), (array for leaf in leaves for array in leaf.pieces))
    skipped = made.skipped()
    parts = made.came, made.kept, made.reset, skipped
    notes = [WRITTEN_BY] if source.name in HAVE_CHECKSUMS else [WRITTEN_BY, NOT_VERIFIED]
    if wanted.is_partial:
        return Fitted(replace(source, contents=contents), *parts, notes)
    slots = {slot.path: slot for slot in (leaf.slot for leaf in leaves)}
    noted = frozenset(path for path in made.reset if slots[path].hidden)
    return Fitted(replace(source, contents=contents), *parts, [*notes, STARTS, OF_NETWORK], noted)


class _Making:
    """Values for each slot of the objects that take part."""

    def __init__(self, keeper: Keeper, content: Content, wanted: Wanted) -> None:
        self.came: set[str] = set()
        self.kept: list[str] = []
        self.reset: list[str] = []
        self.helps: list[str] = []
        self.renames: dict[str, str] = {}  # what only the file has, and what it may be here, by paths
        self.ends: dict[str, str] = {}  # the same of populations that projections connect
        self._keeper, self._content, self._wanted = keeper, content, wanted
        self._program, self._state = keeper.program, keeper.program.state
        self._step = self._state.step if wanted.is_partial or content.step is None else content.step
        self._theirs = content.paths
        self._synapses: dict[str, FittedSynapses] = {}

    # -- structure ---------------------------------------------------------------------------------------

    def differences(self) -> list[str]:
        """Return a line for each difference; afterwards synapses stand in the order of the tree."""
        lines = []
        both: dict[str, set[str]] = {}
        here = {one.path: one for one in self._program.components}
        for path in [path for path in {**self._theirs, **here} if self._wanted.has_object(path)]:
            mine, theirs = here.get(path), self._theirs.get(path)
            if mine is None:
                lines.append(f"{path}: in the file only")
                self._help(path, f"add {{0}} {{1!r}} to the script{OR_PART}")
            elif theirs is None and isinstance(mine, Neurons):
                lines.append(f"{path}: not in the file")
                self._help(path, f"remove {{0}} {{1!r}} from the script{OR_PART}")
            elif isinstance(mine, Neurons):
                lines += self._of_population(mine, theirs)
            elif theirs is not None:
                lines += self._of_ends(mine, theirs)
                ends = ((theirs.pre, mine.pre), (theirs.post, mine.post))  # type: ignore[union-attr]  # sections agree
                known = [(f"populations/{old}", new.path) for old, new in ends if old is not None]
                for old, new in known if any(old != new for old, new in known) else ():
                    both.setdefault(old, set()).add(new)
                synapses, found = synapses_of(mine, theirs)  # type: ignore[arg-type]  # sections agree
                lines += found
                if synapses is not None:
                    self._synapses[path] = synapses
        # what would need two names at once is none of them: one population can't be two
        torn = {old for old, news in both.items() if len(news) > 1}
        self.renames = {old: new for old, new in self._renamed(here).items() if old not in torn}
        self.ends = {old: new for old, (new, *_) in both.items() if old not in torn and new != old}
        return lines

    def _renamed(self, here: Mapping[str, Component]) -> dict[str, str]:
        """Return paths of objects that only the file has, and which they may be here."""
        lone = [path for path in self._theirs if path not in here and self._wanted.has_object(path)]
        others = [path for path in here if path not in self._theirs]
        found: dict[str, str] = {}
        for path in lone if max(len(lone), len(others)) <= MOST_PAIRED else ():
            alike = [one for one in others if _may_be(self._theirs[path], path, here[one])]
            if alike:
                near = most_alike(path, alike)
                others.remove(near)
                found[path] = near
        return found

    def _help(self, path: str, text: str) -> None:
        section, _, name = path.partition("/")
        self.helps.append(text.format(section.removesuffix("s"), name))

    def _of_population(self, mine: Neurons, theirs: Any) -> list[str]:
        if theirs.geometry == mine.geometry:
            return []
        self._help(mine.path, f"build {{0}} {{1!r}} with geometry {theirs.geometry}{OR_VALUES}")
        return [f"{mine.path}: geometry {theirs.geometry} in the file, {mine.geometry} in the network"]

    def _of_ends(self, mine: Synapses, theirs: Any) -> Iterator[str]:
        """Give a line for each end with more or fewer neurons; populations that take part are compared themselves."""
        for side, name, end, ranks in (
            ("pre", theirs.pre, mine.pre, mine.pre_ranks),
            ("post", theirs.post, mine.post, mine.post_ranks),
        ):
            there = self._content.populations.get(name)
            is_wanted = self._wanted.has_all(mine.path) and not self._wanted.has_object(end.path)
            if is_wanted and ranks is None and there is not None and math.prod(there.geometry) != end.size:
                advice = f"build the populations of {{0}} {{1!r}} with as many neurons as in the file{OR_VALUES}"
                self._help(mine.path, advice)
                yield (
                    f"{mine.path}: {side} population {end.name!r} has {math.prod(there.geometry)} neurons in the file,"
                    f" {end.size} here"
                )

    # -- values ------------------------------------------------------------------------------------------

    def leaves(self) -> list[Leaf]:
        """Return the values of all slots that take part, in path order."""
        found: dict[str, Leaf] = {}
        is_whole = not self._wanted.is_partial
        for component in self._program.components:
            if is_whole or self._wanted.has_object(component.path):
                give = self._of_neurons if isinstance(component, Neurons) else self._of_synapses
                found |= self._of_object(component, give)
        if is_whole:
            for slot in self._state.of(names.NETWORK):
                found[slot.path] = self._of_network(slot)
        return [found[path] for path in sorted(found)]

    def _of_network(self, slot: Slot) -> Leaf:
        if slot.name == names.STEP and self._content.step is not None:
            self.came.add(slot.path)
            return _leaf(slot, np.array(self._step, np.int64))
        return _leaf(slot, self._state.read(slot.path))

    def _of_object(self, component: Any, give: Callable[[Any, Slot], Array | None]) -> dict[str, Leaf]:
        found = {}
        is_other = component.path in self._synapses and not self._wanted.is_partial
        lists = to_keep(component) if is_other else {}  # which a whole load brings, too
        for slot in self._state.of(component.path):
            if slot.name in lists:
                found[slot.path] = _leaf(slot, lists[slot.name])
                continue
            if slot.role is Role.SCRATCH or _is_in_flight(slot):
                continue
            value = give(component, slot)
            if value is not None:
                self.came.add(slot.path)
            else:
                listed, value = self._without(component, slot)
                if listed is not None and self._wanted.has_value(slot):
                    listed.append(slot.path)
            found[slot.path] = _leaf(slot, value)
        return found

    def _of_neurons(self, population: Neurons, slot: Slot) -> Array | None:
        theirs = self._theirs.get(population.path)
        return _value_of_model(theirs.values, slot) if theirs is not None else None

    def _of_synapses(self, projection: Synapses, slot: Slot) -> Array | None:
        theirs = self._synapses.get(projection.path)
        if theirs is None:
            return None
        if slot.role is Role.WIRING:
            return theirs.wiring.get(slot.name)
        return _value_of_model(theirs.values, slot)

    def _without(self, component: Any, slot: Slot) -> tuple[list[str] | None, Array]:
        """Return the value of what the file lacks, and the list in which its path belongs."""
        synapses = self._synapses.get(component.path)
        here = None if slot.hidden else self.kept, self._state.read(slot.path)
        if component.path not in self._theirs:  # ANNarchy does not save convolutions, for instance
            return here
        if slot.on_reset in _NOTHING and (slot.hidden or slot.layout is not Layout.PLAIN):
            return self.reset, self._nothing(component, slot, synapses)
        if synapses is None or synapses.is_as_here or not slot.is_long or slot.layout is not Layout.PLAIN:
            return here
        shape = (synapses.n_syn, *slot.shape[1:])
        return self.reset, initial_value(self._program, slot.path, shape, self._step)

    def _nothing(self, component: Any, slot: Slot, synapses: FittedSynapses | None) -> Array:
        if slot.layout is Layout.SPIKES:
            return np.zeros(0, slot.dtype)
        if slot.layout is Layout.RING:
            return self._past(component, slot)
        if slot.on_reset is OnReset.ZERO:
            return np.zeros(slot.shape, slot.dtype)
        shape = slot.shape
        if synapses is not None and slot.free_length and (slot.is_long or not synapses.is_uniform):
            shape = (synapses.n_syn,)
        return initial_value(self._program, slot.path, shape, self._step)

    def _past(self, component: Any, slot: Slot) -> Array:
        """Return a past in which a variable always was as it is now, and nobody emitted anything."""
        variable = names.of_past(slot.name)
        path = f"{slot.owner}/{variable}"
        if path not in self._state:
            return np.zeros(slot.shape, slot.dtype)
        here = self._state.slot(path)
        given = self._of_neurons(component, here)
        now = self._state.read(path) if given is None or given.shape not in ((), here.shape) else given
        past: Array = np.broadcast_to(now.astype(slot.dtype), slot.shape)
        return past

    def skipped(self) -> list[str]:
        """Return the paths of values in the file that take part, and that the network lacks."""
        slots = (
            Slot(owner, name, array.shape, array.dtype, Role.STATE)
            for owner, one in self._theirs.items()
            for name, array in one.values.items()
        )
        return [slot.path for slot in slots if self._wanted.has_value(slot) and slot.path not in self._state]

    def manifest(self, leaves: list[Leaf]) -> Manifest:
        """Return what a file of the network's own would say."""
        keeper = self._keeper
        return Manifest(
            kind="network",
            version=FORMAT_VERSION,
            engram=__version__,
            step=self._step,
            seed=self._program.seed,
            blueprint=keeper.recorded.document,
            parameters=keeper.parameters,
            entries=entries_of("network", leaves),
            not_saved=keeper.not_saved(),
        )


def _may_be(theirs: Any, path: str, mine: Component) -> bool:
    """Whether an object of a file may be one of the network, under another name."""
    if path.partition("/")[0] != mine.path.partition("/")[0]:
        return False
    return theirs.geometry == mine.geometry if isinstance(mine, Neurons) else True


def _value_of_model(values: Mapping[str, Array], slot: Slot) -> Array | None:
    """Return the value of a slot if it is one of the model's, or a conductance."""
    is_attribute = not slot.hidden or slot.name.startswith(names.conductance(""))
    is_value = slot.layout in (Layout.PLAIN, Layout.TABLE) and slot.role in (Role.PARAMETER, Role.STATE)
    return values.get(slot.name) if is_attribute and is_value else None


def _is_in_flight(slot: Slot) -> bool:
    return slot.name.startswith(names.IN_FLIGHT_SINCE.rpartition("/")[0])


def _leaf(slot: Slot, value: Array) -> Leaf:
    array = np.ascontiguousarray(value).reshape(value.shape)
    return Leaf(slot._replace(shape=array.shape, dtype=array.dtype), (array,))
