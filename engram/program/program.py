"""The program of a network: its components, settings and tree. Everything that runs, saves or explains takes one.

What follows from a program (kernels, jobs, packed rows) is made by ``derived.py``, which sees in the tree what has
changed. Before compile the tree has the clock alone.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from itertools import count
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from engram.callers import notebook
from engram.errors import BrokenNetwork, ClearedNetwork, EngramError, InvalidArgument, NotCompiled
from engram.models.registry import REGISTRY
from engram.program.config import Config, random_seed
from engram.program.interrupts import held_interrupts
from engram.program.kept_columns import KeptColumns
from engram.program.places import network_path
from engram.state import names
from engram.state.distributions import Distribution
from engram.state.slots import Role, Slot
from engram.state.spelling import object_name
from engram.state.tree import State

if TYPE_CHECKING:
    from engram.ir.jobs import Call
    from engram.ir.rows import Rows
    from engram.program.backend import Backend
    from engram.program.component import Component
    from engram.program.neurons import Neurons
    from engram.program.recorder import Recorder
    from engram.program.synapses import Synapses

__all__ = ["Program"]

Array = npt.NDArray[Any]
_SEED = network_path(names.SEED)
_TRIAL = 2**32  # the slot of draws counts them in its lower half, and trials in its upper one
_SPREAD = 0x9E3779B97F4A7C15  # odd, far from small: seeds that stand side by side have no trial in common
DEFAULT_NAMES = {"populations": "pop", "projections": "proj"}
CLOCK = (
    (names.STEP, (), np.int64),
    (names.SEED, (), np.uint64),
    (names.DRAWS, (), np.uint64),
    (names.DRAWS_AT_COMPILE, (), np.uint64),
    (names.DEFAULT_RNG, (6,), np.uint64),
)


class Program:
    """What a network is made of.

    Args:
        config: its settings.
        backend: for which it will be compiled.

    Attributes:
        populations, projections, monitors: by name, in order of creation.
        by_path: the populations and projections.
        uids: the paths of components by their numbers in random streams.
        said_uids: uids by path, while components are made from records; None otherwise.
        state: the tree.
        rows: the synapses that kernels walk, by path, with what is derived from them.
        passing: returns what runs an event of a side of a projection, at given neurons, at which nothing happens.
        compiled: whether the tree has all values.
        first_seed: with which it was compiled.
        constants: what compile finds; see :meth:`constant`.
        declared_constants: that were declared in this network.
        calls: of Python, before all jobs of a step: callbacks.
        is_implicit: whether it is that of the functions of ``eg``, which ``eg.clear()`` forgets.
        is_opened: whether it was made of a file, compiled as it is.
        is_cleared: whether it was forgotten.
        runs_in: the thread that runs it now, as ``threading.get_ident`` says; None: nobody runs it.
        changes: how many monitors and calls have come or gone: jobs are laid out anew.
    """

    def __init__(self, config: Config, backend: Backend) -> None:
        self.config = config
        self.populations: dict[str, Neurons] = {}
        self.projections: dict[str, Synapses] = {}
        self.monitors: dict[str, Recorder] = {}
        self.by_path: dict[str, Neurons | Synapses] = {}
        self._monitors_of: dict[str, int] = {}  # how many have a default name, by what it begins with
        self.uids: dict[int, str] = {}
        self.said_uids: dict[str, int] | None = None
        self.state = State()
        self.state.add(Slot(names.NETWORK, n, s, np.dtype(d), Role.STATE, hidden=True) for n, s, d in CLOCK)
        self.lock = threading.RLock()
        self.backend = backend
        self.kept_columns = KeptColumns()
        self.rows: dict[str, Rows] = {}
        self.passing: Callable[[Synapses, str], Callable[[Array], None]]  # by ``derived.py``, as the rows are
        self.compiled = False
        self.first_seed = 0
        self.constants: dict[str, float] = dict(REGISTRY.constants)
        self.declared_constants: set[str] = set()
        self.calls: list[Call] = []
        self.changes = 0
        self.runs_in: int | None = None
        self.is_implicit = self.is_cleared = self.is_opened = False
        self.set_seed()

    # -- settings, clock, draws --------------------------------------------------------------------------

    @property
    def dt(self) -> float:
        """Step in ms."""
        return self.config.dt

    @property
    def threads(self) -> int:
        """On at most how many threads it runs."""
        return self.config.num_threads

    @property
    def seed(self) -> int:
        """The seed of everything random."""
        return int(self.state.array(_SEED).item())

    @property
    def stream_seed(self) -> int:
        """The seed of the network's own streams: :attr:`seed`, and another one in each further trial."""
        return (self.seed + int(self.value(names.DRAWS)) // _TRIAL * _SPREAD) % 2**64

    def next_trial(self) -> None:
        """Let all that is drawn from now on be other than before, though the seed stays."""
        self.write(names.DRAWS, int(self.value(names.DRAWS)) + _TRIAL)

    def set_seed(self) -> None:
        """Take the seed of the settings, or one from the system; it begins with its first trial."""
        self.write(names.DRAWS, self.value(names.DRAWS) % _TRIAL)
        self.write(names.SEED, random_seed() if self.config.seed is None else self.config.seed)
        self.write(names.DEFAULT_RNG, 0)

    def value(self, name: str) -> Array:
        """Show the value of a slot of the network's own."""
        return self.state[network_path(name)]

    def write(self, name: str, values: Any) -> None:
        """Give a slot of the network's own another value."""
        self.state.write(network_path(name), values)

    def next_draw(self) -> int:
        """Count a draw that the user asked for; its number is part of the random stream's key."""
        number = int(self.value(names.DRAWS))
        self.write(names.DRAWS, number + 1)
        return number % _TRIAL

    def all_draws_or_none(self, values: Iterable[Any]) -> AbstractContextManager[None]:
        """Count the draws of an assignment of some values only if nothing in it is wrong.

        Generators of the user's own are then where they were, too.
        """
        drawn = [value for value in values if isinstance(value, Distribution)]
        return self._draws([one.rng for one in drawn if one.rng is not None]) if drawn else nullcontext()

    @contextmanager
    def _draws(self, generators: list[np.random.Generator]) -> Iterator[None]:
        before = self.state.read(network_path(names.DRAWS))
        states = [generator.bit_generator.state for generator in generators]
        try:
            yield
        except BaseException:
            self.write(names.DRAWS, before)
            for generator, state in zip(generators, states, strict=True):
                generator.bit_generator.state = state
            raise

    # -- components -------------------------------------------------------------------------------------------

    @property
    def components(self) -> list[Neurons | Synapses]:
        """Populations, then projections, in order of creation."""
        return [*self.populations.values(), *self.projections.values()]

    def new_name(self, section: str, name: str | None) -> str:
        """Return the name of a population or projection to be.

        Raises:
            InvalidArgument: if it is no name or taken, or if the network is compiled.
        """
        self.not_compiled("create populations or projections")
        known: dict[str, Any] = self.populations if section == "populations" else self.projections
        if name is None:
            return next(
                new
                for k in range(len(known), 2 * len(known) + 1)
                if (new := f"{DEFAULT_NAMES[section]}{k}") not in known
            )
        name = object_name(name)
        if name in known:
            kind = section[:-1]
            instead = f"give the new {kind} another name, or take this one: get_{kind}({name!r})"
            raise InvalidArgument(f"{kind} {name!r} exists already: {known[name]!r}\n  help: {self.or_anew(instead)}")
        return name

    def _claim(self, component: Component) -> None:
        """Take the uid of a new component; the random streams of two must differ."""
        if self.said_uids is not None:
            component.uid = self.said_uids[component.path]
        if component.uid in self.uids:
            raise InvalidArgument(
                f"{component.path!r} and {self.uids[component.uid]!r} have the same uid\n  help: rename one of them."
            )
        self.uids[component.uid] = component.path

    def add_population(self, population: Neurons) -> None:
        """Let a population belong to the network."""
        self._claim(population)
        self.populations[population.name] = self.by_path[population.path] = population

    def add_projection(self, projection: Synapses) -> None:
        """Let a projection belong to the network, and to the populations at its ends."""
        self._claim(projection)
        self.projections[projection.name] = self.by_path[projection.path] = projection
        projection.pre.outgoing.append(projection)
        projection.post.incoming.append(projection)

    def add_monitor(self, monitor: Recorder) -> None:
        """Let a monitor, which has its name, belong to the network."""
        self.state.settle()  # what waits is done as if the monitor were not there: it has no slots yet
        self.monitors[monitor.name] = monitor
        self.changes += 1

    def remove_monitor(self, monitor: Recorder) -> None:
        """Let a monitor, and what it has recorded, be gone."""
        self.state.settle()  # while all that is said of the monitor is there
        del self.monitors[monitor.name]
        self.state.remove(monitor.path)
        self.changes += 1

    def monitor_name(self, name: str | None, whom: str) -> str:
        """Return the name of a monitor to be.

        Raises:
            InvalidArgument: if it is no name, or taken.
        """
        if name is None:
            base = f"Monitor_{whom}"
            numbers = count(self._monitors_of.get(base, 0))
            number = next(k for k in numbers if (f"{base}_{k}" if k else base) not in self.monitors)
            self._monitors_of[base], name = number + 1, f"{base}_{number}" if number else base
        else:
            name = object_name(name)
        if name in self.monitors:
            raise InvalidArgument(
                f"monitor {name!r} exists already: {self.monitors[name]!r}\n"
                f"  help: give the new monitor another name, or remove() the old one."
            )
        return name

    # -- constants ---------------------------------------------------------------------------------------

    @property
    def constants_now(self) -> dict[str, float]:
        """The values that all constants have now."""
        return {name: self.constant(name) for name in self.constants}

    def constant(self, name: str) -> float:
        """The value that a constant has now: that of its slot, if it has one."""
        path = network_path(names.constant(name))
        return float(self.state[path]) if path in self.state else self.constants[name]

    def known_constants(self, read: Iterable[str]) -> frozenset[str]:
        """Return the names among some that this network gives a value."""
        return frozenset(self.constants.keys() & set(read))

    @property
    def slot_constants(self) -> list[str]:
        """The constants that are values of the tree, sorted: what a component reads, or what was declared here."""
        return sorted(self.read_constants(self.components) | self.declared_constants)

    def read_constants(self, components: Iterable[Component]) -> frozenset[str]:
        """The constants that components read."""
        paths, read = set(), set()
        for component in components:
            paths.add(component.path)
            read |= set(component.spec.constants)
        rules = (p.draft.stop for p in self.populations.values() if p.path in paths and p.draft.stop is not None)
        return self.known_constants(read | {name for rule in rules for name in rule.constants})

    # -- what can be done now ----------------------------------------------------------------------------

    def needs_compile(self, what: str) -> None:
        """Refuse what only a compiled network can do."""
        self.there()
        if not self.compiled:
            raise NotCompiled(f"{what} needs a compiled network\n  help: call compile() first.")

    def not_compiled(self, what: str) -> None:
        """Refuse what can't be done any more once the network is compiled."""
        self.there()
        if self.compiled:
            if self.is_opened:
                advice = (
                    "a network that eg.open made stays as it is: make it in a script, and net.load(file) the values."
                )
                raise InvalidArgument(f"can't {what}: the network is compiled\n  help: {advice}")
            raise InvalidArgument(f"can't {what} after compile()\n  help: {self.or_anew('move the call before it')}")

    def not_connected(self, projection: Synapses) -> EngramError:
        """Return the error of a projection without a connector."""
        return InvalidArgument(
            f"projection {projection.name!r} ({projection.pre.name} -> {projection.post.name}) has no connector\n"
            f"  help: call e.g. .all_to_all(weights=1.0) on it before compile()."
        )

    def or_anew(self, advice: str) -> str:
        """Return what to type where something comes too late or twice: in a notebook first how its cell begins anew."""
        in_cell = notebook() is not None
        anew = "eg.clear() begins anew" if self.is_implicit else "make the network in this cell" if in_cell else ""
        ordered = (anew, advice) if in_cell else (advice, anew)
        return f"{'; or '.join(filter(None, ordered))}."

    def there(self) -> None:
        """Refuse what is done to a network that was forgotten."""
        if self.is_cleared:
            what = "this belongs to a network that is gone: clear() was called, or its cell was run again"
            raise ClearedNetwork(f"{what}\n  help: use what was made since, or make it again.")

    def usable(self) -> None:
        """Refuse what reads or runs a network that was forgotten, or in which something failed half way."""
        self.there()
        if self.state.broken:
            raise BrokenNetwork(f"{self.state.broken}\n  help: load a file, or reset().")

    @contextmanager
    def whole(self, what: str) -> Iterator[None]:
        """Hold interrupts while something happens that is all or nothing, and say so if it breaks off midway."""
        with held_interrupts() as interrupted:
            try:
                yield
            except BaseException as error:
                self.state.broken = f"{what} failed half way ({type(error).__name__}: {error})"
                raise
        if interrupted:
            raise KeyboardInterrupt
