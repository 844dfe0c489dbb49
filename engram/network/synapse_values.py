"""Who is connected to whom, and the values of synapses: lists, arrays, matrices, tables. For :class:`Projection`."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from engram.callers import checked_calls, warn
from engram.ir.spec import Attribute
from engram.network.fields import mosaic
from engram.network.giving_way import Action
from engram.network.handle import Handle
from engram.network.rows import Row, Rows, Source
from engram.network.values import Entries
from engram.program.known_synapses import delay_to_begin_with, known_synapses, let_delay_be
from engram.program.lifting import per_synapse
from engram.program.reach import as_lists, reach_of
from engram.program.some_synapses import check_array
from engram.program.synapses import Synapses
from engram.program.units import in_ms
from engram.program.values import as_number
from engram.state import names

__all__ = ["SynapseValues"]

Array = npt.NDArray[Any]
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
    def post_ranks(self) -> list[int]:
        """Ranks of the post neurons that have synapses, ascending."""
        return np.flatnonzero(self._per_post).tolist()  # type: ignore[no-any-return]  # of NumPy

    @property
    def size(self) -> int:
        """Number of post neurons that have synapses."""
        return int(np.count_nonzero(self._per_post))

    def __len__(self) -> int:
        return self.size

    @property
    def nb_synapses_per_dendrite(self) -> list[int]:
        """Number of synapses of each post neuron that has some."""
        return [n for n in self._per_post.tolist() if n]

    @property
    def _per_post(self) -> Array:
        known = known_synapses(self._core)
        return reach_of(self._core).per_post if known is None else known.per_post

    @property
    def pre_ranks(self) -> list[list[int]]:
        """Ranks of the pre neurons, a list for each post neuron that has synapses."""
        known = known_synapses(self._core)
        return self._lists(reach_of(self._core).pre_in_order() if known is None else known.pre)

    # -- values ------------------------------------------------------------------------------------------

    def array(self, name: str) -> Array:
        """Return an attribute, ``delay_steps``, or ``delay`` in ms, as they are now.

        It is (n_syn,) in canonical order, () if it is one number. It can't be written to; ``proj.array("w").copy()``,
        and what is computed from it, is an array of its own, which can be assigned: ``proj.w = 2*proj.array("w")``.
        """
        if name == "delay" and self._core.spec.attribute(name) is None:
            return np.asarray(in_ms(self.array(names.DELAY_STEPS), self._core.program.dt))
        check_array(self._core, name)
        values = per_synapse(self._core, name)
        if self._core.spec.attribute(name) is None:
            return np.array(values)
        advice = f"new = proj.array({name!r}).copy(); new[...] = ...; proj.{name} = new."
        return Entries(f"an array of {name!r} of {self._core.where} is a copy, and assigned as a whole", advice, values)

    def weights_csr(self, name: str = "w") -> Any:
        """Return an attribute, or ``delay`` in ms, as a ``scipy.sparse.csr_matrix``, post neurons by pre neurons.

        Several synapses of one pair are added up. Such a matrix can be assigned, if it has an entry for each synapse:
        ``proj.w = 2*proj.weights_csr()``.
        """
        from scipy.sparse import csr_matrix

        wiring = self._core.connectivity
        values = np.broadcast_to(self.array(name), (wiring.n_syn,))
        parts = (values, wiring.ranks, wiring.row_start)
        matrix = csr_matrix(parts, (wiring.n_rows, wiring.n_columns), copy=True)
        if wiring.by == "pre":
            matrix = matrix.T.tocsr()
        matrix.sum_duplicates()
        return matrix

    @Action
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

    def connectivity_matrix(self, fill: float = 0.0) -> Array:
        """Return the weights as a dense array (post.size, pre.size), ``fill`` where there is no synapse.

        Several synapses of one pair are added up.
        """
        wiring, missing = self._core.connectivity, float(as_number(fill, np.dtype(np.float64), "fill"))
        post, pre = wiring.post_of_synapses(), wiring.pre_of_synapses()
        matrix = np.zeros((wiring.n_post, wiring.n_pre))
        np.add.at(matrix, (post, pre), self.array("w"))
        if missing != 0.0:
            exists = np.zeros(matrix.shape, bool)
            exists[post, pre] = True
            matrix[~exists] = missing
        return matrix

    @Action
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
        return mosaic(self._core, values, in_post_geometry, missing)

    @property
    def delay(self) -> Any:
        """Delay in ms: the number that was given for all, else a list for each post neuron that has synapses.

        Such can be assigned, and a distribution: a delay is drawn for each synapse. Lists stay lists, also of equal
        delays. Before compile what the connector was given is read, and one number or a distribution can be assigned.
        """
        core = self._core
        dt, known = core.program.dt, known_synapses(core)
        one = None if core.program.compiled else delay_to_begin_with(core)
        if one is not None:
            return one
        if known is None:
            core.check_wired()
            steps = core.value(names.DELAY_STEPS)
            if steps.shape == ():
                return in_ms(int(steps), dt)
            steps = reach_of(core).in_order(steps)
        else:
            steps = known.delay_steps
        # many have few values: they share Python's numbers
        ms = in_ms(np.arange(int(steps.max(initial=0)) + 1), dt)
        return self._lists(ms.astype(object)[steps])

    @delay.setter
    def delay(self, value: Any) -> None:
        if not self._core.program.compiled:
            let_delay_be(self._core, value)
            return
        from engram.program.delays import assign_delays  # with ``wiring``: importing engram must be quick

        self._core.check_wired()
        assign_delays(self._core, value)

    def _present(self, attribute: Attribute) -> Any:
        core = self._core
        if not core.program.compiled:
            value = core.rounded(attribute, core.given_value(attribute))
            return value.item() if value.shape == () else value.tolist()
        core.program.usable()
        value = per_synapse(core, attribute.name)
        if value.shape == ():
            return value.item()
        reach = reach_of(core)
        source, posts = Source(core, attribute.name, reach), reach.post_ranks
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
