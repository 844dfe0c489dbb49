"""Ranks of neurons that stand in a file beside its blueprint, or follow from it: they are those that it says.

In: what is said of views, and how a file describes its values. Out: a line for each value that says something else;
digests are compared, so that nothing has to be read.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from typing import Any

import numpy as np
import numpy.typing as npt

from engram.blueprint.records import BesideRecord, Blueprint
from engram.blueprint.values import ranks_of
from engram.errors import DamagedFile
from engram.program.beside import views_beside
from engram.program.program import Program
from engram.program.recorder import Recorder
from engram.program.synapses import Synapses
from engram.state import names
from engram.state.digest import hash_bytes
from engram.storage.contract import Entry

__all__ = ["check_views", "faults_of_views"]

Array = npt.NDArray[Any]
NAMES = {names.RANKS, names.PART, names.PRE_PART, names.POST_PART}
OTHERS = "other neurons than the blueprint says"


def check_views(program: Program, entries: Iterable[Entry], loaded: Collection[str]) -> None:
    """Raise DamagedFile if the ranks of views are not those of the network, with which a blueprint has agreed.

    Args:
        entries: of a file.
        loaded: paths of the objects whose values will be loaded.
    """
    given = {entry.slot.path: entry for entry in entries if entry.slot.name in NAMES and entry.slot.owner in loaded}
    owners = {entry.slot.owner for entry in given.values()}
    viewers: tuple[Synapses | Recorder, ...] = (*program.projections.values(), *program.monitors.values())
    for viewer in viewers if owners else ():
        if viewer.path not in owners:
            continue
        views = {name: ranks for name, _, ranks in views_beside(viewer)}
        if isinstance(viewer, Recorder) and viewer.ranks is not None:
            views[names.RANKS] = np.sort(viewer.ranks)
        for name, ranks in views.items():
            path = f"{viewer.path}/{name}"
            if path in given and not _are(ranks, given[path]):
                raise DamagedFile(f"{path}: {OTHERS}")


def faults_of_views(blueprint: Blueprint, entries: Iterable[Entry], read: Any) -> Iterator[str]:
    """Give a line for each monitor that has other neurons among its values than the blueprint says.

    Args:
        read: gives the value with a path; of views that stand beside the blueprint.
    """
    given = {entry.slot.path: entry for entry in entries if entry.slot.name in NAMES}
    for one in blueprint.monitors:
        path, part = (f"{Recorder.section}/{one.name}/{name}" for name in (names.RANKS, names.PART))
        if one.ranks is None or path not in given:
            continue
        if not isinstance(one.ranks, BesideRecord):
            ranks = ranks_of(one.ranks)
        elif part in given and given[part].digest == one.ranks.digest:
            ranks = read(part)
        else:
            yield f"{part}: {OTHERS}"
            continue
        if not _are(np.sort(ranks), given[path]):
            yield f"{path}: {OTHERS}"


def _are(ranks: Array, entry: Entry) -> bool:
    return hash_bytes(ranks.astype("<i8").tobytes()) == entry.blocks
