"""Global parameters and constants set in a file, without its network: arrays go from file to file, through the disk.

In: two paths, and parameters. Out: the file that the network would have saved after ``load_parameters``. What is
checked, and warned of, is the network's matter: its objects are made of the blueprint, with their single numbers alone.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import partial

from engram.errors import UnsupportedFile
from engram.persistence.converting import values_in
from engram.persistence.keeper import Keeper
from engram.persistence.opened import found_beside
from engram.persistence.opening import program_of
from engram.persistence.parameter_files import load_parameters
from engram.persistence.paths import checked_path
from engram.persistence.reading import File, blueprint_in, owners_in, read
from engram.persistence.starts import Arrays
from engram.program.component import Component
from engram.program.places import network_path
from engram.program.program import Program
from engram.state import names
from engram.state.residence import Array
from engram.state.slots import Layout
from engram.state.tree import Leaf
from engram.storage.load import about_file
from engram.storage.save import SaveReport, save

__all__ = ["with_parameters"]

Path = str | os.PathLike[str]


@contextmanager
def with_parameters(file: Path, parameters: Path) -> Iterator[Callable[[Path], SaveReport] | None]:
    """Read a network's file, and give what writes it with other global parameters and constants, wherever it is told.

    None is given where that takes the network itself: a constant that nothing reads, or time constants for which
    values per neuron and per synapse are multiplied.

    Args:
        file: of a network.
        parameters: JSON.

    Raises:
        ParametersError, InvalidArgument, DamagedFile ...: as for opening the network, and loading its parameters.
    """
    with read(file) as source:
        with about_file(source.path):
            if source.kind != "network" or not source.is_ours:
                raise UnsupportedFile(f"it holds no network of engram's\n  help: engram inspect {source.path}.")
            blueprint = blueprint_in(source.manifest)
        with values_in(source) as leaves:
            arrays = {leaf.slot.path: array for leaf in leaves for array in leaf.pieces}
            with about_file(source.path):
                beside = Arrays(partial(found_beside, arrays), has_values=False, has_lists=False)
                program = program_of(blueprint, beside)
            if any(map(_needs_wiring, program.components)):
                yield None
                return
            program.compiled = True  # as the network was: it takes no distributions, and warns of long steps
            filled = _fill(program, leaves, arrays)
            keeper = Keeper(program)
            with _lacking(source):
                load_parameters(keeper, parameters, True, False, True)
            if program.constants != {one.name: one.value for one in blueprint.constants}:
                yield None
                return
            description = replace(source.manifest.description(), parameters=keeper.parameters)
            new = {path: (program.state.read(path),) for path in filled}
            changed = [Leaf(leaf.slot, new.get(leaf.slot.path, leaf.pieces)) for leaf in leaves]
            yield lambda output: save(checked_path(output), description, changed)


@contextmanager
def _lacking(source: File) -> Iterator[None]:
    """Say so where a value shall be set of which the file was saved without."""
    try:
        yield
    except KeyError as error:
        path = str(error.args[0])
        if path in source or "/".join(path.split("/")[:2]) in owners_in(source.manifest):
            raise
        with about_file(source.path):
            advice = "leave it out of the parameters, or take a file that was saved with all objects."
            raise UnsupportedFile(f"it was saved without the values of {path}\n  help: {advice}") from None


def _needs_wiring(component: Component) -> bool:
    """Say whether values per neuron and per synapse are multiplied to see that steps are short enough."""
    found = {one.locality for one in component.spec.attributes if one.name in component.spec.paced}
    return found >= {"local", "semiglobal"}


def _fill(program: Program, leaves: Sequence[Leaf], arrays: Mapping[str, Array]) -> list[str]:
    """Give a tree the single numbers of a file, and what is compared with the step; return their paths."""
    paced = {f"{one.path}/{name}" for one in program.components for name in one.spec.paced}
    starts = ("populations/", "projections/", network_path(names.constant("")))
    filled = []
    for slot in (leaf.slot for leaf in leaves):
        is_single = slot.size == 1 and slot.layout is Layout.PLAIN and slot.path.startswith(starts)
        if is_single or slot.path in paced:
            program.state.put(slot, arrays[slot.path].copy())
            filled.append(slot.path)
    return filled
