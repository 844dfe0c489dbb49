"""Files of networks read without a network: values, and what the blueprint says of them; ANNarchy's, which have none.

In: a path. Out: :class:`File`. Nothing is compiled, drawn or changed; a file from a stranger is safe to read.
"""

from __future__ import annotations

import os
from functools import cached_property
from typing import TYPE_CHECKING

from engram.blueprint.codec import from_json
from engram.blueprint.fits import check_fit, check_owners
from engram.blueprint.given import check_lists
from engram.callers import checked
from engram.errors import DamagedFile, UnsupportedFile
from engram.persistence.paths import checked_path
from engram.program.units import in_ms
from engram.state import names
from engram.state.residence import Array
from engram.storage.contract import Facts
from engram.storage.load import about_file
from engram.storage.stored import StoredFile
from engram.storage.stored_value import StoredValue

if TYPE_CHECKING:
    from engram.blueprint.records import Blueprint, MonitorRecord
    from engram.storage.contract import Manifest

__all__ = ["File", "blueprint_in", "owners_in", "read", "without_equations"]


def blueprint_in(manifest: Manifest) -> Blueprint:
    """Return the blueprint of a file, which fits the values in it.

    Raises:
        DamagedFile: naming the first place where something can't be.
    """
    blueprint = from_json(manifest.blueprint)
    check_owners(blueprint, owners_in(manifest))
    check_fit(blueprint, manifest.kind, (entry.slot for entry in manifest.entries))
    check_lists(blueprint, manifest.entries)
    return blueprint


def owners_in(manifest: Manifest) -> set[str]:
    """Return what the file has values of."""
    return {entry.slot.owner for entry in manifest.entries}


class File(StoredFile):
    """A file that was saved: a mapping from paths to values, and attributes for what it says of the network.

    Attributes:
        path, format, kind: of the file; ``kind`` is ``network``, ``population`` or ``projection``.
        origin: who wrote it: ``engram`` or ``ANNarchy``.
        step, seed, dt, time: of the network; ``dt`` and ``time`` in ms. None where a file of ANNarchy does not say.
        models: the texts of all objects' models, by the objects' paths; files of ANNarchy have none.
    """

    @cached_property
    def blueprint(self) -> Blueprint:
        """What the network is, as records; :mod:`engram.blueprint.compare` says what differs between two.

        Raises:
            UnsupportedFile: if ANNarchy wrote it.
            DamagedFile: if it contradicts itself, or the values, by their sizes.
        """
        with about_file(self.path):
            if not self.is_ours:
                raise UnsupportedFile(without_equations(self.origin))
            return blueprint_in(self.manifest)

    def _facts(self) -> Facts:
        if not self.is_ours:
            return super()._facts()
        from engram.persistence.facts import facts_of

        found = self.blueprint
        return facts_of(found, (entry.slot for entry in self.manifest.entries), self._beside)

    def _beside(self, monitor: MonitorRecord) -> Array | None:
        """Return the ranks of a view beside the blueprint; where they aren't those that it says, ``verify`` says so."""
        path = f"monitors/{monitor.name}/{names.PART}"
        return self[path][:] if path in self else None

    def value(self, number: int) -> StoredValue:
        """Return the value with that number in the manifest, of the size that the network says."""
        if self.is_ours:
            _ = self.blueprint  # compared with all sizes before there is memory for any
        return super().value(number)

    @property
    def dt(self) -> float | None:
        """The step of the network in ms."""
        return self.blueprint.settings.dt_ms if self.is_ours else None

    @property
    def time(self) -> float | None:
        """The time at which it was saved, in ms."""
        return None if self.dt is None or self.step is None else float(in_ms(self.step, self.dt))

    @cached_property
    def models(self) -> dict[str, str]:
        """The texts of all objects' models, by the objects' paths: blocks as ``eg.Neuron`` and ``eg.Synapse`` take."""
        if not self.is_ours:
            return {}
        said = self.blueprint
        texts = ["\n".join(_block(*block) for block in model.blocks) for model in said.models]
        sections = (("populations", said.populations), ("projections", said.projections))
        return {f"{section}/{one.name}": texts[one.model] for section, records in sections for one in records}

    def verify(self) -> tuple[str, ...]:
        """Read everything once; return a line for all that is damaged, none if the file is whole.

        Digests, ranks, row starts and the order of synapses, delays, periods, the clock, counts of spikes, what is in
        flight, neurons, times and samples of monitors; whether all values of the network are there, in its shapes; and
        whether models compute what their fingerprints say.
        """
        from engram.persistence.opening import definition_of  # which brings the program along

        faults = list(super().verify())
        if self.is_ours and not faults:
            from engram.persistence.completeness import faults_of_shapes
            from engram.persistence.viewed import faults_of_views

            faults += faults_of_views(self.blueprint, self.manifest.entries, lambda path: self[path][:])
            faults += self._wrong_in_flight()
            faults += faults_of_shapes(self.blueprint, self.manifest, lambda path: self[path][:])
        for record in self.blueprint.models if self.is_ours else ():
            try:
                definition_of(record)
            except DamagedFile as error:
                faults.append(str(error))
        return tuple(faults)

    def _wrong_in_flight(self) -> list[str]:
        """Return what can't be of spikes that were in flight when delays changed."""
        from engram.program import loaded_flights

        try:
            some = loaded_flights.brought((entry.slot for entry in self.manifest.entries), lambda slot: True)
            values = {path: self[path][:] for path in loaded_flights.lists_of(some)}
            loaded_flights.check_brought(some, values, self.manifest.step)
        except DamagedFile as error:
            return [str(error)]
        return []

    def _summary(self) -> str:
        if not self.is_ours:
            return super()._summary()
        return f"{super()._summary()}, dt {self.dt} ms, time {self.time} ms"


@checked
def read(file: str | os.PathLike[str]) -> File:
    """Return what a file holds, without a network: values by path, each verified when it is looked at::

        w = eg.read("run.npz")["projections/ee/w"][:]
        with eg.read("run.engram") as file:
            print(file, file.dt, file.models["populations/exc"])

    Args:
        file: that :meth:`Network.save`, :meth:`Population.save` or :meth:`Projection.save` wrote, in any format, or
            ANNarchy's. In the file of one object values are also found by the names that they have there: ``"w"``.

    Raises:
        MissingFile, ReadError, UnsupportedFile, DamagedFile: as for :meth:`Network.load`.
    """
    return File(checked_path(file))


def without_equations(origin: str) -> str:
    """Say what can't be done with a file that holds values alone."""
    advice = "build its network, compile it, and load the file into it: net.load(...); then net.save(...) has all."
    return f"it was written by {origin} and holds values, no equations\n  help: {advice}"


def _block(name: str, text: str) -> str:
    lines = text.strip().splitlines() or [""]
    return f"{name}: {lines[0]}" if len(lines) == 1 else "\n".join([f"{name}:", *(f"    {line}" for line in lines)])
