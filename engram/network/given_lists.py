"""Connectors that take a list of synapses instead of a rule: matrices, tables, user functions, files.

A list is checked and sorted at once, and wired at compile. Mixed into :class:`Connectors`; ``program/listed.py``
says where it stands, ``wiring/`` knows matrices and tables.
"""

from __future__ import annotations

import inspect
import os
from collections.abc import Callable, Iterable
from importlib import import_module
from typing import TYPE_CHECKING, Any

import numpy as np

from engram.callers import checked_calls
from engram.errors import InvalidArgument
from engram.program.drafts import PER_SYNAPSE, Connection
from engram.program.synapses import Synapses
from engram.state.names import WEIGHT
from engram.telling import told
from engram.wiring.errors import check_storage, unknown_argument

if TYPE_CHECKING:
    from typing_extensions import Self

    from engram.wiring.listed import Origin
    from engram.wiring.matrices import SynapseList

__all__ = ["ListConnectors", "refuse_second", "unknown_of"]


@checked_calls
class ListConnectors:
    """Connector methods that take synapses; each pair has one at most. ``connect_<name>`` is another name for each.

    Ranks are those within the populations or views that are connected. ``allow_self_connections=False`` refuses a list
    in which a neuron connects to itself; by default a list means what it says.

    Raises:
        BadConnector: naming the synapse that can't be.
    """

    _core: Synapses

    def from_matrix(self, weights: Any, delays: Any = 0.0, pre_post: bool = False, **more: Any) -> Self:
        """Connect as a dense matrix says.

        Args:
            weights: one for each pair, post by pre; None and NaN stand for no synapse.
            delays: in ms, one number or a matrix of the same shape.
            pre_post: whether matrices are pre by post.
        """
        origin = self._origin_of("from_matrix(...)")
        found = import_module("engram.wiring.matrices").of_matrix(weights, delays, self._shape_of(1), pre_post, origin)
        return self._connect_list(origin, found, **more)

    def from_sparse(self, weights: Any, delays: Any = 0.0, **more: Any) -> Self:
        """Connect as a matrix of ``scipy.sparse`` says, pre by post: what it stores is a synapse.

        Args:
            delays: in ms, one number, or a matrix that stores elements in the same places.
        """
        origin = self._origin_of("from_sparse(...)")
        found = import_module("engram.wiring.matrices").of_sparse(weights, delays, self._shape_of(0), origin)
        return self._connect_list(origin, found, **more)

    def from_matrix_market(self, filename: str | os.PathLike[str], delays: Any = 0.0, **more: Any) -> Self:
        """Connect as a Matrix Market file (``.mtx``) says, whose rows are post neurons."""
        origin = self._origin_of(f"from_matrix_market({os.fspath(filename)!r})")
        found = import_module("engram.wiring.matrices").of_matrix_market(filename, delays, self._shape_of(1), origin)
        return self._connect_list(origin, found, **more)

    def from_function(self, method: Callable[..., Any], **args: Any) -> Self:
        """Connect as a function of the user's says: ``method(pre, post, dt, **args)``, or without ``dt``.

        It gets the populations or views, and returns an :class:`LILConnectivity`. It is called once; what it returned
        is what is recorded.
        """
        name = getattr(method, "__name__", None) or told(method)
        origin = self._origin_of(f"from_function({name:.60})")
        _check_function(method, args, origin)
        lil = import_module("engram.wiring.lil").LILConnectivity
        pre, post = self.pre, self.post  # type: ignore[attr-defined]  # of the projection
        found = method(pre, post, *([self._core.program.dt] if _takes_dt(method, args) else []), **args)
        if not isinstance(found, lil):
            what = f"the function must return an LILConnectivity, not {told(found)}"
            raise origin.wrong(what, "synapses = eg.LILConnectivity(dt); synapses.add(...); return synapses.")
        found.validate()
        return self._connect_list(origin, found.synapses())

    def from_file(self, filename: str | os.PathLike[str], **more: Any) -> Self:
        """Connect as :meth:`Projection.save_connectivity` wrote; files of ANNarchy's method of that name do as well."""
        origin = self._origin_of(f"from_file({os.fspath(filename)!r})")
        found = import_module("engram.persistence.list_files").read_connectivity(filename, self._core)
        return self._connect_list(origin, found, duplicates="keep", **more)

    def connect_from(
        self,
        table: Any,
        pre: Any = "pre",
        post: Any = "post",
        weights: Any = None,
        delays: Any = None,
        pre_ids: Any = None,
        post_ids: Any = None,
        duplicates: str = "refuse",
        **more: Any,
    ) -> Self:
        """Connect as a table of connections says, one row for each synapse.

        Args:
            table: a pandas or pyarrow table, a structured array, a dictionary or a tuple of arrays (pre, post, weights,
                delays), a matrix of ``scipy.sparse`` (pre by post), or a ``.csv``, ``.csv.gz``, ``.parquet`` or
                ``.mtx`` file.
            pre, post: names of its columns.
            weights, delays: names of its columns, or numbers (ms); by default ``w`` or ``weight`` and ``delay`` if
                there are such columns, else 1.0 and one step. Other columns are not read: one whose name is nearly
                such a one is an error; a warning names attributes of the synapse among them, and numbers where no
                column has the weights.
            pre_ids, post_ids: what the columns call the neurons, in the order of their ranks; ranks by default.
            duplicates: several synapses of one pair: ``"refuse"``; ``"sum"``, one with the sum of their weights; or
                ``"keep"`` them apart.
        """
        origin = self._origin_of("connect_from(...)")
        if duplicates not in ("sum", "keep", "refuse"):
            raise origin.wrong(f'duplicates must be "sum", "keep" or "refuse", not {told(duplicates)}', "leave it out.")
        if not (isinstance(pre, str) and isinstance(post, str)):
            what = "pre= and post= are names of columns, and the table is the first argument"
            raise origin.wrong(what, "give arrays as one tuple: connect_from((pre, post, w)).")
        matrices = import_module("engram.wiring.matrices")
        is_market = isinstance(table, str | os.PathLike) and os.fspath(table).lower().endswith(".mtx")
        if is_market or matrices.is_sparse(table):
            self._refuse_names(origin, pre=pre, post=post, weights=weights, pre_ids=pre_ids, post_ids=post_ids)
            late = 0.0 if delays is None else delays
            read = matrices.of_matrix_market if is_market else matrices.of_sparse
            found = read(table, late, self._shape_of(int(is_market)), origin)
        else:
            tables = import_module("engram.wiring.tables")
            attributes = frozenset(a.name for a in self._core.spec.attributes) - {WEIGHT}
            columns = tables.Columns(pre, post, weights, delays, pre_ids, post_ids, attributes)
            found = tables.of_table(table, columns, origin)
        return self._connect_list(origin, found, duplicates=duplicates, **more)

    connect_from_matrix = from_matrix
    connect_from_sparse = from_sparse
    connect_from_matrix_market = from_matrix_market
    connect_from_function = connect_with_func = from_function
    connect_from_file = from_file

    @staticmethod
    def _refuse_names(origin: Origin, **given: Any) -> None:
        """Refuse what only tables have."""
        usual = {"pre": "pre", "post": "post"}
        name = next((name for name, value in given.items() if value is not usual.get(name)), None)
        if name is not None:
            raise origin.wrong(f"{name}= says what a column is, and a matrix has none", f"leave out {name}=.")

    def _origin_of(self, call: str) -> Origin:
        self._core.program.not_compiled("connect")
        refuse_second(self._core)
        sizes = " -> ".join(map(str, self._shape_of(0)))
        origin: Origin = import_module("engram.wiring.listed").Origin(call, f"{self._core.where} ({sizes})")
        return origin

    def _shape_of(self, first: int) -> tuple[int, int]:
        """Sizes of both sides, pre (0) or post (1) first."""
        pre, post = map(len, self._core.ranks_of_sides())
        return (post, pre) if first else (pre, post)

    def _connect_list(
        self,
        origin: Origin,
        found: SynapseList,
        /,
        *,
        allow_self_connections: Any = True,
        force_multiple_weights: Any = False,
        storage_format: str | None = None,
        storage_order: str | None = None,
        duplicates: str = "refuse",
        **unknown: Any,
    ) -> Self:
        core = self._core
        if unknown:
            raise unknown_of(self, self._connect_list, origin.call, unknown)
        check_storage(origin.call, storage_format, storage_order, core.where)
        flags = {"allow_self_connections": allow_self_connections, "force_multiple_weights": force_multiple_weights}
        for name, value in flags.items():
            if not isinstance(value, bool):
                raise origin.wrong(f"{name} must be True or False, not {told(value)}", "leave it out.")
        listed, sizes = import_module("engram.wiring.listed"), import_module("engram.wiring.connectors").Sizes
        forbids = core.pre is core.post and not allow_self_connections
        given = listed.given_list(
            *found,
            by=core.by,
            sizes=sizes(*self._shape_of(0), int(forbids)),
            origin=origin,
            parts=core.ranks_of_sides() if core.is_partial else None,
            wholes=(core.pre.size, core.post.size),
            duplicates=duplicates,
            threads=core.program.threads,
        )
        given.check(core.program.dt, origin.where)
        weights, delays = (
            PER_SYNAPSE if np.ndim(values) else float(values) for values in (given.weights, given.delays_ms)
        )
        core.draft.connection = Connection(given, weights, delays, True, force_multiple_weights)
        return self


def refuse_second(core: Synapses) -> None:
    """Refuse another connector for a projection that has one."""
    if core.draft.connection is not None:
        raise InvalidArgument(
            f"{core.where} has a connector already\n  help: create another projection for more synapses."
        )


def unknown_of(
    connectors: ListConnectors, rest: Callable[..., Any], call: str, unknown: Iterable[str]
) -> InvalidArgument:
    """Return the error about arguments that a connector of a projection has not.

    Args:
        connectors: of the projection.
        rest: the method that takes what all of them have.
        call: of the connector, which begins with the name of its method.
        unknown: the arguments.
    """
    methods = getattr(connectors, call.partition("(")[0]), rest
    parameters = [one for method in methods for one in inspect.signature(method).parameters.values()]
    known = [one.name for one in parameters if one.kind in (one.POSITIONAL_OR_KEYWORD, one.KEYWORD_ONLY)]
    return unknown_argument(call, next(iter(unknown)), connectors._core.where, [*dict.fromkeys(known)])


def _check_function(method: Any, args: dict[str, Any], origin: Origin) -> None:
    """Refuse what can't be called with two populations."""
    advice = "write def connect(pre, post, dt): ..., which returns an LILConnectivity."
    if not callable(method):
        raise origin.wrong(f"expected a function, got {told(method)}", advice)
    try:
        inspect.signature(method).bind(None, None, *([0.0] if _takes_dt(method, args) else []), **args)
    except (TypeError, ValueError) as error:
        raise origin.wrong(f"it can't be called with the populations ({error})", advice) from None


def _takes_dt(method: Callable[..., Any], args: dict[str, Any]) -> bool:
    """Whether a user's function takes the step as third argument."""
    parameters = inspect.signature(method).parameters.values()
    if any(p.name == "dt" for p in parameters):
        return "dt" not in args
    positional = [p for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)][:3]
    return len(positional) > 2 and positional[2].name not in args and all(p.default is p.empty for p in positional)
