"""What stands in a file of ANNarchy: populations, projections and the clock, checked and with flat arrays.

In: the dictionaries of a file, whatever its format. Out: :class:`Content`. Synapses stand there as in the file: one
dendrite after the other (``post_ranks``, ``row_start``), each with its ``pre_ranks`` in their order.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

from engram.errors import UnsupportedFile
from engram.storage.annarchy.given import array_of, fail, number_of, ranks_of, text_of, texts_of
from engram.storage.document import checked_path, short
from engram.storage.wanted import parts_above

__all__ = ["AnnarchyPopulation", "AnnarchyProjection", "Content", "called", "content_of"]

Array = npt.NDArray[Any]
Named = TypeVar("Named", "AnnarchyPopulation", "AnnarchyProjection")

_OF_POPULATIONS = {"name", "geometry", "size", "attributes", "parameters", "variables"}
_OF_PROJECTIONS = {"name", "pre", "post", "target", "post_ranks", "pre_ranks", "delays", "attributes", "parameters",
                   "variables"}  # fmt: skip
_OF_CONNECTIVITY = {"name", "post_ranks", "pre_ranks", "w", "delay", "max_delay", "uniform_delay", "size",
                    "nb_synapses"}  # fmt: skip
_OF_NETWORKS = {"time_step", "net_id", "obj_names"}
_LEFT_BY_NUMPY = "allow_pickle"  # before 2.1, savez took its argument for a value


@dataclass(frozen=True)
class AnnarchyPopulation:
    """A population of a file.

    Args:
        geometry: of its neurons.
        values: by attribute: (), or of the geometry.
        parameters: which of them are no variables.
        there: names with a slash, by what they are here.
    """

    name: str
    geometry: tuple[int, ...]
    values: Mapping[str, Array]
    parameters: frozenset[str]
    there: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class AnnarchyProjection:
    """A projection of a file.

    Args:
        pre, post, targets: None in a file of connectivity alone.
        post_ranks: (n,) of the dendrites.
        row_start: (n + 1,) where each begins in arrays with one element per synapse.
        pre_ranks: (n_syn,).
        delays_ms: (), or (n_syn,); None where the file has ``delay_steps`` in its place.
        delay_steps: the same in steps.
        values: by attribute: (), (n,) with one element per dendrite, or (n_syn,).
        parameters: which of them are no variables.
        there: names with a slash, its own and those of its ends, by what they are here.
    """

    name: str
    pre: str | None
    post: str | None
    targets: tuple[str, ...] | None
    post_ranks: Array
    row_start: Array
    pre_ranks: Array
    delays_ms: Array | None
    delay_steps: Array | None
    values: Mapping[str, Array]
    parameters: frozenset[str]
    there: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Content:
    """A file. ``step`` is None in the file of one object, ``kind`` that of the format: ``network`` ..."""

    kind: str
    step: int | None
    populations: Mapping[str, AnnarchyPopulation]
    projections: Mapping[str, AnnarchyProjection]

    @property
    def paths(self) -> dict[str, AnnarchyPopulation | AnnarchyProjection]:
        """All objects by path, as in a network."""
        populations = {f"populations/{name}": one for name, one in self.populations.items()}
        return {**populations, **{f"projections/{name}": one for name, one in self.projections.items()}}

    @cached_property
    def _with_slash(self) -> dict[str, str]:
        """The paths of objects whose names have a slash in the file, by what they would be with it."""
        named = ((path.partition("/")[0], one.there.get(one.name), path) for path, one in self.paths.items())
        return {f"{section}/{there}": path for section, there, path in named if there is not None}

    def path_of(self, given: str) -> str:
        """Return a path as it is here, of one that may have a name as it is in the file."""
        for part in parts_above(given) if self._with_slash else ():
            if part in self._with_slash:
                return self._with_slash[part] + given[len(part) :]
        return given

    def renamed(self, path_of: Callable[[str], str]) -> Content:
        """Return the same with other names, by the paths of objects."""

        def name(section: str, old: str) -> str:
            return path_of(f"{section}/{old}").partition("/")[2]

        def side(old: str | None) -> str | None:
            return None if old is None else name("populations", old)

        populations = [replace(one, name=name("populations", one.name)) for one in self.populations.values()]
        projections = [
            replace(one, name=name("projections", one.name), pre=side(one.pre), post=side(one.post))
            for one in self.projections.values()
        ]
        by_name = {one.name: one for one in populations}, {one.name: one for one in projections}
        return replace(self, populations=by_name[0], projections=by_name[1])


def content_of(root: object) -> Content:
    """Return what the dictionary of a file describes.

    Raises:
        UnsupportedFile: if it is none of ANNarchy's.
        DamagedFile: if values contradict each other.
    """
    if type(root) is dict and root.keys() >= {"attributes", "geometry", "size"}:
        population = _population("", root)
        return Content("population", None, {population.name: population}, {})
    if type(root) is dict and root.keys() >= {"post_ranks", "pre_ranks"}:
        projection = _projection("", root) if "attributes" in root else _connectivity(root)
        return Content("projection", None, {}, {projection.name: projection})
    if type(root) is dict and "time_step" in root:
        return _network(root)
    if type(root) is dict and root.keys() >= {"format", "sizes"}:
        advice = "proj.from_file(...) connects a projection as it says."
        raise UnsupportedFile(f"it holds the connectivity of a projection alone\n  help: {advice}")
    raise UnsupportedFile(
        "neither engram nor ANNarchy saved it\n"
        "  help: engram loads what its own save, or ANNarchy's, wrote; arrays can be assigned: pop.v = array."
    )


def _network(root: dict[str, Any]) -> Content:
    step = number_of("time_step", root["time_step"])
    if step.dtype.kind not in "iu" or step < 0:
        fail("time_step", f"expected a number of steps, got {short(root['time_step'])}")
    populations: dict[str, AnnarchyPopulation] = {}
    projections: dict[str, AnnarchyProjection] = {}
    for name, one in root.items():
        if name in _OF_NETWORKS or name == _LEFT_BY_NUMPY:
            continue
        if type(one) is dict and one.keys() >= {"attributes", "geometry", "size"}:
            _add(populations, _population(name, one))
        elif type(one) is dict and one.keys() >= {"attributes", "post_ranks", "pre_ranks"}:
            _add(projections, _projection(name, one))
        else:
            fail(name, "neither a population nor a projection")
    return Content("network", int(step), populations, projections)


def _add(objects: dict[str, Named], one: Named) -> None:
    if one.name in objects:
        fail(one.name, "two objects have that name, in which engram writes a slash as %2F")
    objects[one.name] = one


# -- objects -----------------------------------------------------------------------------------------------


def _population(key: str, root: dict[str, Any]) -> AnnarchyPopulation:
    there, name = _name(key, root)
    place = f"populations/{name}"
    geometry = tuple(int(n) for n in ranks_of(f"{place}: geometry", root["geometry"]))
    size = number_of(f"{place}: size", root["size"])
    if size.dtype.kind not in "iu" or size != math.prod(geometry):
        fail(place, f"size {short(root['size'])}, and geometry {geometry}")
    values = {}
    for attribute, given in _attributes(place, root, _OF_POPULATIONS).items():
        array = array_of(f"{place}/{attribute}", given)
        is_flat = array.size == size and array.shape != geometry and max(array.shape, default=0) == size
        values[attribute] = array.reshape(geometry) if is_flat and array.ndim else array
    return AnnarchyPopulation(name, geometry, values, _parameters(place, root), _slashed(there))


def _projection(key: str, root: dict[str, Any]) -> AnnarchyProjection:
    there, name = _name(key, root)
    place = f"projections/{name}"
    ends = [text_of(f"{place}: {side}", root.get(side)) for side in ("pre", "post")]
    pre, post = map(called, ends)
    targets = tuple(texts_of(f"{place}: target", root.get("target")))
    rows = _rows(place, root)
    delays = _of_synapses(f"{place}: delays", root.get("delays"), rows)
    attributes = _attributes(place, root, _OF_PROJECTIONS)
    values = {one: _of_synapses(f"{place}/{one}", given, rows) for one, given in attributes.items()}
    parameters, slashed = _parameters(place, root), _slashed(there, *ends)
    return AnnarchyProjection(name, pre, post, targets, *rows, delays, None, values, parameters, slashed)


def _connectivity(root: dict[str, Any]) -> AnnarchyProjection:
    """What ``save_connectivity`` wrote; 4.8 counts delays of single synapses in steps, 5.0 gives them in ms."""
    _, name = _name("", root)
    place = f"projections/{name}"
    _refuse_others(place, root, _OF_CONNECTIVITY)
    rows = _rows(place, root)
    uniform = number_of(f"{place}: uniform_delay", root.get("uniform_delay"))
    if uniform.dtype.kind not in "iu":
        fail(place, f"uniform_delay {short(root.get('uniform_delay'))} is no number of steps")
    delays_ms, steps = None, None
    if uniform >= 0:
        steps = np.maximum(uniform, 1)
    elif (delays := _of_synapses(f"{place}: delay", root.get("delay"), rows)).dtype.kind in "iu":
        steps = delays
    else:
        delays_ms = delays
    weights = _of_synapses(f"{place}/w", root.get("w"), rows)
    return AnnarchyProjection(name, None, None, None, *rows, delays_ms, steps, {"w": weights}, frozenset({"w"}))


def _rows(place: str, root: dict[str, Any]) -> tuple[Array, Array, Array]:
    post = ranks_of(f"{place}: post_ranks", root["post_ranks"])
    if len(np.unique(post)) != len(post):
        fail(place, "a rank stands twice among its post_ranks")
    flat, lengths = _flat(f"{place}: pre_ranks", root["pre_ranks"], len(post))
    if lengths is None or len(lengths) != len(post):
        fail(place, f"{len(post)} post_ranks, and another number of rows of pre_ranks")
    row_start = np.zeros(len(post) + 1, np.int64)
    np.cumsum(lengths, out=row_start[1:])
    return post, row_start, ranks_of(f"{place}: pre_ranks", flat)


def _of_synapses(place: str, given: object, rows: tuple[Array, Array, Array]) -> Array:
    """Return one number, one per dendrite or one per synapse; which it is, its length says."""
    post, row_start, pre = rows
    if isinstance(given, bool | int | float) or (isinstance(given, np.ndarray) and given.ndim == 0):
        return array_of(place, given)
    flat, lengths = _flat(place, given, len(post))
    if flat.size not in (len(post), len(pre)) or (flat.size == len(pre) and _differ(lengths, row_start)):
        fail(place, f"{flat.size} values, where there are {len(pre)} synapses of {len(post)} neurons")
    return flat


def _differ(lengths: Array | None, row_start: Array) -> bool:
    return lengths is not None and lengths.tolist() != np.diff(row_start).tolist()


def _flat(place: str, given: object, n_rows: int) -> tuple[Array, Array | None]:
    """Return all elements, and how many each row has; None where there are no rows of more than one number."""
    if isinstance(given, np.ndarray) and given.ndim == 2 and given.dtype.kind in "biuf":
        return given.reshape(-1), np.full(len(given), given.shape[1])
    if type(given) is list and any(type(row) is list or isinstance(row, np.ndarray) for row in given):
        rows = [array_of(place, row).reshape(-1) for row in given]
        return np.concatenate(rows), np.array([*map(len, rows)], np.int64)
    flat = array_of(place, given)
    if flat.ndim > 1:
        fail(place, f"an array of shape {flat.shape}")
    if n_rows == 1:  # of one dendrite MATLAB keeps one row
        return flat.reshape(-1), np.array([flat.size])
    return flat.reshape(-1), np.ones(n_rows, np.int64) if flat.size == n_rows else None


# -- values ------------------------------------------------------------------------------------------------


def _attributes(place: str, root: dict[str, Any], expected: set[str]) -> dict[str, Any]:
    """Return the values of attributes; those of 'w' are listed twice where it is parameter and variable."""
    names = [*dict.fromkeys(texts_of(f"{place}: attributes", root["attributes"]))]
    missing = [name for name in names if name not in root]
    if missing:
        fail(place, f"lists {missing[0]!r} among its attributes, and has no values of it")
    others = [name for name in root if name not in expected and name not in names and name != _LEFT_BY_NUMPY]
    for name in (*names, *others):
        if "/" in checked_path(name, place):
            fail(place, f"{name!r} can be no name of an attribute")
    return {name: root[name] for name in (*names, *others)}


def called(name: str) -> str:
    """Return what an object of a file is called here: paths have a slash between names, and no name has one."""
    return name.replace("/", "%2F")


def _slashed(*names: str) -> dict[str, str]:
    """Return those names of a file that have a slash, by what they are here."""
    return {called(name): name for name in names if "/" in name}


def _parameters(place: str, root: dict[str, Any]) -> frozenset[str]:
    said, variables = (texts_of(f"{place}: {part}", root.get(part, [])) for part in ("parameters", "variables"))
    return frozenset(said) - frozenset(variables)


def _refuse_others(place: str, root: dict[str, Any], known: set[str]) -> None:
    other = next((name for name in root if name not in known and name != _LEFT_BY_NUMPY), None)
    if other is not None:
        fail(place, f"{other!r} is nothing that a file of connectivity has")


def _name(key: str, root: dict[str, Any]) -> tuple[str, str]:
    """Return the name of an object in the file, and here."""
    name = text_of("name", root.get("name", key))
    if key and name != key:
        fail(key, f"it calls itself {name!r}")
    return name, checked_path(called(name), "name")
