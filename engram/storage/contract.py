"""What every file format must do: take named values with a manifest, and give them back.

In: leaves of the tree. Out: bytes, and from bytes a :class:`Contents`. A format knows keys and arrays, nothing else;
``storage/load.py`` decides what a value is for. Each format is one module with one instance of :class:`Format`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NamedTuple, Protocol, TypeAlias, runtime_checkable

from engram.errors import UnsupportedFile
from engram.state.digest import digest_of
from engram.state.residence import Array
from engram.state.slots import Slot
from engram.state.tree import Leaf
from engram.storage.described import describe

__all__ = [
    "EMPTIED",
    "OR_PART",
    "OR_VALUES",
    "PIECE_BYTES",
    "RESEAL",
    "STAYED",
    "Appender",
    "Compare",
    "Comparison",
    "Contents",
    "Description",
    "Entry",
    "Facts",
    "Format",
    "InPlace",
    "Manifest",
    "Mappable",
    "NotOurs",
    "OfSynapses",
    "OtherVersion",
    "Reader",
    "Writer",
]

RESEAL = (
    "\n  help: if it was edited on purpose, engram convert --reseal FILE NEW, or eg.convert(..., reseal=True), hashes"
    " its values anew."
)
"""What errors advise for files that were edited by hand."""

EMPTIED = "; its records were not loaded, and it is empty"
"""The end of a note on a monitor that records something else in the file: what a load does then."""

STAYED = "clock, seed, draw counters, spikes in flight and monitors stayed the network's"
"""The note on a load of parts."""

OR_PART = ", or load with only= and what both have."
"""The end of advice about objects of one side; where that was done, ``storage/plan.py`` says the other one."""

OR_VALUES = ", or assign what fits: eg.read(FILE) has the values."
"""The end of advice about objects of both sides that differ, which are no better off alone."""

PIECE_BYTES = 1 << 20  # a reader hands out pieces of at most this size, so that memory stays bounded


class NotOurs(UnsupportedFile):
    """A file is of a format, and has no manifest: something else than engram wrote it.

    Attributes:
        found: what was read of it meanwhile, which is the format's matter; None if nothing was.
    """

    found: Any = None


class OtherVersion(UnsupportedFile):
    """A file that engram wrote, in another version of the format: a state all the same."""


class Entry(NamedTuple):
    """One value as the manifest describes it.

    ``key`` says where it stands in the file: ``populations/exc/v``; in a file of a single object ``v`` or
    ``internal/history/rank``. ``blocks`` are the digests of its blocks of 1 MiB, 8 bytes each.
    """

    key: str
    slot: Slot
    blocks: bytes

    @property
    def digest(self) -> str:
        """The digest of the value, as :func:`digest_leaf` gives it."""
        return digest_of(self.slot, self.blocks)


@dataclass(frozen=True)
class OfSynapses:
    """What a monitor records of synapses.

    Args:
        projection: the path of theirs; empty: not known of which they are.
        ranks: of the post neurons whose synapses are recorded; None: of all.
        each: variables of which each synapse has a value.
        per_post: those of which each post neuron with synapses has one; of all others there is a single one.
    """

    projection: str
    ranks: Array | None
    each: frozenset[str]
    per_post: frozenset[str]


@dataclass(frozen=True)
class Facts:
    """What a blueprint says that values of the file must agree with.

    Args:
        pasts: how many steps the file remembers of what a projection reads with a delay, by the projection's path.
        ranks: of the neurons that a monitor of some records, ascending, by its path.
        flat: monitors of synapses, by path, whose records have no rows, but for what says of which synapses they are.
    """

    pasts: Mapping[str, int] = field(default_factory=dict)
    ranks: Mapping[str, Array] = field(default_factory=dict)
    flat: Mapping[str, OfSynapses] = field(default_factory=dict)


@dataclass(frozen=True)
class Comparison:
    """What differs between what a file and a network are.

    Args:
        lines, helps: for one error, about what must agree.
        unfit: the objects that they are about.
        unmatched: monitors that exist on one side only or record something else there: no error.
        model_changed: of objects by path, which rules differ: they go on differently.
        notes: rules of the network that differ.
        taken: times of monitors that begin otherwise in the file, which stands, in words.
        idle: paths of values that nothing reads on either side, and that need no counterpart.
        renames: which objects of the file may be which of the network under other names, by paths: objects that only
            one side has, and the populations that projections of both connect.
        recipes: projections whose synapses, weights or delays were asked for in another way.
        facts: of the file, which its values must agree with.
    """

    lines: tuple[str, ...] = ()
    helps: tuple[str, ...] = ()
    unfit: frozenset[str] = frozenset()
    unmatched: frozenset[str] = frozenset()
    model_changed: dict[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    recipes: tuple[str, ...] = ()
    taken: tuple[str, ...] = ()
    idle: frozenset[str] = frozenset()
    renames: tuple[dict[str, str], ...] = ()
    facts: Facts = field(default_factory=Facts)


@dataclass(frozen=True)
class Description:
    """What a network says about itself when it saves; see :class:`Manifest` for the fields."""

    kind: str
    step: int
    seed: int
    blueprint: dict[str, Any]
    parameters: dict[str, Any]
    not_saved: tuple[str, ...] = ()


@dataclass(frozen=True)
class Manifest:
    """What is inside every file, as JSON.

    Args:
        kind: ``network``, ``population`` or ``projection``.
        version: of the file format.
        engram: version of the library that wrote it.
        step, seed: clock and seed of the network as they are now.
        blueprint: what the network is, as JSON data. Nothing in ``storage`` knows what stands in it: see ``Compare``.
        parameters: what the user keeps in the network, as JSON data; of a network.
        entries: all values, in path order.
        not_saved: what could not be saved (callbacks ...), for reports.
        origin: who wrote the file, if it was not engram: then version, seed and blueprint say nothing.
    """

    kind: str
    version: int
    engram: str
    step: int
    seed: int
    blueprint: dict[str, Any]
    parameters: dict[str, Any]
    entries: tuple[Entry, ...]
    not_saved: tuple[str, ...] = ()
    origin: str = ""

    @cached_property
    def described(self) -> dict[str, Any]:
        """The fields of the file that describe the entries."""
        return describe(entry.slot for entry in self.entries)

    def description(self) -> Description:
        """Return what the network said when this was written."""
        return Description(self.kind, self.step, self.seed, self.blueprint, self.parameters, self.not_saved)

    def by_path(self) -> dict[str, Entry]:
        """Return all entries by the paths of their slots."""
        is_network = self.kind == "network"  # in whose files keys are paths
        return {entry.key if is_network else entry.slot.path: entry for entry in self.entries}


Compare: TypeAlias = Callable[[Manifest, Callable[[str], bool]], Comparison]
"""Compares what a file is with what a network is, for the objects that take part (by path); raises DamagedFile."""


class Appender(Protocol):
    """Something that bytes can be appended to; they must stay as they are until everything is written."""

    def write(self, data: bytes | bytearray | memoryview, /) -> int:
        """Append all of ``data``."""

    def tell(self) -> int:
        """Bytes written so far."""


class Writer(Appender, Protocol):
    """The file being written: a temporary sibling of the target."""

    def patch(self, data: bytes, offset: int, /) -> None:
        """Replace bytes that were written before."""


class Reader(Protocol):
    """A file opened once; reads are positioned and never follow the path again."""

    size: int

    def pread(self, length: int, offset: int, /) -> bytes:
        """Return exactly ``length`` bytes at ``offset``; raises DamagedFile if the file is shorter."""


class Contents(Protocol):
    """A file that was opened and recognised. Its structure has been checked, its values have not."""

    manifest: Manifest

    def stream(self) -> Iterator[tuple[str, Iterable[bytes | memoryview]]]:
        """Give each entry's key with its bytes (little-endian, C order), in the order that suits the file.

        The pieces of one value are at most PIECE_BYTES long and valid until the next one is asked for; a value
        must be used up before the next begins. May be called several times. Raises DamagedFile where the file
        contradicts itself; a complete pass has used every check that the format has (checksums, trailers). A caller
        that does not look at a value may go on to the next one: it is skipped.
        """

    def alone(self, number: int) -> Iterable[bytes | memoryview]:
        """Give the bytes of ``manifest.entries[number]``, without those before it where the format allows that."""

    def span(self, number: int, start: int, length: int) -> bytes | None:
        """Return some bytes of a value; None unless they stand in the file as they are, side by side."""


@runtime_checkable
class Mappable(Protocol):
    """Contents whose values can stay where they are."""

    def mapped(self, number: int) -> memoryview | None:
        """Return the bytes of a value as the file has them, not copied and not verified; None if they are deflated."""


@runtime_checkable
class InPlace(Protocol):
    """Pieces of a value that can be read to where they shall stand, once all of them were had and checked before."""

    def read_into(self, place: memoryview) -> Iterator[memoryview]:
        """Fill ``place``, as long as the value; give its parts as they are filled. Nothing is checked again."""


class Format(Protocol):
    """One way to write a manifest and its values."""

    name: str  # as reports say it: "npz"
    is_manifest_last: bool  # it stands behind the values, whose digests may be found while they are written

    def write(self, out: Writer, manifest: Manifest, leaves: Sequence[Leaf]) -> Sequence[bytes]:
        """Write everything; ``leaves[k]`` belongs to ``manifest.entries[k]``. Same input, same bytes.

        Returns the digests of each value's blocks as they stand in the file: with ``is_manifest_last`` those of what
        was written, whatever the manifest says, else the manifest's.
        """

    def check(self, manifest: Manifest) -> None:
        """Raise SaveError if this format can't hold what the manifest describes. Called before any file is made."""

    def recognises(self, head: bytes) -> bool:
        """Say whether the first 512 bytes of a file are this format's."""

    def open(self, file: Reader) -> Contents:
        """Read the structure and the manifest; raises DamagedFile or UnsupportedFile."""
