"""``engram diff``: what differs between two files: values, equations, settings. No network is built.

Values whose digests are equal are equal; that they are what their digests say is verified, in both files. Of others
elements are compared, in bounded memory. A file of engram's is compared with one of ANNarchy's as if it had been
converted for ANNarchy.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import numpy.typing as npt

from engram.blueprint.compare import compare
from engram.cli.commands import Command
from engram.cli.differences import Apart, apart
from engram.cli.output import say
from engram.errors import DamagedFile
from engram.persistence.converting import convert
from engram.persistence.reading import File, read
from engram.storage.contract import EMPTIED, Entry

__all__ = ["COMMAND", "diff"]

Array = npt.NDArray[Any]


def diff(a: str, b: str) -> int:
    """Print what differs between two files; returns the exit status: 0 if nothing does, else 1."""
    with ExitStack() as stack:
        one, other = (stack.enter_context(read(file)) for file in (a, b))
        if one.is_ours != other.is_ours:
            one, other = (_as_annarchy(file, stack) for file in (one, other))
        count = 0
        for line in _lines(one, other):
            if not count:
                say(f"A: {a}\nB: {b}")
            say(line)
            count += 1
        if not count:
            say(f"no difference: {len(one)} values, by their digests, and all that the files say of the network")
    return 1 if count else 0


def _as_annarchy(file: File, stack: ExitStack) -> File:
    """Return a file of engram's as one of ANNarchy's, which has other values in another order."""
    if not file.is_ours:
        return file
    folder = stack.enter_context(TemporaryDirectory(prefix="engram-"))
    path = os.path.join(folder, "theirs.txt")
    convert(file.path, path, "annarchy")
    return stack.enter_context(read(path))


def _lines(a: File, b: File) -> Iterator[str]:
    are_ours = a.is_ours and b.is_ours
    for fact in ("origin", "kind", *(() if are_ours else ("dt",)), "step", "seed"):  # theirs alone say it elsewhere
        ours, theirs = getattr(a, fact), getattr(b, fact)
        if ours != theirs:
            one, other = ("not said" if value is None else value for value in (ours, theirs))
            yield f"{fact}: {one} in A, {other} in B"
    if are_ours:
        yield from _said(a, b)
    yield from _values(a, b)


def _said(a: File, b: File) -> Iterator[str]:
    """Give what differs in what two files of engram's say of their networks."""
    yield from _rules(a, b)
    constants = [{one.name: one.value for one in file.blueprint.constants} for file in (a, b)]
    yield from _facts("constants", *constants)
    yield from _facts("parameters kept in the network", a.manifest.parameters, b.manifest.parameters)
    ours, theirs = Counter(a.manifest.not_saved), Counter(b.manifest.not_saved)
    for side, texts in (("A", ours - theirs), ("B", theirs - ours)):
        yield from (f"{text}, not saved: in {side} only" for text in texts.elements())


def _rules(a: File, b: File) -> Iterator[str]:
    """Give what differs in structure and equations; ``compare`` calls A the file and B the network."""
    found = compare(a.blueprint, b.blueprint, is_full=True)
    changed = [f"{path}: {line}" for path, text in found.model_changed.items() for line in text.split("\n")]
    noted = [note.removesuffix(EMPTIED) for note in found.notes]
    told = {path for path in found.unmatched for note in noted if note.startswith(f"{path}: ")}
    ours = {f"monitors/{monitor.name}" for monitor in a.blueprint.monitors}
    alone = [f"{path}: in {'A' if path in ours else 'B'} only" for path in found.unmatched - told]
    asked = [f"{path}: synapses, weights or delays were asked for in another way" for path in found.recipes]
    lines = dict.fromkeys([*found.lines, *changed, *noted, *sorted(alone), *asked])
    if lines:
        yield "structure and equations:"
    yield from (f"  {_sides(line)}" for line in lines)


def _sides(line: str) -> str:
    line = line.replace(": not in the file", ": in B only")
    return line.replace(" in the file", " in A").replace(" in the network", " in B")


def _facts(what: str, ours: dict[str, Any], theirs: dict[str, Any]) -> Iterator[str]:
    for name in sorted({*ours, *theirs}):
        one, other = (repr(facts[name]) if name in facts else "nothing" for facts in (ours, theirs))
        if one != other:
            yield f"{what}: {name}: {one} in A, {other} in B"


def _values(a: File, b: File) -> Iterator[str]:
    ours, theirs = ({entry.slot.path: entry for entry in file.manifest.entries} for file in (a, b))
    for path in sorted(ours.keys() ^ theirs.keys()):
        yield f"{path}: in {'A' if path in ours else 'B'} only"
    both = [path for path in ours if path in theirs and ours[path].digest != theirs[path].digest]
    same = {path for path in both if _form(ours[path]) == _form(theirs[path])}
    for path in both:
        if path not in same:
            one, other = _form(ours[path]), _form(theirs[path])
            yield f"{path}: {one} in A, {other} in B"
    found = _Pass(b)
    for path, pieces in a.each():
        if path in same:
            is_parameter = ours[path].slot.role.value == "parameter"
            yield f"{path}: {_words(apart(pieces, found.pieces(path)), is_parameter)}"
        else:
            _verify(pieces)
    found.finish()


def _form(entry: Entry) -> str:
    shape = "x".join(map(str, entry.slot.shape)) or "1 number"
    return f"{entry.slot.dtype.name} {shape}"


class _Pass:
    """Passes over a file, one where values are asked for in its order; a pass more for each that stands before."""

    def __init__(self, file: File) -> None:
        self._file, self._rest = file, file.each()

    def pieces(self, path: str) -> Iterator[Array]:
        """Return the pieces of a value of the file."""
        for _ in range(2):
            for name, pieces in self._rest:
                if name == path:
                    return pieces
                _verify(pieces)
            self._rest = self._file.each()
        raise DamagedFile(f"'{self._file.path}' has no {path}, which its manifest lists")

    def finish(self) -> None:
        """Go to the end, where a stream says whether it is whole."""
        for _, pieces in self._rest:
            _verify(pieces)


def _verify(pieces: Iterator[Array]) -> None:
    """Take what is not compared, so that it is known to be what its digest says."""
    for _ in pieces:
        pass


def _words(found: Apart, is_parameter: bool) -> str:
    at, one, other = found.first or (0, None, None)
    if found.size == 1 and is_parameter:
        return f"{one!r} in A, {other!r} in B"
    parts = [f"{found.count:,} of {found.size:,} differ", f"largest difference {_number(found.largest)}"]
    if found.ulp is not None:
        parts.append(f"{found.ulp:,} ulp")
    if found.not_finite:
        parts.append(f"{found.not_finite:,} not finite")
    return f"{', '.join(parts)}; first [{at}] {one!r} in A, {other!r} in B"


def _number(value: float | int) -> str:
    return f"{value:.6g}" if isinstance(value, float) and np.isfinite(value) else str(value)


COMMAND = Command(
    "what differs between two files",
    "Prints structure, equations, settings and values that differ, of values how many elements, the largest "
    "difference and ulp. All values of both files are read and verified. Exit status 1 if anything differs, 2 if a "
    "file is damaged.",
    diff,
    (
        ("a", {"metavar": "A", "help": "a file that engram or ANNarchy saved"}),
        ("b", {"metavar": "B", "help": "another"}),
    ),
)
