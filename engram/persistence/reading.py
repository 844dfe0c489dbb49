"""Files of networks read without a network: values, and what the blueprint says of them.

In: a path. Out: :class:`File`. Nothing is compiled, drawn or changed; a file from a stranger is safe to read.
"""

from __future__ import annotations

import os
from functools import cached_property
from typing import TYPE_CHECKING

from engram.blueprint.codec import from_json
from engram.callers import checked
from engram.program.units import in_ms
from engram.storage.load import about_file
from engram.storage.stored import StoredFile

if TYPE_CHECKING:
    from engram.blueprint.records import Blueprint

__all__ = ["File", "read"]


class File(StoredFile):
    """A file that engram wrote: a mapping from paths to values, and attributes for what it says of the network.

    Attributes:
        path, format, kind: of the file; ``kind`` is ``network``, ``population`` or ``projection``.
        step, seed, dt, time: of the network; ``dt`` and ``time`` in ms.
        models: the texts of all objects' models, by the objects' paths.
    """

    @cached_property
    def blueprint(self) -> Blueprint:
        """What the network is, as records; :mod:`engram.blueprint.compare` says what differs between two."""
        with about_file(self.path):
            return from_json(self.manifest.blueprint)

    @property
    def dt(self) -> float:
        """The step of the network in ms."""
        return self.blueprint.settings.dt_ms

    @property
    def time(self) -> float:
        """The time at which it was saved, in ms."""
        return float(in_ms(self.step, self.dt))

    @cached_property
    def models(self) -> dict[str, str]:
        """The texts of all objects' models, by the objects' paths: blocks as ``eg.Neuron`` and ``eg.Synapse`` take."""
        said = self.blueprint
        texts = ["\n".join(_block(*block) for block in model.blocks) for model in said.models]
        sections = (("populations", said.populations), ("projections", said.projections))
        return {f"{section}/{one.name}": texts[one.model] for section, records in sections for one in records}

    def _summary(self) -> str:
        return f"{super()._summary()}, dt {self.dt} ms, time {self.time} ms"


@checked
def read(file: str | os.PathLike[str]) -> File:
    """Return what a file holds, without a network: values by path, each verified when it is looked at::

        w = eg.read("run.npz")["projections/ee/w"][:]
        with eg.read("run.engram") as file:
            print(file, file.dt, file.models["populations/exc"])

    Args:
        file: that :meth:`Network.save`, :meth:`Population.save` or :meth:`Projection.save` wrote, in any format. In the
            file of one object values are also found by the names that they have there: ``"w"``.

    Raises:
        MissingFile, ReadError, UnsupportedFile, DamagedFile: as for :meth:`Network.load`.
    """
    from engram.persistence.files import checked_path  # which brings the program along

    return File(checked_path(file))


def _block(name: str, text: str) -> str:
    lines = text.strip().splitlines() or [""]
    return f"{name}: {lines[0]}" if len(lines) == 1 else "\n".join([f"{name}:", *(f"    {line}" for line in lines)])
