"""Files into files, without a network: other formats of engram's, and what ANNarchy reads.

In: two paths. Out: a file, and :class:`SaveReport`. Values go through the disk, so that a file may be larger than
memory; into a file for ANNarchy they go through memory, boxed, as such files have them.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import IO

import numpy as np

from engram.blueprint.codec import from_json
from engram.blueprint.records import Blueprint, MonitorRecord
from engram.callers import checked
from engram.errors import DamagedFile, InvalidArgument, UnsupportedFile
from engram.persistence.facts import facts_of
from engram.persistence.opening import definition_of
from engram.persistence.paths import checked_path
from engram.persistence.reading import File, read, without_equations
from engram.persistence.to_annarchy import as_annarchy
from engram.state import names
from engram.state.residence import Array
from engram.state.slots import Slot
from engram.state.tree import Leaf
from engram.storage.annarchy.read import ORIGIN, AnnarchyFile
from engram.storage.annarchy.write import SUFFIXES_FOR_THEM, write_annarchy
from engram.storage.contract import Description, Manifest, OtherVersion
from engram.storage.formats import SUFFIXES, opener_of, refuse_other_kinds
from engram.storage.load import about_file
from engram.storage.mat import rewritten as mat
from engram.storage.reading import opened
from engram.storage.save import SaveReport, save
from engram.storage.values import Ruled, Rules
from engram.storage.zip import rewritten as zip_archive
from engram.telling import told

__all__ = ["convert", "values_in"]

REWRITTEN = (zip_archive, mat)  # of the other formats values that were edited are read as ever
TARGETS = ("engram", ORIGIN.lower())
LOST = (
    "spikes in flight, pasts, refractoriness, dt, seed, equations, recordings: files of ANNarchy hold attributes alone"
)
NOT_READ = (
    "for ANNarchy 5, which passes over them in a population's .npz: single numbers (tau = 10.0); give it .gz or .txt"
)


@checked
def convert(
    file: str | os.PathLike[str], output: str | os.PathLike[str], to: str = "engram", *, reseal: bool = False
) -> SaveReport:
    """Write what is in a file into another, without a network::

        eg.convert("run.npz", "run.engram")
        eg.convert("run.npz", "run.txt", to="annarchy")

    Args:
        file: that engram saved; for ANNarchy also one that it saved itself (a ``.mat``, say).
        output: where to write; the suffix says how. ANNarchy reads ``.npz`` and ``.gz``, and all others as pickles.
        reseal: take values as they are now, and hash them anew: of a file that somebody has edited on purpose (NumPy,
            pickle, h5py). Of a file that was damaged this makes one that nothing is seen of.
        to: ``"engram"``, or ``"annarchy"`` for a file that ANNarchy loads into the network of the same model.

    Raises:
        MissingFile, ReadError, UnsupportedFile, DamagedFile: as for :func:`engram.read`. Nothing is written.
        SaveError: if the file can't be written; what was there before stays.
        InvalidArgument: for the suffix of another kind of file; for ANNarchy also to replace a saved state.
    """
    if to not in TARGETS:
        raise InvalidArgument(f"convert(): to must be {' or '.join(map(repr, TARGETS))}, not {told(to)}")
    refuse_other_kinds(checked_path(output), SUFFIXES if to == TARGETS[0] else SUFFIXES_FOR_THEM)
    if reseal:
        if to != TARGETS[0]:
            advice = "leave out to=, then convert what it has written."
            raise InvalidArgument(f"reseal=True makes a file of engram's\n  help: {advice}")
        return _resealed(file, checked_path(output))
    with read(file) as source:
        if to != TARGETS[0]:
            _refuse_states(source.path, os.fspath(checked_path(output)))
            return _for_annarchy(source, checked_path(output))
        if not source.is_ours:
            with about_file(source.path):
                raise UnsupportedFile(without_equations(source.origin))
        _ = source.blueprint  # which is read, and checked, when it is asked for
        with values_in(source) as leaves:
            return save(checked_path(output), source.manifest.description(), leaves)


def _resealed(file: str | os.PathLike[str], output: str | os.PathLike[str]) -> SaveReport:
    shown = os.fspath(checked_path(file))
    with opened(shown) as reader, about_file(shown):
        kind = next((kind for kind in REWRITTEN if kind.is_rewritten(reader)), None)
        if kind is not None:
            description, leaves = kind.read_rewritten(reader)
            _check_resealed(from_json(description.blueprint), leaves, description)
            return save(output, description, leaves)
    with read(file) as source:
        blueprint = source.blueprint
        with values_in(source, verified=False) as leaves, about_file(shown):
            _check_resealed(blueprint, leaves, source.manifest)
            return save(output, source.manifest.description(), leaves)


def _check_resealed(blueprint: Blueprint, leaves: Sequence[Leaf], said: Description | Manifest) -> None:
    """Raise DamagedFile for what no network would take: digests that fit are no good to anybody then."""
    for record in blueprint.models:
        definition_of(record)
    parts = {leaf.slot.path: leaf for leaf in leaves if leaf.slot.name == names.PART}

    def beside(one: MonitorRecord) -> Array | None:
        part = parts.get(f"monitors/{one.name}/{names.PART}")
        return None if part is None else np.concatenate([np.asarray(piece) for piece in part.pieces])

    facts = facts_of(blueprint, (leaf.slot for leaf in leaves), beside)
    rules = Rules((leaf.slot for leaf in leaves), said.step, said.seed, facts=facts)
    for leaf in leaves:
        if not Ruled.may_be(leaf.slot):
            continue
        fault = rules.of(leaf.slot).fault_of(piece.reshape(-1) for piece in leaf.pieces)
        if fault:
            raise DamagedFile(f"{leaf.slot.path}: {fault}\n  help: mend that first; nothing was written.")


def _refuse_states(source: str, output: str) -> None:
    """Refuse to replace a saved state by attributes alone, be it the one that they are taken from."""
    if not os.path.isfile(output):
        return
    if os.path.samefile(source, output):
        what = f"'{output}' is the file that is converted"
    elif _is_state(output):
        what = f"'{output}' is a saved state"
    else:
        return
    lost = f"{what}, which a file for ANNarchy, of attributes alone, would replace; nothing was written"
    raise InvalidArgument(f"{lost}\n  help: give it another name, or remove that file before.")


def _is_state(path: str) -> bool:
    """Say whether engram wrote a file, of whatever version; one that is damaged may have been of engram's."""
    try:
        with opened(path) as file:
            _, opener = opener_of(file, path)
            return not opener(file).manifest.origin
    except (DamagedFile, OtherVersion):
        return True
    except UnsupportedFile:
        return False


def _for_annarchy(source: File, output: str | os.PathLike[str]) -> SaveReport:
    if isinstance(source.contents, AnnarchyFile):
        content, lost = source.contents.content, tuple[str, ...]()
        if any(one.targets is None for one in content.projections.values()):
            raise UnsupportedFile(
                f"'{source.path}' holds the connectivity of a projection alone\n"
                "  help: proj.from_file(...) reads it; then net.save(...) has all."
            )
    else:
        content, lost = as_annarchy(source), (LOST,)
    count = sum(len(one.values) for one in content.paths.values())
    if not count:
        with about_file(source.path):
            raise UnsupportedFile(
                "it has no values of its objects\n  help: take a file that was saved with all of them."
            )
    name, nbytes = write_annarchy(output, content)
    if name == "npz" and content.kind == "population":
        lost = (*lost, NOT_READ)
    return SaveReport(os.fspath(output), f"{ORIGIN} {name}", nbytes, count, lost)


@contextmanager
def values_in(source: File, *, verified: bool = True) -> Iterator[list[Leaf]]:
    """Give all values from a file of our own beside the memory, which is gone afterwards."""
    slots = {entry.slot.path: entry.slot for entry in source.manifest.entries}
    with tempfile.TemporaryFile(prefix="engram-") as held:
        places = {}
        for path, pieces in source.each(verified=verified):
            places[path] = held.tell()
            for piece in pieces:
                held.write(piece.tobytes())
        held.flush()
        yield [Leaf(slot, (_mapped(held, slot, places[path]),)) for path, slot in slots.items()]


def _mapped(held: IO[bytes], slot: Slot, at: int) -> Array:
    if not slot.nbytes:
        return np.zeros(slot.shape, slot.dtype)
    array: Array = np.memmap(held, slot.dtype, "r", at, slot.shape)
    return array
