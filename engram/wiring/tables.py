"""Tables of connections as lists of synapses: columns of whatever holds some, and ids that are no ranks.

In: a pandas or pyarrow table, a structured array, a dictionary or a tuple of arrays, or a file. Out:
:class:`SynapseList`. What a table is made of is not imported: tables are known by what they have.
"""

from __future__ import annotations

import csv
import gzip
import os
import re
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import chain
from typing import IO, Any

import numpy as np
import numpy.typing as npt

from engram.callers import warn
from engram.elsewhere.near import SLIP, nearest
from engram.telling import told
from engram.wiring.listed import SOME, Origin
from engram.wiring.matrices import SynapseList, number_of

__all__ = ["Columns", "of_table"]

Array = npt.NDArray[Any]

WEIGHTS, DELAYS = ("w", "weight", "weights"), ("delay", "delays")
NAMED = "the first line must name the columns."
TABLES = "a table with named columns, two to four arrays, a matrix of scipy.sparse, or a .csv, .parquet or .mtx file"
FIBONACCI = np.uint64(0x9E3779B97F4A7C15)
HASHED_FROM = 1 << 12  # ids to look up; for fewer searching is quick
BLOCK = 1 << 14
EXACT = 1 << 53  # whole numbers below it are different floats


@dataclass(frozen=True)
class Columns:
    """Which columns of a table say what.

    Args:
        pre, post: names of columns.
        weights, delays: names of columns, or numbers; None: ``w`` (or ``weight``) and ``delay`` if there are such.
        pre_ids, post_ids: the ids of the neurons in the order of their ranks; None: the columns have ranks.
        attributes: names of what else synapses of the model have, which no table gives them.
    """

    pre: str
    post: str
    weights: Any
    delays: Any
    pre_ids: Any
    post_ids: Any
    attributes: frozenset[str] = frozenset()


def of_table(table: Any, columns: Columns, origin: Origin) -> SynapseList:
    """Return the synapses of a table."""
    if isinstance(table, str | os.PathLike):
        table = _read(os.path.expanduser(os.fspath(table)), columns, origin)
    get, known = _getter(table, columns, origin)
    pre, post = (_ids(side, _column(get, known, getattr(columns, side), origin), columns, origin)
                 for side in ("pre", "post"))  # fmt: skip
    read = _read_of(known, columns)
    _refuse_near(known, columns, read, origin)
    _tell_unread(get, [name for name in known if name not in read], columns, read, origin)
    weights = _values(get, known, columns.weights, "weights", WEIGHTS, 1.0, origin)
    delays = _values(get, known, columns.delays, "delays", DELAYS, 0.0, origin)
    return SynapseList(pre, post, weights, delays)


def _read(path: str, columns: Columns, origin: Origin) -> Any:
    """Read a file with named columns."""
    is_zipped = path.lower().endswith(".gz")
    suffix = os.path.splitext(path[: -len(".gz")] if is_zipped else path)[1].lower()
    try:
        if suffix in (".csv", ".tsv"):
            return _text(path, "," if suffix == ".csv" else "\t", (columns.pre, columns.post))
        if suffix == ".parquet" and not is_zipped:
            from pyarrow import parquet  # the user's choice

            return parquet.read_table(path)
    except ImportError:
        raise origin.wrong(
            "a .parquet file is read with pyarrow, which is not installed", "pip install pyarrow."
        ) from None
    except FileNotFoundError:
        raise origin.no_file(path) from None
    except UnicodeDecodeError as error:
        raise origin.wrong(f"{path!r} is no text in UTF-8", f"give a text file: {NAMED}") from error
    except (OSError, EOFError, ValueError, zlib.error) as error:
        wrong = re.search(r"requires (\d+) columns but (\d+) were found at row (\d+)", str(error))
        what = f"row {wrong[3]} has {wrong[2]} values, the first one {wrong[1]}" if wrong else str(error)
        raise origin.wrong(f"{path!r} can't be read: {what}", NAMED) from error
    raise origin.wrong(f"{path!r} is of no kind that is known", "give a .csv, .tsv, .csv.gz, .parquet or .mtx file.")


def _text(path: str, delimiter: str, whole: tuple[str, str]) -> Array:
    """Read a file of text: columns of floats, integers in ``whole`` ones, texts where the first value is neither."""
    with _opened(path) as file:
        lines = csv.reader(file, delimiter=delimiter)
        named = [name.strip() for name in next(lines, [])]
        first = next(lines, [])
        if len(first) != len(named) or not first:
            raise ValueError(f"its first line has {len(named)} names of columns, the next one {len(first)} values")
        dtype = [(name, _kind(text, name in whole)) for name, text in zip(named, first, strict=True)]
        file.seek(0)
        return np.loadtxt(file, dtype, delimiter=delimiter, skiprows=1, ndmin=1, quotechar='"')


def _opened(path: str) -> IO[str]:
    """Open a file of text that may be compressed by gzip."""
    if path.lower().endswith(".gz"):
        return gzip.open(path, "rt", newline="", encoding="utf-8-sig")
    return open(path, newline="", encoding="utf-8-sig")


def _kind(text: str, is_whole: bool) -> str:
    try:
        float(text)
    except ValueError:
        return "U64"
    return "i8" if is_whole and text.strip().lstrip("+-").isdecimal() else "f8"


def _getter(table: Any, columns: Columns, origin: Origin) -> tuple[Callable[[str], Any], tuple[str, ...]]:
    """Return what gives the columns of a table by name, and their names."""
    if isinstance(table, np.ndarray) and table.dtype.names:
        table = np.atleast_1d(table)
        return table.__getitem__, tuple(table.dtype.names or ())
    if isinstance(table, tuple | list) and 2 <= len(table) <= 4:
        table = dict(zip((columns.pre, columns.post, WEIGHTS[0], DELAYS[0]), table, strict=False))
    named: Any = getattr(table, "column_names", None) or getattr(table, "columns", None)
    if isinstance(table, Mapping):
        named = table
    if named is None:
        raise origin.wrong(f"the connections must be {TABLES}, not {told(table)}", "e.g. (pre, post, w).")
    return table.__getitem__, tuple(map(str, named))


def _read_of(known: tuple[str, ...], columns: Columns) -> set[str]:
    """Return the names of the columns that are read."""
    free = [usual for given, usual in ((columns.weights, WEIGHTS), (columns.delays, DELAYS)) if given is None]
    read = {columns.pre, columns.post, *(next((name for name in usual if name in known), "") for usual in free)}
    return read | {given for given in (columns.weights, columns.delays) if isinstance(given, str)}


def _tell_unread(
    get: Callable[[str], Any], unread: list[str], columns: Columns, read: set[str], origin: Origin
) -> None:
    """Warn of columns that nobody reads: attributes of the synapse, and numbers where all weights are 1.0."""
    lost = [name for name in unread if name in columns.attributes]
    if lost:
        which = f"the column{'s' * (len(lost) > 1)} {', '.join(map(repr, lost))}"
        sparse = f"csr_matrix((table[{lost[0]!r}], (table[{columns.post!r}], table[{columns.pre!r}])), shape)"
        advice = f"after compile(): proj.{lost[0]} = scipy.sparse.{sparse}, with the ranks of both sides."
        warn(
            f"{origin.call} of {origin.where}: {which} of the table is not read, but is an attribute\n  help: {advice}"
        )
    if columns.weights is None and read.isdisjoint(WEIGHTS):
        numbers = [name for name in unread if name not in columns.attributes and _is_of_numbers(get(name))]
        if numbers:
            some = ", ".join(map(repr, numbers[:SOME])) + ", ..." * (len(numbers) > SOME)
            what = f"no column is called {' or '.join(map(repr, WEIGHTS))}: all weights are 1.0; there is {some}"
            advice = f"weights={numbers[0]!r} reads one, weights=1.0 says that 1.0 is meant."
            warn(f"{origin.call} of {origin.where}: {what}\n  help: {advice}")


def _is_of_numbers(column: Any) -> bool:
    """Whether a column holds numbers that could be weights; one element is looked at."""
    first = column[:1]
    return bool(np.asarray(first.to_numpy() if hasattr(first, "to_numpy") else first).dtype.kind in "iuf")


def _refuse_near(known: tuple[str, ...], columns: Columns, read: set[str], origin: Origin) -> None:
    """Refuse a column that nobody reads whose name is nearly that of one that would be read.

    Tables of connectomes have many columns beside those of synapses.
    """
    sides = (columns.pre, columns.post)
    free = [usual for given, usual in ((columns.weights, WEIGHTS), (columns.delays, DELAYS)) if given is None]
    for name in known:
        if name in read or name in columns.attributes:
            continue
        meant = next((one for one in (*sides, *chain(*free)) if one.lower() == name.strip().lower()), None)
        meant = meant or nearest(name, [*chain(*free)], SLIP)
        if meant is not None:
            roles = {**dict.fromkeys(WEIGHTS, "weights"), **dict.fromkeys(DELAYS, "delays"), columns.post: "post"}
            role = roles.get(meant, "pre")
            advice = f"call it {meant!r}, or say that it is meant: {role}={name!r}."
            raise origin.wrong(f"nothing reads the column {name!r}, which is nearly {meant!r}", advice)


def _column(get: Callable[[str], Any], known: tuple[str, ...], name: str, origin: Origin) -> Array:
    if name not in known:
        raise origin.wrong(
            f"there is no column {name!r}, only {', '.join(known[:20])}", "name it: pre=, post=, weights=."
        )
    column = get(name)
    array: Array = column.to_numpy() if hasattr(column, "to_numpy") else np.asarray(column)
    if array.ndim != 1:
        raise origin.wrong(
            f"column {name!r} has shape {array.shape}, expected one value for each synapse", "(n,) arrays."
        )
    return array


def _values(
    get: Callable[[str], Any],
    known: tuple[str, ...],
    given: Any,
    name: str,
    usual: tuple[str, ...],
    default: float,
    origin: Origin,
) -> Array:
    """Return weights or delays: those asked for, or those of the column that is usually called so."""
    if given is None:
        found = next((column for column in usual if column in known), None)
        return np.asarray(default) if found is None else _column(get, known, found, origin)
    if isinstance(given, str):
        return _column(get, known, given, origin)
    number = number_of(given, name, origin)
    return np.asarray(given) if number is None else number


# -- ids ---------------------------------------------------------------------------------------------------


def _ids(side: str, column: Array, columns: Columns, origin: Origin) -> Array:
    """Return the ranks of the neurons that a column has, by rank or by id."""
    ids = getattr(columns, f"{side}_ids")
    if ids is None:
        return _as_ids(column) if column.dtype.kind == "f" else column
    column, known = _as_ids(column), _as_ids(np.asarray(ids))
    if known.ndim != 1 or known.dtype.kind not in "iuUSO":
        raise origin.wrong(
            f"{side}_ids must be whole numbers or texts in one row, not {known.dtype}", "one for each neuron."
        )
    if column.dtype.kind == "f" and known.dtype.kind in "iu" and len(known) and np.abs(known).max() >= EXACT:
        problem = f"the {side} ids are floats, which can't tell whole numbers from {EXACT} on apart"
        raise origin.wrong(problem, "read them as whole numbers; pandas makes floats of a column with gaps.")
    kinds = [_kind_of_ids(array) for array in (column, known)]
    if all(kinds) and kinds[0] != kinds[1]:
        problem = f"column {getattr(columns, side)!r} has {kinds[0]}, and {side}_ids {kinds[1]}"
        raise origin.wrong(problem, f"{side}_ids has the ids as the table writes them, such as {told(column[0])}.")
    order = np.argsort(known, kind="stable")
    ordered = known[order]
    again = np.flatnonzero(ordered[1:] == ordered[:-1])
    if len(again):
        raise origin.wrong(f"{side}_ids has {ordered[again[0]]} twice", "each neuron has an id of its own.")
    try:
        ranks = _looked_up(column, known, order, ordered)
    except TypeError:  # objects of several kinds have no order
        problem = (
            f"column {getattr(columns, side)!r} and {side}_ids can't be compared, as one has gaps or several kinds"
        )
        raise origin.wrong(
            problem, "give whole numbers alone, or texts alone, and leave out rows without an id."
        ) from None
    unknown = np.flatnonzero(ranks < 0)
    if len(unknown):
        some = ", ".join(map(str, dict.fromkeys(column[unknown[: 100 * SOME]].tolist())))
        shown = ", ".join(some.split(", ")[:SOME]) + (", ..." if some.count(", ") >= SOME else "")
        problem = f"{len(unknown):,} of the synapses have {side} ids that are not in {side}_ids: {shown}"
        raise origin.wrong(problem, "leave these out of the table, or give all ids.")
    return ranks


def _as_ids(array: Array) -> Array:
    """Whole numbers in one type: NumPy may compare those of two as floats; pandas makes floats of them at times."""
    if array.dtype.kind == "f" and bool(np.all((array == np.rint(array)) & (np.abs(array) < EXACT))):
        return array.astype(np.int64)
    return array.astype(np.int64, copy=False) if array.dtype.kind in "iu" else array


def _kind_of_ids(array: Array) -> str:
    """What ids are, by the first of them; empty where that says nothing."""
    first = array[0] if len(array) else None
    return "texts" if isinstance(first, str | bytes) else "numbers" if isinstance(first, int | np.number) else ""


def _looked_up(column: Array, known: Array, order: Array, ordered: Array) -> Array:
    """Return the rank of each id, -1 where it is none."""
    if not len(known):
        return np.full(len(column), -1, np.int64)
    left: Any = slice(None)
    if len(column) >= HASHED_FROM and column.dtype.kind in "iu" and known.dtype.kind in "iu":
        ranks = _hashed(column, known)
        left = np.flatnonzero(ranks < 0)
    else:
        ranks = np.empty(len(column), np.int64)
    wanted = column[left]
    at = np.minimum(np.searchsorted(ordered, wanted), len(ordered) - 1)
    ranks[left] = np.where(ordered[at] == wanted, order[at], -1)
    return ranks


def _hashed(column: Array, known: Array) -> Array:
    """Return the ranks of most ids, -1 of those whose cell in a table of hashes another id has.

    Block by block: what is computed on the way stays in the cache.
    """
    bits = np.uint64(max(8, int(len(known)).bit_length() + 4))
    shift = np.uint64(64) - bits

    def cells(ids: Array) -> Array:
        hashes: Array = (ids.view(np.uint64) * FIBONACCI) >> shift
        return hashes.view(np.int64)

    table = np.zeros(1 << int(bits), np.int32)
    table[cells(known)] = np.arange(len(known))
    found = np.empty(len(column), np.int32)
    for start in range(0, len(column), BLOCK):
        ids = column[start : start + BLOCK]
        ranks = table[cells(ids)]
        found[start : start + BLOCK] = np.where(known[ranks] == ids, ranks, np.int32(-1))
    return found
