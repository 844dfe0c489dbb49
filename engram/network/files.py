"""Saving and loading of networks, single objects and parameters: what ``storage`` needs to be told, and what follows.

Called by :class:`Network`, :class:`Population`, :class:`Projection`. ``storage`` is imported when a file is written or
read: it is a quarter of engram, and ``import engram`` must be quick.
"""

from __future__ import annotations

import copy
import os
from collections import defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from engram.callers import warn
from engram.errors import BrokenNetwork, EngramError, InvalidArgument, NotAvailable
from engram.network import compiling
from engram.network.garbage import no_collection
from engram.network.initial import initial_value
from engram.network.interrupts import held_interrupts
from engram.network.layouts import possible_layouts
from engram.network.listed import add_slots, drop_slots, keep_all
from engram.network.packing import is_plain
from engram.state import names
from engram.state.digest import hash_bytes

if TYPE_CHECKING:
    from engram.network.network import Network
    from engram.network.recorded import Recorded
    from engram.storage.contract import Description, Entry, Manifest
    from engram.storage.load import Source
    from engram.storage.parameters.values import Attribute
    from engram.storage.report import LoadReport
    from engram.storage.save import SaveReport

__all__ = ["checked_path", "load", "load_one", "load_parameters", "save", "save_one", "save_parameters"]

Path = str | os.PathLike[str]
Owner = Any  # Population | Projection
ONE = hash_bytes(np.uint16(1).tobytes())  # what a file says of a delay of one step


def save(network: Network, file: Path, populations: bool, projections: bool, monitors: bool) -> SaveReport:
    """Write a network; see :meth:`Network.save`."""
    from engram.network.recorded import recorded
    from engram.storage.save import save as save_file

    network._needs_compile("save()")
    network._usable()
    wanted = {"populations": populations, "projections": projections, "monitors": monitors}
    with network._lock, no_collection():
        if network.damage:
            warn(f"what is saved is damaged, infinite or NaN: {network.damage}")
        network._store_generator()
        paths = [path for path in network._state.slots() if wanted.get(path.split("/")[0], True)]
        said = recorded(network)
        description = _description(network, "network", said)
        report = save_file(checked_path(file), description, network._state.leaves(paths))
        return replace(report, not_saved=(*report.not_saved, *said.blueprint.notes))


def save_one(network: Network, owner: Owner, file: Path) -> SaveReport:
    """Write one population or projection."""
    from engram.network.blueprinting import blueprint_of_one
    from engram.network.recorded import Recorded
    from engram.storage.save import save as save_file

    network._needs_compile("save()")
    network._usable()
    with network._lock:
        paths = [slot.path for slot in network._state.of(owner._path)]
        description = _description(network, owner._section[:-1], Recorded(blueprint_of_one(owner)))
        return save_file(checked_path(file), description, network._state.leaves(paths))


def load(network: Network, file: Path | Source, **options: Any) -> LoadReport:
    """Load a network; see :meth:`Network.load`."""
    network._needs_compile("load()")
    return _load(network, file, **options)


def load_one(network: Network, owner: Owner, file: Path) -> LoadReport:
    """Load one population or projection."""
    network._needs_compile("load()")
    return _load(network, file, owner, single=owner._path)


def _load(network: Network, file: Path | Source, owner: Owner = None, **options: Any) -> LoadReport:
    from engram.network.recorded import FileBlueprint, recorded
    from engram.storage.load import Source
    from engram.storage.load import load as load_file

    network._callbacks.refuse("load()")
    source = file if isinstance(file, Source) else checked_path(file)

    def initial(path: str, shape: tuple[int, ...], step: int) -> npt.NDArray[Any]:
        return initial_value(network, path, shape, step)

    theirs: FileBlueprint

    is_whole = owner is None and options.get("only") is None and _takes_all(**options)

    def before_write(entries: tuple[Entry, ...]) -> None:
        theirs.check(network)
        _compile_for(network, entries)
        if is_whole:
            add_slots(network, theirs.blueprint)
        else:
            changed = {entry.slot.owner for entry in entries}
            for projection in network._projections.values():
                if projection._path in changed:
                    keep_all(projection)

    with network._lock, no_collection(), held_interrupts() as interrupted:
        network._store_generator()  # what the file doesn't bring stays as it is now
        theirs = FileBlueprint(recorded(network), map(str, network._callbacks))
        whole: list[Manifest] = []
        facts: dict[str, Any] = {"initial": initial, "before_write": before_write, "adopt": whole.append, **options}
        try:
            report = load_file(source, network._state, theirs.compare, **facts)
        except BaseException:
            drop_slots(network)
            raise
        try:
            for manifest in whole:
                theirs.adopt(network, manifest)
                network._parameters = copy.deepcopy(manifest.parameters)
            drop_slots(network)
            network._loaded(owner)
        except BaseException as error:
            what = f"the network could not be made ready ({type(error).__name__}: {error})"
            network._state.broken = f"'{report.path}' was loaded, but {what}"
            if isinstance(error, EngramError) or not isinstance(error, Exception):
                raise
            raise BrokenNetwork(f"{network._state.broken}\n  help: load a whole file, or reset().") from error
        if whole:
            lacking = [text for text in report.not_saved if text not in _not_saved(network)]
            report = replace(report, not_saved=(*lacking, *theirs.of(whole[0]).notes))
        network._load_report = report
    if interrupted:  # the load has been finished: half of one would be no network
        raise KeyboardInterrupt
    return report


def _takes_all(populations: bool = True, projections: bool = True, **other: Any) -> bool:
    return populations and projections


def checked_path(file: Path) -> Path:
    """Return the path of a file, a leading ``~`` replaced by the home folder.

    Raises:
        InvalidArgument: if it is no path, or of a format that can't be written yet.
    """
    if not isinstance(file, str | os.PathLike) or isinstance(os.fspath(file), bytes):
        raise InvalidArgument(f"expected a path, got {file!r:.60}")
    path = os.path.expanduser(file)
    if os.path.splitext(path)[1].lower() in (".h5", ".hdf5"):
        raise NotAvailable(f"HDF5 files ({path!r}) are not available yet\n  help: use .npz, which everything reads.")
    return path


def _compile_for(network: Network, entries: tuple[Entry, ...]) -> None:
    """Compile the kernels for the form that projections will have, before anything is written."""
    shapes_of: dict[str, dict[str, tuple[int, ...]]] = defaultdict(dict)
    for entry in entries:
        shapes_of[entry.slot.owner][entry.slot.name] = entry.slot.shape
    no_delay = {entry.slot.owner for entry in entries if entry.slot.name == names.DELAY_STEPS and entry.blocks == ONE}
    for projection in network._projections.values() if network._backend.is_compiled else ():
        shapes = shapes_of[projection._path]
        if {names.WEIGHT, names.DELAY_STEPS} <= shapes.keys() and not is_plain(projection):
            n_syn = shapes[projection._ranks_name][0]
            kind = "each" if shapes[names.DELAY_STEPS] else "none" if projection._path in no_delay else "uniform"
            for layout in possible_layouts(projection, n_syn):
                compiling.compiled(compiling.code_of(projection, shapes, kind, layout))


def _description(network: Network, kind: str, said: Recorded) -> Description:
    from engram.storage.contract import Description

    if kind != "network":
        return Description(kind, network._state.step, network.seed, said.document, {})
    facts = said.document, network._parameters, _not_saved(network)
    return Description(kind, network._state.step, network.seed, *facts)


def _not_saved(network: Network) -> tuple[str, ...]:
    """Say what a file of the network does not hold."""
    from engram.network.copies import users_attributes

    own = ", ".join(users_attributes(network))
    return (*map(str, network._callbacks), *([f"attributes of the network's own: {own}"] if own else []))


# -- parameters --------------------------------------------------------------------------------------------


def save_parameters(network: Network, file: Path, extra: dict[str, Any] | None) -> None:
    """Write the global parameters; see :meth:`Network.save_parameters`."""
    from engram.storage.parameters.write import write_parameters

    populations = {p.name: _global_parameters(p) for p in network._populations.values()}
    projections = {p.name: _global_parameters(p) for p in network._projections.values()}
    kept = network._parameters if extra is None else extra
    network._parameters = write_parameters(checked_path(file), populations, projections, kept, network._constants_now)


def _global_parameters(owner: Owner) -> dict[str, Any]:
    return {
        a.name: np.asarray(owner.get(a.name), owner._dtype(a.type))[()]
        for a in owner._spec.attributes
        if a.locality == "global" and not a.is_variable
    }


def load_parameters(network: Network, file: Path, global_only: bool, verbose: bool, strict: bool) -> dict[str, Any]:
    """Set parameters from a file; see :meth:`Network.load_parameters`."""
    from engram.storage.parameters.read import Schema, read_parameters

    owners: dict[str, dict[str, Owner]] = {
        "populations": dict(network._populations),
        "projections": dict(network._projections),
    }
    schema = Schema(
        populations={name: _schema(p) for name, p in owners["populations"].items()},
        projections={name: _schema(p) for name, p in owners["projections"].items()},
        constants={name: _constant_schema(network, name) for name in network._constants},
    )
    found = read_parameters(checked_path(file), schema, global_only=global_only, strict=strict)
    for text in found.warnings:
        warn(text)
    with network._lock:
        for section, name, attribute, value in found.values:
            if section == "constants":
                network._set_constant(attribute, float(value))
            else:
                owners[section][name].set({attribute: value})
    network._parameters = copy.deepcopy(found.network)
    if verbose:
        for section, name, attribute, value in found.values:
            print(f"{section}/{name}/{attribute} = {value}")  # noqa: T201  asked for
        for path in found.skipped:
            print(f"{path}: skipped")  # noqa: T201
    return found.network


def _constant_schema(network: Network, name: str) -> Attribute:
    from engram.storage.parameters.values import Attribute

    limits = [owner._spec.limit(name) for owner in network._owners if name in owner._spec.constants]
    return Attribute(np.dtype(np.float64), "float", limit=next((limit for limit in limits if limit), None))


def _schema(owner: Owner) -> dict[str, Attribute]:
    from engram.storage.parameters.values import Attribute

    return {
        a.name: Attribute(
            owner._dtype(a.type), a.type, a.locality == "global", not a.is_variable, owner._spec.limit(a.name)
        )
        for a in owner._spec.attributes
    }
