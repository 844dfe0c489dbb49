"""What follows from a program: kernels, jobs, rows, tables, the engine; made again where something has changed.

Nobody tells it what. Whoever asks for something that follows gets it as of now, and this is what it looks at:

=========================================  =============================================================
what has changed                           what is made again
=========================================  =============================================================
memory, form or wiring of a projection     its packed rows, kernels, jobs, tables and rows (``State.changed``);
                                           other delays are other wiring
form of a projection, or constants         what runs its events at which nothing happens, when one is asked for
a value of a population                    its jobs, if they count spikes over another window
any value                                  tables of what follows from parameters (``State.written``)
monitors, callbacks, threads               the schedule (``Program.changes``, ``Program.threads``)
the schedule, or the seed                  the engine, which keeps what it has bound of the same jobs
=========================================  =============================================================

Kernels write no wiring and no parameters, so that runs are none of these.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from engram.ir.kernel_job import RunKernel
from engram.program import compiling
from engram.program.backend import Code
from engram.program.garbage import no_collection
from engram.program.lifting import adjust_forms
from engram.program.neurons import Neurons
from engram.program.packing import bundles, cut_rows
from engram.program.passing import Passing, PassingOf, passing, passing_of
from engram.program.program import Program
from engram.program.recorder import Recorder
from engram.program.schedule import Phases, Planner, phases_of, phases_of_monitor, still_serve, walks
from engram.program.stopping import condition_code
from engram.program.synapses import Synapses
from engram.program.wired import rows_of

if TYPE_CHECKING:
    import ctypes

    from engram.ir.schedule import Schedule
    from engram.native.engine import Engine
    from engram.wiring.packed import PackedRows

__all__ = ["Derived"]


class Derived:
    """What follows from a compiled program.

    Attributes:
        code: the kernels of each component, and of stop conditions, by path.
        phases: the jobs of each component by phase, by path.
        with_flights: projections that deliver what was in flight when delays changed.
    """

    def __init__(self, program: Program) -> None:
        self.program = program
        self.code: dict[str, tuple[Code, ...]] = {}
        self.phases: dict[str, Phases] = {}
        self._of_monitors: dict[tuple[Recorder, tuple[str, ...]], Phases] = {}  # their jobs, by what they record
        self._functions: dict[str, ctypes.CDLL] = {}
        self._fillers: dict[str, list[Callable[[], None]]] = {}  # of each component, by path
        self._bundles: list[list[Synapses]] = []
        self._bundle_of: dict[str, list[Synapses]] = {}  # of each projection, by path; all are there after compile
        self._is_made = False  # whether there is anything yet
        self.with_flights: set[Synapses] = set()
        self._is_cut = False  # whether packed rows are shared out among the threads
        self._filled_at = -1  # what ``State.written`` was when they were called
        program.passing = self.passing
        self._planner = Planner(program)
        self._changes = self._threads = -1  # for which the jobs were laid out; -1 before there is anything
        self._jobs: Schedule | None = None  # None: to be laid out anew
        self._engine: Engine | None = None  # of the present schedule, or of the one before
        self._seeded_at = -1  # what ``State.written`` was when its seed was looked at: draws are counted by writing

    # -- what is asked for -------------------------------------------------------------------------------

    @property
    def jobs(self) -> Schedule:
        """The jobs of one step."""
        self.follow()
        if self._jobs is None:
            with no_collection():
                if not self._is_cut:
                    cut_rows(self.program)
                    self._is_cut = True
                self._jobs = self._planner.schedule(self._bundles, self.phases, self._of_monitors.values(), self.code)
        return self._jobs

    @property
    def packed(self) -> dict[str, PackedRows]:
        """The packed rows, by the keys that jobs name."""
        return self._planner.packed if self.jobs else {}

    @property
    def engine(self) -> Engine:
        """What runs the jobs in C; it keeps what the one before has bound, as far as that is the same."""
        jobs, old, written = self.jobs, self._engine, self.program.state.written
        if old is not None and old.jobs is jobs and self._seeded_at == written:
            return old  # at once, as above
        if old is None or old.jobs is not jobs or old.seed != self.program.stream_seed:
            from engram.native.engine import Engine  # what only running needs: importing engram must be quick

            program = self.program
            data = (self._functions, program.state, program.rows, self.packed)
            facts = (program.dt, program.stream_seed, program.threads)
            with no_collection():
                self._engine = Engine(jobs, *data, *facts, before=old)
        self._seeded_at = written
        return self._engine  # type: ignore[return-value]  # it was just made

    def fill(self) -> None:
        """Compute what follows from parameters, if something was written since it was computed."""
        self.follow()
        if self._filled_at != self.program.state.written:
            for computing in self._fillers.values():
                for compute in computing:
                    compute()
            self._filled_at = self.program.state.written

    def passing(self, projection: Synapses, side: str) -> Passing:
        """Return what runs an event of a side at which nothing happens.

        It may be asked for while values are set, whose form has changed already, so nothing else is made here.
        """
        key, state = f"passing {side}", self.program.state
        constants = self.program.known_constants(projection.spec.constants)
        known: tuple[int, PassingOf, Passing] | None = projection.memo.get(key)
        if known is not None and known[0] == state.version and known[1].constants == constants:
            return known[2]  # at once: loops set synapse after synapse
        of = passing_of(projection, constants)
        its = known[2] if known is not None and known[1] == of else passing(projection, side, of)
        its.fill()  # which gives tables other memory
        projection.memo[key] = state.version, of, its
        return its

    # -- what has changed --------------------------------------------------------------------------------

    @property
    def moved(self) -> list[Synapses]:
        """Projections that have other synapses than those for which it was made, or data of another form."""
        changed = self.program.state.changed
        found = (self.program.by_path.get(path) for path, is_moved in changed.items() if is_moved)
        return [p for p in found if isinstance(p, Synapses)]

    def follow(self) -> None:
        """Make again what follows from what has changed; if that fails, all of it is tried again the next time."""
        program, changed = self.program, self.program.state.changed
        if not changed and self._changes == program.changes and self._threads == program.config.num_threads:
            return  # at once: each step asks several times
        if not self._is_made:
            self._bundles = bundles(program)
            self._bundle_of = {p.path: bundle for bundle in self._bundles for p in bundle}
            self._make([*program.populations.values()], [*program.projections.values()], condition_code(program))
            self._is_made = True
        elif changed:
            if moved := self.moved:
                self._make([], moved, {})
            self._count_anew(changed)
        changed.clear()  # what was made here has moved values, too
        if (self._changes, self._threads) != (program.changes, program.threads):
            self._lay_out_anew()
            self._changes, self._threads = program.changes, program.threads

    def _make(
        self, populations: list[Neurons], projections: list[Synapses], rules: dict[str, tuple[Code, ...]]
    ) -> None:
        """Choose kernels for the present form of the data, and make what follows from them; or change nothing here.

        Args:
            populations: that have none yet.
            projections: that have other synapses, or data of another form.
            rules: kernels of stop conditions that are new.
        """
        for projection in projections:
            projection.memo.clear()
            adjust_forms(projection)
        self._pack(projections)
        owners: list[Neurons | Synapses] = [*populations, *projections]
        code = {component.path: compiling.code_of(component) for component in owners}
        phases = {component.path: self._phases_of(component, code[component.path]) for component in owners}
        jobs = [job for some in phases.values() for phase in some.values() for job in phase]
        used = {job.code for job in jobs if isinstance(job, RunKernel)}
        of_rules = (one for group in rules.values() for one in group)
        needed = (one for path in phases for one in code[path] if one.key in used)
        functions = compiling.compiled([one for one in (*of_rules, *needed) if one.key not in self._functions])
        changed = [c for c in owners if code[c.path] is not self.code.get(c.path)]
        fillers = {c.path: compiling.fillers(c, code[c.path]) for c in changed}
        walked = [p for p in projections if walks(phases[p.path])]
        rows = {p.path: rows_of(p, code[p.path]) for p in walked}
        moved = {*projections}
        of_monitors = {key: jobs for key, jobs in self._of_monitors.items() if key[0].projection not in moved}
        is_other = not projections or any(not p or self.phases.get(path) is not p for path, p in phases.items())
        if is_other or len(of_monitors) < len(self._of_monitors):
            self._jobs = None  # first: whatever fails from here on, the jobs of before do not stay
        self._fillers |= fillers  # before the code by which it is known that they are there
        self.phases |= phases
        self.code = self.code | code | rules
        self._functions |= functions
        self.program.rows |= rows
        for p in walked:
            p.turned, p.turned_at = p.turning
        self._of_monitors = of_monitors
        self.with_flights -= moved
        self.with_flights |= {p for p in projections if p.has_flights}
        self._filled_at = -1
        if self._jobs is None:
            self._lay_out_anew()

    def _pack(self, projections: Iterable[Synapses]) -> None:
        """Bring some synapses, and those that stand with them, into the form in which they are delivered."""
        for bundle in {id(b): b for b in (self._bundle_of[p.path] for p in projections)}.values():
            self.program.backend.hold(self.program, bundle, {})
        self._is_cut = False

    def _phases_of(self, component: Neurons | Synapses, code: tuple[Code, ...]) -> Phases:
        """Return the jobs of a component: those that it has while nothing else is asked for: they stay bound."""
        known = self.phases.get(component.path)
        is_same = known is not None and self.code.get(component.path) is code and still_serve(component, known)
        return known if known is not None and is_same else phases_of(component, code)

    def _count_anew(self, changed: Iterable[str]) -> None:
        """Let the jobs of populations count spikes over the windows of now."""
        for path in changed:
            population = self.program.by_path.get(path)
            if isinstance(population, Neurons) and not still_serve(population, self.phases[path]):
                phases = phases_of(population, self.code[path])
                self._jobs = None  # first, as above
                self.phases[path] = phases
                self._lay_out_anew()

    def _lay_out_anew(self) -> None:
        self._jobs = None  # first, as above
        known = self._of_monitors
        keys = ((m, m.variables) for m in self.program.monitors.values())
        self._of_monitors = {key: known.get(key) or phases_of_monitor(key[0]) for key in keys}
        self._filled_at = -1
