"""Writes files as ANNarchy does: a dictionary of dictionaries, as a pickle, a deflated one, or an archive of NumPy's.

In: :class:`~engram.storage.annarchy.content.Content`. Out: a file, the same bytes for the same content. A row of
synapses is a list of boxed numbers there, as ANNarchy's readers want it: ten times the memory of the arrays.
"""

from __future__ import annotations

import io
import os
import pickle
import zipfile
from collections.abc import Callable, Mapping
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from engram.errors import SaveError
from engram.storage.annarchy.content import Content, TheirPopulation, TheirProjection
from engram.storage.contract import Writer
from engram.storage.files import replacing
from engram.storage.gzip_stream import GzipWriter

__all__ = ["write_theirs"]

Array = npt.NDArray[Any]

_PROTOCOL = 4  # which every Python knows that ANNarchy runs on
_REFUSED = {
    ".mat": "which ANNarchy can't load itself",
    ".engram": "engram's own",
    ".h5": "which ANNarchy does not know",
}


def write_theirs(path: str | os.PathLike[str], content: Content) -> tuple[str, int]:
    """Write a file of the format that its suffix asks for, as ANNarchy understands suffixes; return that, and its size.

    Raises:
        SaveError: if it can't be written; what was there before stays.
    """
    shown = os.fspath(path)
    suffix = os.path.splitext(shown)[1]
    if suffix.lower() in _REFUSED:
        raise SaveError(
            f"'{shown}': a file for ANNarchy can't be {suffix}, {_REFUSED[suffix.lower()]}\n"
            "  help: give it the suffix .npz, .gz or .txt."
        )
    name, write = _FORMATS.get(suffix, ("pickle", _write_pickle))
    root = _root(content)
    with replacing(path) as out:
        write(out, root)
        out.flush()
        return name, out.tell()


# -- formats -----------------------------------------------------------------------------------------------


def _write_pickle(out: Writer, root: dict[str, Any]) -> None:
    pickle.dump(root, out, protocol=_PROTOCOL)  # type: ignore[arg-type]  # it has the method that is needed


def _write_gzip(out: Writer, root: dict[str, Any]) -> None:
    with GzipWriter(out) as deflated:
        pickle.dump(root, deflated, protocol=_PROTOCOL)  # type: ignore[arg-type]  # as above


def _write_archive(out: Writer, root: dict[str, Any]) -> None:
    """Write what ``numpy.savez_compressed`` would; that takes no key called ``file``."""
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, value in root.items():
            with archive.open(zipfile.ZipInfo(f"{name}.npy"), "w", force_zip64=True) as member:
                array = np.empty((), object) if isinstance(value, dict) else _as_array(value)
                if isinstance(value, dict):
                    array[()] = value
                np.lib.format.write_array(member, array, allow_pickle=True)
    out.write(held.getbuffer())


def _as_array(value: Any) -> Array:
    return np.asarray(_ragged(value))


def _ragged(value: Any) -> Any:
    """Return rows of different lengths as an array of lists, others as they are."""
    is_ragged = type(value) is list and value and type(value[0]) is list and len({*map(len, value)}) > 1
    return _objects(value) if is_ragged else value


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
    root["obj_names"] = {"populations": [*content.populations], "projections": [*content.projections]}
    return root


def _of_population(one: TheirPopulation) -> dict[str, Any]:
    size = int(np.prod(one.geometry, dtype=np.int64))
    facts = {"name": one.name, "geometry": one.geometry, "size": size, **_names(one)}
    values = {name: array.item() if not array.ndim else _widened(array) for name, array in one.values.items()}
    return _joined(f"populations/{one.name}", facts, values)


def _of_projection(one: TheirProjection) -> dict[str, Any]:
    assert one.targets is not None  # files of connectivity are not written
    assert one.delays_ms is not None
    facts = {
        "name": one.name,
        "pre": one.pre,
        "post": one.post,
        "target": one.targets[0] if len(one.targets) == 1 else [*one.targets],
        "post_ranks": one.post_ranks.tolist(),
        **_names(one),
        "delays": _of_synapses(one, one.delays_ms),
        "pre_ranks": _ranks(one),
    }
    values = {name: _ragged(_of_synapses(one, array)) for name, array in one.values.items()}
    return _joined(f"projections/{one.name}", facts, values)


def _names(one: TheirPopulation | TheirProjection) -> dict[str, list[str]]:
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


def _of_synapses(one: TheirProjection, array: Array) -> Any:
    """Return a number, a list of one per dendrite, or lists of one per synapse."""
    if not array.ndim:
        return array.item()
    flat = _widened(array).tolist()
    return _lists(flat, one.row_start) if array.shape == one.pre_ranks.shape else flat


def _ranks(one: TheirProjection) -> Array:
    lengths = np.diff(one.row_start)
    if len(lengths) and (lengths == lengths[0]).all():
        return one.pre_ranks.reshape(len(lengths), -1)
    return _objects(_lists(one.pre_ranks.tolist(), one.row_start))


def _lists(flat: list[Any], row_start: Array) -> list[list[Any]]:
    return [flat[start:end] for start, end in pairwise(row_start.tolist())]


def _objects(rows: list[Any]) -> Array:
    array = np.empty(len(rows), object)
    for place, row in enumerate(rows):  # NumPy would take rows of one length for a matrix
        array[place] = row
    return array


def _widened(array: Array) -> Array:
    """Return floats as float64, which ANNarchy writes for networks of any precision."""
    return array.astype(np.float64) if array.dtype.kind == "f" else array
