"""Writes files as ANNarchy does: a dictionary of dictionaries, as a pickle, a deflated one, or an archive of NumPy's.

In: :class:`~engram.storage.annarchy.content.Content`. Out: a file, the same bytes for the same content. A row of
synapses is a list of boxed numbers there, as ANNarchy's readers want it.
"""

from __future__ import annotations

import io
import os
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import IO, Any

import numpy as np
import numpy.typing as npt

from engram.errors import SaveError
from engram.storage.annarchy.content import AnnarchyPopulation, AnnarchyProjection, Content
from engram.storage.annarchy.emit import Boxed, Ragged, pickled
from engram.storage.contract import PIECE_BYTES, Appender, Writer
from engram.storage.files import replacing
from engram.storage.gzip_stream import GzipWriter

__all__ = ["SUFFIXES_FOR_THEM", "write_annarchy"]

Array = npt.NDArray[Any]

SUFFIXES_FOR_THEM = (".npz", ".gz", ".txt")
_REFUSED = {
    ".mat": "which ANNarchy can't load itself",
    ".engram": "engram's own",
    ".h5": "which ANNarchy does not know",
    ".hdf5": "which ANNarchy does not know",
}


def write_annarchy(path: str | os.PathLike[str], content: Content) -> tuple[str, int]:
    """Write a file of the format that its suffix asks for, as ANNarchy understands suffixes; return that, and its size.

    Raises:
        SaveError: if it can't be written; what was there before stays.
    """
    shown = os.fspath(path)
    suffix = os.path.splitext(shown)[1]
    if suffix.lower() in _REFUSED:
        raise SaveError(
            f"'{shown}': a file for ANNarchy can't be {suffix}, {_REFUSED[suffix.lower()]}\n"
            f"  help: give it one of the suffixes {', '.join(SUFFIXES_FOR_THEM)}."
        )
    name, write = _FORMATS.get(suffix, ("pickle", _write_pickle))
    root = _root(content)
    with replacing(path) as out:
        write(out, root)
        out.flush()
        return name, out.tell()


# -- formats -----------------------------------------------------------------------------------------------


def _write_pickle(out: Appender, root: Any) -> None:
    held = bytearray()  # gathers opcodes, so that small writes are few
    for piece in pickled(root):
        held += piece
        if len(held) > PIECE_BYTES:
            out.write(bytes(held))
            held.clear()
    out.write(bytes(held))


def _write_gzip(out: Writer, root: dict[str, Any]) -> None:
    with GzipWriter(out) as deflated:
        _write_pickle(deflated, root)


def _write_archive(out: Writer, root: dict[str, Any]) -> None:
    """Write what ``numpy.savez_compressed`` would; that takes no key called ``file``."""
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, value in root.items():
            info = zipfile.ZipInfo(f"{name}.npy")  # of 1980: the same values, the same bytes
            info.compress_type = zipfile.ZIP_DEFLATED
            with archive.open(info, "w", force_zip64=True) as member:
                _write_npy(member, value)
    out.write(held.getbuffer())


def _write_npy(out: IO[bytes], value: Any) -> None:
    """Write an array: of numbers or texts as they are, of objects as a pickle."""
    if isinstance(value, Ragged) and value.width is not None:
        value = value.array.reshape(-1, value.width)
    elif isinstance(value, Ragged):
        value = replace(value, is_array=True)
    elif isinstance(value, dict):
        value = Boxed(value)
    if not isinstance(value, Ragged | Boxed):
        np.lib.format.write_array(out, np.asarray(value), allow_pickle=False)
        return
    shape = (len(value.row_start) - 1,) if isinstance(value, Ragged) else ()
    facts = {"descr": "|O", "fortran_order": False, "shape": shape}
    np.lib.format.write_array_header_1_0(out, facts)
    _write_pickle(out, value)


_FORMATS: dict[str, tuple[str, Callable[[Writer, dict[str, Any]], None]]] = {
    ".npz": ("npz", _write_archive),
    ".gz": ("gz", _write_gzip),
}


# -- dictionaries ------------------------------------------------------------------------------------------


def _root(content: Content) -> dict[str, Any]:
    if content.kind == "population":
        (population,) = content.populations.values()
        return _of_population(population)
    if content.kind == "projection":
        (projection,) = content.projections.values()
        return _of_projection(projection)
    root: dict[str, Any] = {"time_step": content.step, "net_id": 0}
    objects: Mapping[str, Any] = {
        **{f"populations/{name}": _of_population(one) for name, one in content.populations.items()},
        **{f"projections/{name}": _of_projection(one) for name, one in content.projections.items()},
    }
    for path, one in objects.items():
        name = one["name"]
        if name in root or name == "obj_names":
            raise SaveError(
                f"{path}: ANNarchy keeps everything under names in one dictionary, which has {name!r} already\n"
                "  help: give one of them another name."
            )
        root[name] = one
    root["obj_names"] = {section: [objects[path]["name"] for path in objects if path.startswith(f"{section}/")]
                         for section in ("populations", "projections")}  # fmt: skip
    return root


def _of_population(one: AnnarchyPopulation) -> dict[str, Any]:
    size = int(np.prod(one.geometry, dtype=np.int64))
    facts = {"name": one.there.get(one.name, one.name), "geometry": one.geometry, "size": size, **_names(one)}
    values = {name: array.item() if not array.ndim else _widened(array) for name, array in one.values.items()}
    return _joined(f"populations/{one.name}", facts, values)


def _of_projection(one: AnnarchyProjection) -> dict[str, Any]:
    assert one.targets is not None  # files of connectivity are not written
    assert one.delays_ms is not None
    facts = {
        "name": one.there.get(one.name, one.name),
        "pre": one.there.get(one.pre or "", one.pre),
        "post": one.there.get(one.post or "", one.post),
        "target": one.targets[0] if len(one.targets) == 1 else [*one.targets],
        "post_ranks": one.post_ranks.tolist(),
        **_names(one),
        "delays": _of_synapses(one, one.delays_ms, False),
        "pre_ranks": _ranks(one),
    }
    values = {name: _of_synapses(one, array, True) for name, array in one.values.items()}
    return _joined(f"projections/{one.name}", facts, values)


def _names(one: AnnarchyPopulation | AnnarchyProjection) -> dict[str, list[str]]:
    parameters = [name for name in one.values if name in one.parameters]
    variables = [name for name in one.values if name not in one.parameters]
    return {"attributes": [*parameters, *variables], "parameters": parameters, "variables": variables}


def _joined(path: str, facts: dict[str, Any], values: dict[str, Any]) -> dict[str, Any]:
    taken = facts.keys() & values.keys()
    if taken:
        name = min(taken)
        raise SaveError(
            f"{path}/{name}: in files of ANNarchy {name!r} is something else\n  help: rename the attribute."
        )
    return facts | values


def _of_synapses(one: AnnarchyProjection, array: Array, is_array: bool) -> Any:
    """Return a number, a list of one per dendrite, or lists of one per synapse."""
    if not array.ndim:
        return array.item()
    flat = _widened(array)
    if array.shape != one.pre_ranks.shape:
        return flat.tolist()
    rows = Ragged(flat, one.row_start, False)
    return replace(rows, is_array=is_array and rows.width is None)


def _ranks(one: AnnarchyProjection) -> Array | Ragged:
    rows = Ragged(one.pre_ranks, one.row_start, True)
    return rows if rows.width is None else one.pre_ranks.reshape(-1, rows.width)


def _widened(array: Array) -> Array:
    """Return floats as float64, which ANNarchy writes for networks of any precision."""
    return array.astype(np.float64) if array.dtype.kind == "f" else array
