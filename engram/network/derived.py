"""What follows from the objects and the data of a network: kernels, jobs, rows, tables, the engine.

Made at compile; in part again when the form of some data has changed, and laid out before a run. Here stands what is
made again when. Called by :class:`Network`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from engram.ir.jobs import RunKernel
from engram.ir.rows import Rows
from engram.network import compiling
from engram.network.backends import Code
from engram.network.garbage import no_collection
from engram.network.lifting import adjust_forms
from engram.network.packing import bundles, cut_rows
from engram.network.schedule import Layout, Parts, counts_as, parts_of, walks
from engram.network.stopping import condition_code
from engram.network.synapses import rows_of

if TYPE_CHECKING:
    import ctypes

    from engram.ir.schedule import Schedule
    from engram.native.engine import Engine
    from engram.network.network import Network
    from engram.network.population import Population
    from engram.network.projection import Projection
    from engram.wiring.packed import PackedRows

__all__ = ["Derived"]


class Derived:
    """What follows from a network.

    Attributes:
        code: the kernels of each object, and of stop conditions, by path.
        parts: the jobs of each object by phase, by path.
        rows: the synapses of projections that kernels walk, by path.
    """

    def __init__(self, network: Network) -> None:
        self._network = network
        self.code: dict[str, tuple[Code, ...]] = {}
        self.parts: dict[str, Parts] = {}
        self.rows: dict[str, Rows] = {}
        self._functions: dict[str, ctypes.CDLL] = {}
        self._fillers: dict[str, list[Callable[[], None]]] = {}  # of each object, by path
        self._bundles: list[list[Projection]] = []
        self._bundle_of: dict[str, list[Projection]] = {}  # of each projection, by path; all are there after compile
        self._is_cut = False  # whether packed rows are shared out among the threads
        self._filled_at = -1  # what ``State.written`` was when they were called
        self._layout = Layout()
        self._jobs: Schedule | None = None  # None: to be laid out anew
        self._engine: Engine | None = None  # of the present schedule, or of the one before

    def prepare(self, changed: Sequence[Projection] | None = None) -> None:
        """Choose kernels for the present form of the data, and make what follows from them; or change nothing here.

        Args:
            changed: projections whose data have another form, or other synapses; None for anything.
        """
        network = self._network
        projections = list(network._projections.values()) if changed is None else changed
        for projection in projections:
            projection._forget_synapses()
            adjust_forms(projection)
        self._pack(projections)
        owners: list[Population | Projection] = network._owners if changed is None else [*changed]
        code = {owner._path: compiling.code_of(owner) for owner in owners}
        if changed is None:
            code |= condition_code(network)
        parts = {owner._path: self._parts_of(owner, code[owner._path]) for owner in owners}
        jobs = [job for some in parts.values() for phase in some.values() for job in phase]
        used = {job.code for job in jobs if isinstance(job, RunKernel)}
        rules = (one for path, group in code.items() if path not in parts for one in group)
        functions = compiling.compiled([*rules, *(one for path in parts for one in code[path] if one.key in used)])
        self.code |= code
        self.parts |= parts
        self._functions |= functions
        self._fillers |= {owner._path: compiling.fillers(owner, code[owner._path]) for owner in owners}
        self.rows |= {p._path: rows_of(p) for p in projections if walks(self.parts[p._path])}
        self.reschedule()

    def _pack(self, projections: Sequence[Projection]) -> None:
        """Bring some synapses, and those that stand with them, into the form in which they are delivered."""
        if not self._bundle_of:
            self._bundles = bundles(self._network)
            self._bundle_of = {p._path: bundle for bundle in self._bundles for p in bundle}
        for bundle in {id(b): b for b in (self._bundle_of[p._path] for p in projections)}.values():
            self._network._backend.hold(self._network, bundle)
        self._is_cut = False

    def _parts_of(self, owner: Population | Projection, code: tuple[Code, ...]) -> Parts:
        """Return the jobs of an object: those that it has while nothing else is asked for, so that they stay bound."""
        known = self.parts.get(owner._path)
        is_same = known is not None and self.code.get(owner._path) is code and counts_as(owner, known)
        return known if known is not None and is_same else parts_of(owner, code)

    def reschedule(self, population: Population | None = None) -> None:
        """Let jobs be laid out anew before the next run: monitors have changed, or a population has other jobs."""
        if population is not None:
            self.parts[population._path] = parts_of(population, self.code[population._path])
        self._jobs = None
        self._filled_at = -1

    def fill(self) -> None:
        """Compute what follows from parameters, if something was written since it was computed."""
        if self._filled_at != self._network._state.written:
            for computing in self._fillers.values():
                for compute in computing:
                    compute()
            self._filled_at = self._network._state.written

    def fill_of(self, owner: Population | Projection) -> None:
        """Compute what follows from the parameters of one object."""
        for compute in self._fillers[owner._path]:
            compute()

    @property
    def jobs(self) -> Schedule:
        """The jobs of one step."""
        if self._jobs is None:
            with no_collection():
                if not self._is_cut:
                    cut_rows(self._network)
                    self._is_cut = True
                self._jobs = self._layout.schedule(self._network, self._bundles)
        return self._jobs

    @property
    def packed(self) -> dict[str, PackedRows]:
        """The packed rows, by the keys that jobs name."""
        return self._layout.packed if self.jobs else {}

    @property
    def engine(self) -> Engine:
        """What runs the jobs in C; it keeps what the one before has bound, as far as that is the same."""
        if self._engine is None or self._engine.jobs is not self._jobs:
            from engram.native.engine import Engine  # what only running needs: importing engram must be quick

            network, data = self._network, (self._functions, self._network._state, self.rows, self.packed)
            facts = (network.dt, network.seed, network._threads)
            with no_collection():
                self._engine = Engine(self.jobs, *data, *facts, before=self._engine)
        return self._engine
