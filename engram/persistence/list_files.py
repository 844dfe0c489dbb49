"""Files of connectivity alone: an ``.npz`` of NumPy's with pre and post ranks, weights, delays in ms; ANNarchy's too.

In: a projection, or a path. Out: a file, or a list of synapses. Ranks are those within the sides of the projection, so
that views may take the place of others.
"""

from __future__ import annotations

import io
import os
import struct
import zipfile
from typing import Any

import numpy as np

from engram.errors import DamagedFile, UnsupportedFile
from engram.program.lifting import per_synapse
from engram.program.synapses import Synapses
from engram.state import names
from engram.storage.annarchy.archives import read_archive
from engram.storage.files import replacing
from engram.storage.load import about_file
from engram.storage.reading import AsFile, FileReader, opened
from engram.wiring import matrices

__all__ = ["read_connectivity", "write_connectivity"]

FORMAT = "engram connectivity 1"
PARTS = ("pre", "post", "w", "delay")


def write_connectivity(projection: Synapses, filename: str | os.PathLike[str]) -> None:
    """Write the synapses of a compiled projection.

    Raises:
        SaveError: if the file can't be written; what was there before stays.
    """
    wiring, sides = projection.connectivity, projection.ranks_of_sides()
    pre, post = wiring.pre_of_synapses(), wiring.post_of_synapses()
    if projection.is_partial:
        sizes = projection.pre.size, projection.post.size
        pre, post = (_within(ranks, part, n) for ranks, part, n in zip((pre, post), sides, sizes, strict=True))
    delays = wiring.delay_steps * np.float64(projection.program.dt)
    data = io.BytesIO()
    values: dict[str, Any] = {"pre": pre, "post": post, "w": per_synapse(projection, names.WEIGHT), "delay": delays}
    np.savez(data, format=np.array(FORMAT), sizes=np.array([len(side) for side in sides]), **values)
    with replacing(os.path.expanduser(filename)) as file:
        file.write(data.getbuffer())


def _within(ranks: Any, part: Any, size: int) -> Any:
    """Return ranks of a population as positions in a part of it."""
    positions = np.zeros(size, np.uint32)
    positions[part] = np.arange(len(part), dtype=np.uint32)
    return positions[ranks]


def read_connectivity(filename: str | os.PathLike[str], projection: Synapses) -> matrices.SynapseList:
    """Return the synapses of a file; whether they fit a projection is for others to ask.

    Args:
        filename: of a file that engram or ANNarchy wrote: of connectivity, or of a projection (ANNarchy's).
        projection: for which they are; files of ANNarchy may count delays in steps, and have ranks of populations.

    Raises:
        MissingFile, UnsupportedFile, DamagedFile: if there is no such file.
    """
    path = os.path.expanduser(filename)
    refusal = f"{os.fspath(path)!r} is no file of connectivity\n  help: give one that proj.save_connectivity() wrote."
    with opened(path) as file:
        if not _is_ours(file):
            return _theirs(path, projection, refusal)
        with about_file(os.fspath(path)):
            found = read_archive(file)  # bounded by what the file can hold, and no pickle is ever run
    parts = [found.get(name) for name in PARTS]
    if str(found["format"]) != FORMAT or not all(isinstance(part, np.ndarray) for part in parts):
        raise UnsupportedFile(refusal)
    return matrices.SynapseList(*parts)  # type: ignore[arg-type]  # arrays, all of them


def _is_ours(file: FileReader) -> bool:
    """Say whether a file is an archive that names its format, as ANNarchy's don't."""
    try:
        with zipfile.ZipFile(AsFile(file)) as archive:
            return "format.npy" in archive.namelist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OverflowError, struct.error):
        return False


def _theirs(path: str | os.PathLike[str], projection: Synapses, refusal: str) -> matrices.SynapseList:
    from engram.persistence.annarchy_synapses import delays_in_ms
    from engram.storage.annarchy.read import AnnarchyFile
    from engram.storage.load import source_of

    try:
        with source_of(path) as source:
            contents = source.contents
    except UnsupportedFile as error:
        raise UnsupportedFile(refusal) from error
    found = contents.content.projections.values() if isinstance(contents, AnnarchyFile) else ()
    if len(found) != 1 or contents.manifest.kind != "projection":
        raise UnsupportedFile(refusal)
    (one,) = found
    weights = one.values.get(names.WEIGHT)
    if weights is None or weights.shape not in ((), one.pre_ranks.shape):
        raise DamagedFile(f"{os.fspath(path)!r} has no weight for each synapse\n  help: save the projection again.")
    post = np.repeat(one.post_ranks, np.diff(one.row_start))
    pre, ends = one.pre_ranks, (projection.pre, projection.post)
    if projection.is_partial:
        pre, post = (
            _in_view(ranks, part, end.size)
            for ranks, part, end in zip((pre, post), projection.ranks_of_sides(), ends, strict=True)
        )
    return matrices.SynapseList(pre, post, weights, delays_in_ms(one, projection.program.dt))


def _in_view(ranks: Any, part: Any, size: int) -> Any:
    """Return ranks of a population as positions in a part of it; those of other neurons are beyond its end."""
    positions = np.full(size, len(part))
    positions[part] = np.arange(len(part))
    return np.where(ranks < size, positions[np.minimum(ranks, size - 1)], len(part))
