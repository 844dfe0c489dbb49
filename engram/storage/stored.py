"""Files that are read and not loaded: values by path, each verified when it is looked at; there is no network.

In: a path. Out: :class:`StoredFile`, a mapping from the paths of values to :class:`StoredValue`.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

import numpy as np

from engram import markup
from engram.callers import shortened
from engram.elsewhere.near import nearest_path
from engram.errors import DamagedFile, ReadError
from engram.state.digest import BLOCK_BYTES, SlotHash
from engram.state.slots import Role
from engram.state.spelling import escape, no_member
from engram.storage.contract import Contents, Entry, Facts, Manifest
from engram.storage.load import about_file, source_of
from engram.storage.stored_value import StoredValue, UnknownPath
from engram.storage.values import Ruled, Rules
from engram.storage.wanted import with_end

if TYPE_CHECKING:
    from typing_extensions import Self

__all__ = ["StoredBranch", "StoredFile"]

MOST_LINES = 100  # of values, in a printed tree


class StoredBranch(Mapping[str, Any]):
    """What stands below a path of a file, by the rest of its path; ``branch["ee"]`` goes down, ``branch["ee/w"]`` too.

    Iterating gives the paths of values; ``in`` and ``[]`` know those above them as well.
    """

    def __init__(self, file: StoredFile, path: str, entries: dict[str, int]) -> None:
        self._file, self._path, self._entries = file, path, entries

    def __getitem__(self, path: str) -> Any:
        number = self._entries.get(path)
        if number is not None:
            return self._file.value(number)
        path = self._spelled(path)
        if path in self._entries:
            return self._file.value(self._entries[path])
        start = f"{path}/"
        below = {name[len(start) :]: k for name, k in self._entries.items() if name.startswith(start)}
        if not below:
            raise self._unknown(path)
        return StoredBranch(self._file, f"{self._path}/{path}".strip("/"), below)

    def __contains__(self, path: object) -> bool:
        path = self._spelled(path) if isinstance(path, str) else path
        return path in self._entries or any(name.startswith(f"{path}/") for name in self._entries)

    def _spelled(self, path: str) -> str:
        """Return the rest of a path as it is here, where a name may have a slash in the file."""
        start = f"{self._path}/" if self._path else ""
        return self._file.path_of(start + path).removeprefix(start)

    def __iter__(self) -> Iterator[str]:
        return iter(self._entries)

    def __len__(self) -> int:
        return len(self._entries)

    def _unknown(self, path: object) -> UnknownPath:
        near = self._meant(str(path))
        advice = f"did you mean {' or '.join(map(repr, near))}?" if near else "list(...) gives all paths."
        place = f" in {self._path}" if self._path else ""
        return UnknownPath(f"'{self._file.path}' has no {path!r}{place}\n  help: {advice}")

    def _meant(self, path: str) -> list[str]:
        """Return the paths that may be meant by one that there isn't: of a short one those that end so."""
        known = {*self._entries, *self._above()}
        same = with_end(path, known)
        if same:
            return same
        near = nearest_path(path, known)
        return [] if near is None else [near]

    @shortened
    def __getattr__(self, name: str) -> Any:
        if name[:1] == "_" or not (meant := self._meant(name)):
            raise no_member(self, name, "what stands in a file")
        paths = " or ".join(f"[{path!r}]" for path in meant)
        raise no_member(self, name, "what stands in a file", f"values stand under their paths: {paths}.")

    def _above(self) -> Iterator[str]:
        """Give the paths that are no values."""
        for name in self._entries:
            parts = name.split("/")
            yield from ("/".join(parts[:k]) for k in range(1, len(parts)))

    def _ipython_key_completions_(self) -> list[str]:
        return sorted({*self._entries, *self._above()})

    def _repr_html_(self) -> str:
        return markup.preformatted(repr(self))

    def __repr__(self) -> str:
        return "\n".join([f"{self._path} in '{self._file.path}'", *self._tree()])

    def _tree(self) -> Iterator[str]:
        """Give the lines of a tree: users' attributes one by one, what else resume needs in one line."""
        groups: dict[str, list[Entry]] = {}
        for name, number in self._entries.items():
            entry = self._file.manifest.entries[number]
            owner = entry.slot.owner[len(self._path) :].strip("/") if self._path else entry.slot.owner
            groups.setdefault(owner if name.startswith(owner) else "", []).append(entry)
        lines = (line for owner, entries in groups.items() for line in _lines(owner, entries))
        for number, line in enumerate(lines):
            if number == MOST_LINES:
                yield f"  ... {len(self)} values in all"
                return
            yield line


def _lines(owner: str, entries: list[Entry]) -> Iterator[str]:
    if owner:
        yield f"  {owner}"
    hidden = []
    for slot in (entry.slot for entry in entries):
        if slot.hidden and slot.role is not Role.WIRING:
            hidden.append(slot)
        else:
            unit = f"  {escape(slot.unit)}" if slot.unit else ""
            yield f"    {slot.name:<16} {slot.dtype.name:<8} {slot.shape if slot.shape else '1 number'}{unit}"
    if hidden:
        yield f"    + {len(hidden)} values for resuming, {sum(slot.nbytes for slot in hidden):,} bytes"


class StoredFile(StoredBranch):
    """A file that engram or ANNarchy wrote, of any format; see :func:`engram.read`.

    Args:
        path: of the file.

    Attributes:
        path, format: the file, and what it is by its content.
        manifest: what it says of itself.

    Raises:
        MissingFile, ReadError, UnsupportedFile, DamagedFile: as for loading it.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self._open = ExitStack()  # closes the file when it is collected, too
        source = self._open.enter_context(source_of(path))
        self.path, self.format = source.path, source.name
        self._contents: Contents | None = source.contents
        self.manifest: Manifest = source.contents.manifest
        entries = self.manifest.entries
        super().__init__(self, "", {entry.slot.path: k for k, entry in enumerate(entries)})
        self._short = {entry.key: k for k, entry in enumerate(entries)} if self.kind != "network" else {}

    def __getitem__(self, path: str) -> Any:
        return self.value(self._short[path]) if path in self._short else super().__getitem__(path)

    def __contains__(self, path: object) -> bool:
        return path in self._short or super().__contains__(path)

    def path_of(self, given: str) -> str:
        """Return the path that is meant by one in which names may be written as in a file of ANNarchy, with a slash."""
        if self.is_ours:
            return given
        from engram.storage.annarchy.read import AnnarchyFile  # which has read the file

        return self._contents.content.path_of(given) if isinstance(self._contents, AnnarchyFile) else given

    @property
    def kind(self) -> str:
        """``network``, ``population`` or ``projection``."""
        return self.manifest.kind

    @property
    def origin(self) -> str:
        """Who wrote it: ``engram`` or ``ANNarchy``."""
        return self.manifest.origin or "engram"

    @property
    def is_ours(self) -> bool:
        """Whether engram wrote it, so that it has digests, and says what the network is."""
        return not self.manifest.origin

    @property
    def step(self) -> int | None:
        """The step at which it was saved; None where ANNarchy saved one object, without it."""
        return self.manifest.step if self.is_ours or self.kind == "network" else None

    @property
    def seed(self) -> int | None:
        """The seed of the network; None where ANNarchy wrote the file, without it."""
        return self.manifest.seed if self.is_ours else None

    def value(self, number: int) -> StoredValue:
        """Return the value with that number in the manifest."""
        return StoredValue(self.contents, number, self.path)

    @property
    def contents(self) -> Contents:
        """The open file.

        Raises:
            ReadError: if it was closed.
        """
        if self._contents is None:
            raise ReadError(f"'{self.path}' was closed\n  help: open it again, or take values before: file[...][:].")
        return self._contents

    def each(self, *, verified: bool = True) -> Iterator[tuple[str, Iterator[np.ndarray[Any, Any]]]]:
        """Give all values in one pass: paths, and pieces of at most 1 MiB, flat, in bounded memory.

        The order is the file's; pieces that nobody takes are left out. A value is verified when its last piece was
        taken, with a DamagedFile where it is not what was saved, or what no network could take (ranks, row starts,
        delays ...; for the order of synapses four bits of each are kept at most); with ``verified=False`` it is given
        as it stands.
        """
        with about_file(self.path):
            for path, pieces in self.stream(verified=verified):
                yield path, self._named(pieces)

    def stream(self, *, verified: bool = True) -> Iterator[tuple[str, Iterator[np.ndarray[Any, Any]]]]:
        """Give what ``each`` gives; errors do not name the file: for lists of what is damaged in one."""
        keys = {entry.key: entry for entry in self.manifest.entries}
        slots = (entry.slot for entry in keys.values())
        rules = Rules(slots, self.step, self.seed, facts=self._facts() if verified else None)
        for key, pieces in self.contents.stream():
            entry = keys[key]
            arrays = _arrays(entry, iter(pieces), verified)
            if verified and Ruled.may_be(entry.slot):
                arrays = _ruled(entry.slot.path, rules.of(entry.slot), arrays)
            yield entry.slot.path, arrays

    def _facts(self) -> Facts:
        """Return what the file says that its values must agree with; here nobody understands what that is."""
        return Facts()

    def _named(self, pieces: Iterator[np.ndarray[Any, Any]]) -> Iterator[np.ndarray[Any, Any]]:
        with about_file(self.path):
            yield from pieces

    def verify(self) -> tuple[str, ...]:
        """Read everything once; return a line for all that is damaged, none if the file is whole."""
        faults = []
        try:
            for _, pieces in self.stream():
                try:
                    for _ in pieces:
                        pass
                except DamagedFile as error:
                    faults.append(str(error))
        except DamagedFile as error:
            faults.append(str(error))
        return tuple(dict.fromkeys(faults))  # a stream that is cut ends early for all that follows

    def close(self) -> None:
        """Close the file; arrays that were taken out of it stay."""
        self._contents = None
        self._open.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def __repr__(self) -> str:
        return "\n".join([f"'{self.path}': {self._summary()}", *self._tree()])

    def _summary(self) -> str:
        if not self.is_ours:
            clock = "" if self.step is None else f", step {self.step}"
            return f"{self.kind}, {self.format}, written by {self.origin}{clock}"
        facts = f"{self.kind}, {self.format}, format {self.manifest.version}, engram {escape(self.manifest.engram)}"
        return f"{facts}, step {self.step}, seed {self.seed}"


def _arrays(entry: Entry, pieces: Iterator[bytes | memoryview], verified: bool) -> Iterator[np.ndarray[Any, Any]]:
    """Give the pieces of a value as arrays, whole elements each."""
    digest, rest, itemsize = SlotHash(), b"", entry.slot.dtype.itemsize
    for piece in pieces:
        digest.update(piece)
        data = rest + bytes(piece)
        whole = len(data) - len(data) % itemsize
        rest = data[whole:]
        for at in range(0, whole, BLOCK_BYTES):
            yield np.frombuffer(data[at : min(at + BLOCK_BYTES, whole)], entry.slot.dtype)
    if verified and digest.blocks() != entry.blocks:
        raise DamagedFile(f"{entry.slot.path}: the value is damaged")


def _ruled(path: str, ruled: Ruled, pieces: Iterator[np.ndarray[Any, Any]]) -> Iterator[np.ndarray[Any, Any]]:
    """Give the pieces of a value; raise DamagedFile behind the last one where they are none that a network takes."""
    fault = ""
    for piece in pieces:
        fault = fault or (ruled.fault(piece) if piece.size else "")
        yield piece
    fault = fault or ruled.fault_at_end()
    if fault:
        raise DamagedFile(f"{path}: {fault}")
