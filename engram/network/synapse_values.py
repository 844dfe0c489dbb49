"""Who is connected to whom, and the values of synapses: lists, arrays, matrices, tables. For :class:`Projection`."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from engram.callers import checked_calls, warn
from engram.ir.spec import Attribute
from engram.network.as_one import as_one
from engram.network.by_name import OF_ALL
from engram.network.fields import mosaic
from engram.network.giving_way import Action
from engram.network.handle import Handle, one_for_all
from engram.network.rows import ReadFrom, Row, Rows
from engram.program.known_synapses import delay_to_begin_with, known_synapses, let_delay_be
from engram.program.lifting import per_synapse
from engram.program.reach import as_lists, reach_of
from engram.program.readings import COPY, ReadArray, ReadList, number, read_lists
from engram.program.some_synapses import check_array
from engram.program.synapses import Synapses
from engram.program.units import in_ms
from engram.program.values import as_number
from engram.state import names

__all__ = ["SynapseValues"]

Array = npt.NDArray[Any]
FIELDS = "a .copy() can be changed; proj[post].w = values, by ascending pre rank, sets the synapses of a neuron."
MANY = 1_000_000  # synapses above which lists of lists are slow enough for a warning


@checked_calls
class SynapseValues(Handle):
    """A projection whose synapses are counted and read; see :class:`engram.Projection`."""

    _core: Synapses

    # (Before compile a given list has all of this already.)

    @property
    def nb_synapses(self) -> int:
        """Number of synapses."""
        known = known_synapses(self._core)
        return self._core.n_syn if known is None else len(known.pre)

    @property
    @as_one
    def post_ranks(self) -> list[int]:
        """Ranks of the post neurons that have synapses, ascending."""
        return ReadList(np.flatnonzero(self._per_post).tolist(), *self._as_wired("post_ranks"))

    @property
    def size(self) -> int:
        """Number of post neurons that have synapses."""
        return int(np.count_nonzero(self._per_post))

    def __len__(self) -> int:
        return self.size

    @property
    @as_one
    def nb_synapses_per_dendrite(self) -> list[int]:
        """Number of synapses of each post neuron that has some."""
        found = (n for n in self._per_post.tolist() if n)
        return ReadList(found, *self._as_wired("nb_synapses_per_dendrite"))

    def _as_wired(self, name: str) -> tuple[str, str]:
        """What somebody is told who would change a list of who is connected to whom."""
        what = f"{name} of {self._core.where} says which synapses there are"
        return what, "proj.create_synapse(pre, post, w=...) and proj[post].prune_synapse(pre) change them."

    @property
    def _per_post(self) -> Array:
        known = known_synapses(self._core)
        return reach_of(self._core).per_post if known is None else known.per_post

    @property
    @as_one
    def pre_ranks(self) -> list[list[int]]:
        """Ranks of the pre neurons, a list for each post neuron that has synapses."""
        known = known_synapses(self._core)
        ranks = reach_of(self._core).pre_in_order() if known is None else known.pre
        return read_lists(self._lists(ranks), *self._as_wired("pre_ranks"))

    # -- values ------------------------------------------------------------------------------------------

    @as_one
    def array(self, name: str) -> Array:
        """Return an attribute, ``delay_steps``, or ``delay`` in ms, as they are now.

        It is (n_syn,) in canonical order, also where one number is stored for all synapses; () if the model says that
        it is one for the projection. It can't be written to; ``proj.array("w").copy()``, and what is computed from it,
        is an array of its own, which can be assigned: ``proj.w = 2*proj.array("w")``.
        """
        if name == "delay" and self._core.spec.attribute(name) is None:
            check_array(self._core, names.DELAY_STEPS)
            ms = np.asarray(in_ms(per_synapse(self._core, names.DELAY_STEPS), self._core.program.dt))
            return ReadArray(ms, self._copied(name), OF_ALL, self._shape_of_all(ms))
        check_array(self._core, name)
        values, attribute = per_synapse(self._core, name), self._core.spec.attribute(name)
        if attribute is None:
            advice = OF_ALL if name == names.DELAY_STEPS else COPY
            return ReadArray(values, self._copied(name), advice, self._shape_of_all(values))
        shape = values.shape if attribute.locality != "local" else self._shape_of_all(values)
        advice = f"new = proj.array({name!r}).copy(); new[...] = ...; proj.{name} = new."
        return ReadArray(values, f"{self._copied(name)}, and assigned as a whole", advice, shape)

    def _shape_of_all(self, values: Array) -> tuple[int, ...]:
        """Return the shape of values with one for each synapse, where one number may stand for all."""
        return values.shape or (self._core.n_syn,)

    def _copied(self, name: str) -> str:
        return f"an array of {name!r} of {self._core.where} is a copy"

    @as_one
    def weights_csr(self, name: str = "w") -> Any:
        """Return an attribute, or ``delay`` in ms, as a ``scipy.sparse.csr_matrix``, post neurons by pre neurons.

        Several synapses of one pair are added up. The matrix is the caller's own: changing it changes no synapse. It
        can be assigned, if it has an entry for each synapse: ``proj.w = 2*proj.weights_csr()``.
        """
        from scipy.sparse import csr_matrix

        wiring = self._core.connectivity
        values = np.broadcast_to(self.array(name).view(np.ndarray), (wiring.n_syn,))
        parts = (values, wiring.ranks, wiring.row_start)
        matrix = csr_matrix(parts, (wiring.n_rows, wiring.n_columns), copy=True)
        if wiring.by == "pre":
            matrix = matrix.T.tocsr()
        matrix.sum_duplicates()
        return matrix

    @Action
    @as_one
    def to_dataframe(self) -> Any:
        """Return a ``pandas.DataFrame`` with a row for each synapse, by post neuron, then by pre.

        Its columns are ``pre`` and ``post``, the ranks in the whole populations, ``w``, ``delay`` in ms, and the other
        attributes that have a value for each synapse. ``connect_from`` takes such a table.

        Raises:
            NotCompiled: before compile.
            MissingLibrary: without pandas.
        """
        from engram.optional import optional  # what most scripts never need
        from engram.program.synapse_columns import columns_of  # as above

        columns = columns_of(self._core)
        return optional("pandas").DataFrame(columns)

    @as_one
    def connectivity_matrix(self, fill: float = 0.0) -> Array:
        """Return the weights as a dense array (post.size, pre.size), ``fill`` where there is no synapse.

        Several synapses of one pair are added up. It can't be written to; a ``.copy()`` can, and be assigned.
        """
        wiring, missing = self._core.connectivity, float(as_number(fill, np.dtype(np.float64), "fill"))
        post, pre = wiring.post_of_synapses(), wiring.pre_of_synapses()
        matrix = np.zeros((wiring.n_post, wiring.n_pre))
        np.add.at(matrix, (post, pre), self.array("w"))
        if missing != 0.0:
            exists = np.zeros(matrix.shape, bool)
            exists[post, pre] = True
            matrix[~exists] = missing
        advice = "new = matrix.copy(); new[...] = ...; proj.w = new, with 0 or NaN where there is no synapse."
        return ReadArray(matrix, f"the matrix of the weights of {self._core.where} is a copy", advice)

    @Action
    @as_one
    def receptive_fields(self, variable: str = "w", in_post_geometry: bool = True, fill: float = 0.0) -> Array:
        """Return an attribute as one picture: a field of the pre population's geometry for each post neuron.

        Several synapses of one pair are added up. Both populations have one dimension, which is a row, or two.

        Args:
            variable: the attribute, or ``delay``.
            in_post_geometry: place the fields as the post neurons stand; otherwise in a square by rank.
            fill: where there is no synapse.

        Returns:
            2-D: field [i, j] of (h, w) stands in rows i*h to (i + 1)*h, columns j*w to (j + 1)*w.
        """
        missing = float(as_number(fill, np.dtype(np.float64), "fill"))
        values = self.array(variable)
        attribute = self._core.spec.attribute(variable)
        if attribute is not None and attribute.locality == "semiglobal":
            values = values[self._core.connectivity.post_of_synapses()]
        picture = mosaic(self._core, values.view(np.ndarray), in_post_geometry, missing)
        return ReadArray(picture, f"the receptive fields of {self._core.where} are a copy", FIELDS)

    def _shared_delay(self, value: Any) -> Any:
        return number(value, f"the delay of {self._core.where}", OF_ALL)

    @property
    @as_one
    def delay(self) -> Any:
        """Delay in ms: the number that was given for all, else a list for each post neuron that has synapses.

        Such can be assigned, and a distribution: a delay is drawn for each synapse. Lists stay lists, also of equal
        delays. Before compile what the connector was given is read, and one number or a distribution can be assigned.
        What is in flight arrives when it would have; from then on the synapses of a pre neuron remember one by one what
        they kept once for all, which makes steps slower.
        """
        core = self._core
        dt, known = core.program.dt, known_synapses(core)
        one = None if core.program.compiled else delay_to_begin_with(core)
        if one is not None:
            return self._shared_delay(one)
        if known is None:
            core.check_wired()
            steps = core.value(names.DELAY_STEPS)
            if steps.shape == ():
                return self._shared_delay(in_ms(int(steps), dt))
            steps = reach_of(core).in_order(steps)
        else:
            steps = known.delay_steps
        # many have few values: they share Python's numbers
        ms = in_ms(np.arange(int(steps.max(initial=0)) + 1), dt)
        what = f"delays of {self._core.where} are read as lists of their own"
        return read_lists(self._lists(ms.astype(object)[steps]), what, OF_ALL)

    @delay.setter
    def delay(self, value: Any) -> None:
        if not self._core.program.compiled:
            let_delay_be(self._core, value)
            return
        from engram.program.delays import assign_delays  # with ``wiring``: importing engram must be quick

        self._core.check_wired()
        assign_delays(self._core, value)

    @as_one
    def _present(self, attribute: Attribute) -> Any:
        core = self._core
        if not core.program.compiled:
            value = core.rounded(attribute, core.given_value(attribute))
            whose = f"{attribute.name!r} of {core.where}"
            advice = f"before compile() proj.{attribute.name} = values sets all, afterwards also some."
            return number(value.item(), whose, advice) if value.shape == () else ReadList(value.tolist(), whose, advice)
        core.program.usable()
        value = per_synapse(core, attribute.name)
        if value.shape != ():
            return self._rows(attribute, value)
        if attribute.locality == "global":
            return one_for_all(core, attribute.name, value)

        def rows() -> Rows:
            return self._rows(attribute, np.broadcast_to(value, core.shape(attribute)))

        if core.spec.pruning is not None or core.spec.creating is not None:
            return rows()  # synapses that come may have another value: what is read shall not depend on whether one has
        name = attribute.name
        return number(value.item(), f"{name!r} of {core.where}", f"proj.array({name!r}) is an array of all.", rows)

    def _rows(self, attribute: Attribute, value: Array) -> Rows:
        """Return the values of an attribute that has one for each synapse, or for each post neuron."""
        core = self._core
        reach = reach_of(core)
        source, posts = ReadFrom(core, attribute.name, reach), reach.post_ranks
        if attribute.locality == "semiglobal":
            return Rows((x for x, n in zip(value.tolist(), reach.per_post.tolist(), strict=True) if n), source, posts)
        lists = self._lists(reach.in_order(value))
        return Rows((Row(row, source, post) for post, row in zip(posts, lists, strict=True)), source, posts)

    def _lists(self, ordered: Array) -> list[Any]:
        """Return values by post, then pre, as lists."""
        if len(ordered) > MANY:
            advice = "array() and weights_csr() are faster"
            warn(f"{self._core.where}: {len(ordered)} values become Python lists; {advice}")
        return as_lists(self._per_post, ordered)
