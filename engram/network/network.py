"""Networks: populations, projections and monitors that share a clock, a seed and one tree of values.

The public class :class:`Network`. The work is done elsewhere: ``compiling.py`` builds, ``run.py`` runs, ``files.py``
saves and loads.
"""

from __future__ import annotations

import dataclasses
import os
import threading
import time
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from functools import partial
from itertools import count
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
import numpy.typing as npt

from engram.callers import checked_calls, warn
from engram.errors import BrokenNetwork, EngramError, InvalidArgument, NotCompiled, UnknownAttribute
from engram.models.definition import Neuron, Synapse
from engram.models.registry import REGISTRY
from engram.network import compiling, files
from engram.network.backends import NATIVE, Backend, chosen_backend
from engram.network.callbacks import Callbacks
from engram.network.clock import set_step, set_time
from engram.network.config import Config, changed, random_seed
from engram.network.constant import NETWORKS, NetworkConstant, checked_constant
from engram.network.damage import described_damage
from engram.network.derived import Derived
from engram.network.finite import FiniteCheck
from engram.network.first_start import compile_ahead
from engram.network.garbage import no_collection
from engram.network.histories import fit_histories, forget_history
from engram.network.implicit import implicit
from engram.network.initial import forget_events, reset_population, reset_projection, restore_definitions
from engram.network.interrupts import held_interrupts
from engram.network.kept_columns import KeptColumns
from engram.network.learning import asked_projections, learning_steps
from engram.network.list_records import settle
from engram.network.monitor import Monitor
from engram.network.places import network_path
from engram.network.population import Population
from engram.network.projection import Projection
from engram.network.random_state import generator_words, restore_generator
from engram.network.run import run
from engram.network.step_size import caution
from engram.network.stopping import simulate_until
from engram.network.units import steps_ceil
from engram.network.view import PopulationView
from engram.state import names
from engram.state.digest import digest_tree
from engram.state.distributions import Distribution
from engram.state.slots import Role, Slot
from engram.state.spelling import object_name, spelled
from engram.state.tree import State

if TYPE_CHECKING:
    from typing_extensions import Self

    from engram.network.explain import Explanation
    from engram.network.memory import Memory
    from engram.network.profile import Profile
    from engram.network.recorded import Recorded
    from engram.storage.report import LoadReport
    from engram.storage.save import SaveReport

__all__ = ["Network"]

Array = npt.NDArray[Any]
T = TypeVar("T")
DEFAULT_NAMES = {"populations": "pop", "projections": "proj"}
CLOCK = (
    (names.STEP, (), np.int64),
    (names.SEED, (), np.uint64),
    (names.DRAWS, (), np.uint64),
    (names.DRAWS_AT_COMPILE, (), np.uint64),
    (names.DEFAULT_RNG, (6,), np.uint64),
)


@checked_calls
class Network:
    """A network of populations and projections.

    Args:
        dt: step in ms, 1.0 by default.
        seed: of everything random; drawn from the system if None. Same seed, same results, on any number of threads.

    Raises:
        InvalidArgument: if one of them can't be.
    """

    def __init__(self, dt: float | None = None, seed: int | None = None) -> None:
        given = {} if dt is None else {"dt": dt}
        self._config = changed(Config(), {**given, "seed": seed})
        self._populations: dict[str, Population] = {}
        self._projections: dict[str, Projection] = {}
        self._monitors: dict[str, Monitor] = {}
        self._monitors_of: dict[str, int] = {}  # how many have a default name, by what it begins with
        self._uids: dict[int, str] = {}
        self._said_uids: dict[str, int] | None = None  # uids by path, while objects are made from records
        self._state = State()
        self._state.add(Slot(names.NETWORK, n, s, np.dtype(d), Role.STATE, hidden=True) for n, s, d in CLOCK)
        self._lock = threading.RLock()
        self._backend: Backend = NATIVE
        self._derived = Derived(self)
        self._check = FiniteCheck(self)
        self._kept_columns = KeptColumns()
        self._callbacks = Callbacks(self)
        self._compiled = False
        self._load_report: LoadReport | None = None
        self._first_seed = 0
        self._recorded: Recorded | None = None  # what files say it is; made when one is written or read
        self._parameters: dict[str, Any] = {}  # what the user keeps under "network" in parameter files
        self._constants: dict[str, float] = dict(REGISTRY.constants)  # as compile finds them; see ``_constant``
        self._own_constants: set[str] = set()  # that were declared here
        self._set_seed()
        NETWORKS.add(self)

    def _set_seed(self) -> None:
        seed = random_seed() if self._config.seed is None else self._config.seed
        self._write(names.SEED, seed)
        self._rng: np.random.Generator | None = None  # made on use: NumPy's generators take long to load
        self._write(names.DEFAULT_RNG, 0)

    def _value(self, name: str) -> Array:
        """Show the value of a slot of the network's own."""
        return self._state[network_path(name)]

    def _write(self, name: str, values: Any) -> None:
        """Give a slot of the network's own another value."""
        self._state.write(network_path(name), values)

    # -- what it is --------------------------------------------------------------------------------------

    def __setattr__(self, name: str, value: Any) -> None:
        """Let users keep what they like in a network (``self.exc = self.create(...)``), but not under our names."""
        known = vars(Network).get(name)
        if name[:1] != "_" and known is not None and getattr(known, "fset", None) is None:
            advice = f"config({name}=...) before compile() sets it." if name == "seed" else "choose another name."
            raise UnknownAttribute(f"{name!r} of a network can't be assigned\n  help: {advice}")
        object.__setattr__(self, name, value)

    @property
    def dt(self) -> float:
        """Step in ms; can be set before compile, see :meth:`config`."""
        return self._config.dt

    @dt.setter
    def dt(self, ms: float) -> None:
        self.config(dt=ms)

    @property
    def seed(self) -> int:
        """The seed of everything random."""
        return int(self._value(names.SEED))

    @property
    def compiled(self) -> bool:
        """Whether :meth:`compile` was called."""
        return self._compiled

    @property
    def current_step(self) -> int:
        """Number of finished steps.

        When it is set, the clock stands there and nothing has happened: spikes in flight arrive, and traces decay, as
        many steps later as they would have. Random draws are those of the new steps.
        """
        return self._state.step

    @current_step.setter
    def current_step(self, step: int) -> None:
        set_step(self, step)

    @property
    def time(self) -> float:
        """Time simulated so far, in ms; can be set to a multiple of ``dt``, see :attr:`current_step`."""
        return self._state.step * self.dt

    @time.setter
    def time(self, ms: float) -> None:
        set_time(self, ms)

    def get_time(self) -> float:
        """Return the time simulated so far, in ms."""
        return self.time

    @property
    def default_rng(self) -> np.random.Generator:
        """A NumPy generator for the user's own draws, seeded by the network; saved and resumed with it."""
        if self._rng is None:
            self._rng = np.random.default_rng(self.seed)
            words = self._value(names.DEFAULT_RNG)
            if words.any():  # a file brought the state
                restore_generator(self._rng, words)
        return self._rng

    @property
    def _threads(self) -> int:
        return self._config.num_threads

    def __repr__(self) -> str:
        parts = f"{len(self._populations)} populations, {len(self._projections)} projections"
        damage = self.damage if self._check.has_found else ""
        return f"<Network: {parts}, t = {self.time:g} ms{', damaged: ' if damage else ''}{damage}>"

    @property
    def damage(self) -> str:
        """Which values are infinite or NaN now, ``v of population 'exc' (3 of 800)``; empty if all are finite."""
        return described_damage(self, self._check.look()) if self._compiled else ""

    def config(self, **settings: Any) -> None:
        """Change settings: ``num_threads`` at any time; before compile ``dt``, ``seed``, ``method``, ``dtype``
        (``eg.float32`` or ``eg.float64``: of all floats and of what is computed with them) and ``synapse_dtype``
        (``eg.float32``: synapses store half as many bytes; what is computed stays in ``dtype``).

        ``event_clock="annarchy"`` lets event-driven variables decay as in ANNarchy, one step short before each
        presynaptic event and by 10,000 steps before the first event, for comparison; to be set before the first
        projection. ``exact`` is the default.

        Raises:
            InvalidArgument: for an unknown setting or a value that can't be; nothing has changed.
        """
        new = changed(self._config, settings)
        if self._compiled and dataclasses.replace(new, num_threads=self._config.num_threads) != self._config:
            advice = "give them to Network(...), setup(...) or config(...) before it."
            raise InvalidArgument(f"only num_threads can be changed after compile()\n  help: {advice}")
        if new.event_clock != self._config.event_clock and self._projections:
            raise InvalidArgument(
                "event_clock can't be changed once there are projections: their synapses are made for one\n"
                "  help: set it first."
            )
        if new.dt != self._config.dt:
            self._fit_times(new.dt)
        old, self._config = self._config, new
        if new.seed != old.seed:
            self._set_seed()
        if new.num_threads != old.num_threads:
            self._derived.reschedule()

    def _fit_times(self, dt_ms: float) -> None:
        """Refuse a step that some times are no multiples of; warn of those that are rounded."""
        try:
            for monitor in self._monitors.values():
                monitor._steps_at_start(dt_ms)
            for owner in self._owners:
                owner._check_times(dt_ms)
        except InvalidArgument as error:
            problem = str(error).partition("\n")[0]
            advice = "choose a dt that they are multiples of, or set dt before they are given."
            raise InvalidArgument(f"dt can't be {dt_ms:g} ms: {problem}\n  help: {advice}") from error
        self._callbacks.fit(dt_ms)

    # -- building ----------------------------------------------------------------------------------------

    def create(
        self,
        geometry: int | tuple[int, ...],
        neuron: Neuron,
        stop_condition: str | None = None,
        name: str | None = None,
    ) -> Population:
        """Create a population; see :class:`Population`."""
        return Population(geometry, neuron, name, stop_condition, network=self)

    def connect(
        self,
        pre: Population | PopulationView,
        post: Population | PopulationView,
        target: str | list[str] | tuple[str, ...] = "",
        synapse: Synapse | None = None,
        name: str | None = None,
    ) -> Projection:
        """Create a projection, which then needs a connector; see :class:`Projection`."""
        return Projection(pre, post, target, synapse, name, network=self)

    def monitor(
        self,
        obj: Population | PopulationView,
        variables: str | list[str] | tuple[str, ...] = (),
        period: float | None = None,
        period_offset: float | None = None,
        start: bool = True,
        name: str | None = None,
    ) -> Monitor:
        """Create a monitor; see :class:`Monitor`."""
        return Monitor(obj, variables, period, period_offset, start, name, network=self)

    def get_monitor(self, name: str) -> Monitor:
        """Return a monitor by name."""
        return _found(self._monitors, name, "monitor")

    def get_population(self, name: str) -> Population:
        """Return a population by name."""
        return _found(self._populations, name, "population")

    def get_projection(self, name: str) -> Projection:
        """Return a projection by name."""
        return _found(self._projections, name, "projection")

    def get_monitors(self) -> list[Monitor]:
        """Return all monitors in the order of their creation."""
        return list(self._monitors.values())

    def get_populations(self) -> list[Population]:
        """Return all populations in the order of their creation."""
        return list(self._populations.values())

    def get_projections(self) -> list[Projection]:
        """Return all projections in the order of their creation."""
        return list(self._projections.values())

    def _new_name(self, section: str, name: str | None) -> str:
        self._not_compiled("create populations or projections")
        known: dict[str, Any] = self._populations if section == "populations" else self._projections
        if name is None:
            return next(
                new
                for k in range(len(known), 2 * len(known) + 1)
                if (new := f"{DEFAULT_NAMES[section]}{k}") not in known
            )
        name = object_name(name)
        if name in known:
            kind = section[:-1]
            raise InvalidArgument(
                f"{kind} {name!r} exists already: {known[name]!r}\n  help: give the new {kind} another name."
            )
        return name

    def _claim(self, owner: Population | Projection) -> None:
        """Take the uid of a new object; the random streams of two objects must differ."""
        if self._said_uids is not None:
            owner._uid = self._said_uids[owner._path]
        if owner._uid in self._uids:
            raise InvalidArgument(
                f"{owner._path!r} and {self._uids[owner._uid]!r} have the same uid\n  help: rename one of them."
            )
        self._uids[owner._uid] = owner._path

    def _add_population(self, population: Population) -> None:
        self._claim(population)
        self._populations[population.name] = population

    def _add_projection(self, projection: Projection) -> None:
        self._claim(projection)
        self._projections[projection.name] = projection
        projection._pre._outgoing.append(projection)
        projection._post._incoming.append(projection)

    def _add_monitor(self, monitor: Monitor, name: str | None) -> str:
        if name is None:
            base = f"Monitor_{monitor.object.name}"
            numbers = count(self._monitors_of.get(base, 0))
            number = next(k for k in numbers if (f"{base}_{k}" if k else base) not in self._monitors)
            self._monitors_of[base], name = number + 1, f"{base}_{number}" if number else base
        else:
            name = object_name(name)
        if name in self._monitors:
            raise InvalidArgument(
                f"monitor {name!r} exists already: {self._monitors[name]!r}\n  help: give the new monitor another name."
            )
        monitor._name = name
        self._monitors[name], self._recorded = monitor, None
        if self._compiled:
            self._state.add(monitor._slots())
            monitor._begin()
            self._derived.reschedule()
        return name

    def _not_compiled(self, what: str) -> None:
        if self._compiled:
            raise InvalidArgument(f"can't {what} after compile()\n  help: move the call before it.")

    def _not_connected(self, projection: Projection) -> EngramError:
        return InvalidArgument(
            f"projection {projection.name!r} ({projection._pre.name} -> {projection._post.name}) has no connector\n"
            f"  help: call e.g. .all_to_all(weights=1.0) on it before compile()."
        )

    # -- constants ---------------------------------------------------------------------------------------

    def constant(self, name: str, value: float) -> NetworkConstant:
        """Make a number known to the equations of this network by name, or give it another value.

        Raises:
            InvalidArgument: if one of them can't be, or the name is new after compile.
        """
        number = checked_constant(name, value)
        if name not in self._constants:
            self._not_compiled(f"add the constant {name!r}")
        self._set_constant(name, number)
        if not self._compiled:
            self._own_constants.add(name)
        REGISTRY.names.add(name)
        return self.get_constant(name)

    def get_constant(self, name: str) -> NetworkConstant:
        """Return a constant: a number with a method ``set``. Python computes with its value of now."""
        _found(self._constants, name, "constant")
        return NetworkConstant(name, self._constant(name), self)

    def _set_constant(self, name: str, value: float) -> None:
        if self._compiled and name not in self._constants:
            return  # its equations don't know the name
        self._check_constant(name, value)
        if network_path(names.constant(name)) in self._state:
            self._write(names.constant(name), value)
        else:
            self._constants[name] = value

    @property
    def _constants_now(self) -> dict[str, float]:
        """The values that all constants have now."""
        return {name: self._constant(name) for name in self._constants}

    def _constant(self, name: str) -> float:
        """The value that a constant has now: that of its slot, if it has one."""
        path = network_path(names.constant(name))
        return float(self._state[path]) if path in self._state else self._constants[name]

    def _check_constant(self, name: str, value: float) -> None:
        """Refuse a value of a constant with which an equation could not be computed; warn if steps are too long."""
        for owner in self._owners:
            if name in owner._spec.constants:
                owner._check_limit(name, np.asarray(value))
                caution(owner, {name: value})

    def _known_constants(self, read: Iterable[str]) -> frozenset[str]:
        """Return the names among some that this network gives a value."""
        return frozenset(self._constants.keys() & set(read))

    @property
    def _slot_constants(self) -> list[str]:
        """The constants that are values of the tree, sorted: what an object reads, or what was declared here."""
        return sorted(self._read_constants(self._owners) | self._own_constants)

    def _read_constants(self, owners: Iterable[Population | Projection]) -> frozenset[str]:
        """The constants that objects read."""
        read = {name for owner in owners for name in owner._spec.constants}
        rules = (o._draft.stop for o in owners if isinstance(o, Population) and o._draft.stop is not None)
        return self._known_constants(read | {name for rule in rules for name in rule.constants})

    @property
    def _owners(self) -> list[Population | Projection]:
        return [*self._populations.values(), *self._projections.values()]

    # -- compiling ---------------------------------------------------------------------------------------

    def compile(self, directory: str = "", silent: bool = True, backend: str | None = None, **hints: Any) -> None:
        """Draw the synapses, allocate all values and build the kernels; afterwards the network can run.

        Args:
            backend: ``c``, or ``numpy`` for the interpreter, which needs no compiler and is slow. By default ``c``, and
                ``numpy`` with a warning where there is no compiler.
            directory, silent, hints: accepted for scripts written for ANNarchy; they have no effect.

        Raises:
            CompileError: if there is no C compiler and ``backend="c"`` was asked for.
            InvalidArgument: if a projection has no connector.
        """
        if self._compiled:
            return
        self._backend = chosen_backend(backend, partial(compile_ahead, self))
        with self._lock, no_collection(), self._program():
            compiling.pour(self)
            self._write(names.DRAWS_AT_COMPILE, self._value(names.DRAWS))
            self._compiled = True
            self._first_seed = self.seed
            self._derived.prepare()
        settle(self)
        for owner in self._owners:
            caution(owner)

    @contextmanager
    def _program(self, check: Callable[[Iterable[Slot]], None] | None = None) -> Iterator[None]:
        """Make the tree, which the caller fills; if that fails, all is as before, so that the user can try again.

        Args:
            check: looks at the slots of objects before there is memory for them; may raise.
        """
        before, self._state = self._state, State()
        self._derived, self._check = Derived(self), FiniteCheck(self)
        try:
            for path, slot in before.slots().items():  # the clock
                self._state.put(slot, before.read(path))
            compiling.program(self, check)
            yield
        except BaseException:
            self._state, self._compiled = before, False
            for projection in self._projections.values():
                projection._forget_synapses()
            raise

    def _reshape(self, projection: Projection, name: str, values: Array) -> None:
        """Give a slot values of another form (one number becomes one per synapse), with the kernels that this needs."""
        slot = self._state.slot(projection._place(name))
        old = self._state.read(slot.path)
        self._state.put(slot.with_shape(values.shape), values)
        try:
            self._derived.prepare([projection])
        except BaseException:
            self._state.put(slot, old)
            self._derived.prepare([projection])
            raise

    def _next_draw(self) -> int:
        """Count a draw that the user asked for; its number is part of the random stream's key."""
        number = int(self._value(names.DRAWS))
        self._write(names.DRAWS, number + 1)
        return number % 2**32

    def _all_draws_or_none(self, values: Iterable[Any]) -> AbstractContextManager[None]:
        """Count the draws of an assignment of some values only if nothing in it is wrong.

        Generators of the user's own are then where they were, too.
        """
        drawn = [value for value in values if isinstance(value, Distribution)]
        return self._draws([one.rng for one in drawn if one.rng is not None]) if drawn else nullcontext()

    @contextmanager
    def _draws(self, generators: list[np.random.Generator]) -> Iterator[None]:
        before = self._state.read(network_path(names.DRAWS))
        states = [generator.bit_generator.state for generator in generators]
        try:
            yield
        except BaseException:
            self._write(names.DRAWS, before)
            for generator, state in zip(generators, states, strict=True):
                generator.bit_generator.state = state
            raise

    def _usable(self) -> None:
        if self._state.broken:
            raise BrokenNetwork(f"{self._state.broken}\n  help: load a file, or reset().")

    @contextmanager
    def _whole(self, what: str) -> Iterator[None]:
        """Hold interrupts while something happens that is all or nothing, and say so if it breaks off midway."""
        with held_interrupts() as interrupted:
            try:
                yield
            except BaseException as error:
                self._state.broken = f"{what} failed half way ({type(error).__name__}: {error})"
                raise
        if interrupted:
            raise KeyboardInterrupt

    def _needs_compile(self, what: str) -> None:
        if not self._compiled:
            raise NotCompiled(f"{what} needs a compiled network\n  help: call compile() first.")

    # -- running -----------------------------------------------------------------------------------------

    def simulate(
        self,
        duration: float,
        measure_time: bool = False,
        progress: bool = False,
        profile: bool = False,
        callbacks: bool = True,
    ) -> Profile | None:
        """Simulate ``duration`` ms (rounded up to whole steps).

        Args:
            measure_time: print how long it took.
            progress: show a progress bar.
            profile: measure each job of the steps; the results are the same bits.
            callbacks: call what was declared with :func:`engram.every`.

        Returns:
            With ``profile`` a :class:`~engram.network.profile.Profile`: print it to see where the time went.

        Raises:
            NotCompiled: before :meth:`compile`.
            InvalidArgument: with ``profile``, for a network that was compiled with ``backend="numpy"``.
            KeyboardInterrupt: on Ctrl-C; the network stands between two steps and can be saved or go on.
            Exception: whatever a callback raises, as it is; the network stands between two steps, as above.
        """
        self._needs_compile("simulate()")
        self._usable()
        begin = time.perf_counter()
        n_steps, found = steps_ceil(duration, self.dt), None
        self._callbacks.begin(callbacks)
        try:
            if profile:
                from engram.network.profile import profiled  # which most scripts never need

                found = profiled(self, n_steps, progress)
            else:
                run(self, n_steps, progress)
        finally:
            self._callbacks.end()
        if measure_time:
            print(f"simulating {duration:g} ms took {time.perf_counter() - begin:.3g} s")  # noqa: T201  asked for
        return found

    def step(self) -> None:
        """Simulate one step; callbacks are not called."""
        self._needs_compile("step()")
        self._callbacks.refuse("step()")
        run(self, 1)

    def simulate_until(
        self,
        max_duration: float,
        population: Population | list[Population],
        operator: str = "and",
        measure_time: bool = False,
    ) -> float:
        """Simulate until the stop conditions of populations hold, at least one step and at most ``max_duration`` ms.

        Conditions are looked at after each step. Callbacks are not called.

        Args:
            max_duration: in ms, rounded up to whole steps.
            population: one that was created with a ``stop_condition``, or a list of such.
            operator: whether the conditions of all of them must hold (``and``), or one (``or``).
            measure_time: print how long it took.

        Returns:
            the time simulated, in ms.

        Raises:
            NotCompiled: before :meth:`compile`.
            InvalidArgument: if a population has no condition, or an argument can't be; nothing was simulated.
        """
        self._callbacks.refuse("simulate_until()")
        begin = time.perf_counter()
        simulated = simulate_until(self, max_duration, population, operator)
        if measure_time:
            print(f"simulating {simulated:g} ms took {time.perf_counter() - begin:.3g} s")  # noqa: T201  asked for
        return simulated

    def callbacks_enabled(self) -> bool:
        """Return whether :meth:`simulate` calls what was declared with :func:`engram.every`."""
        return self._callbacks.enabled

    def enable_callbacks(self) -> None:
        """Let :meth:`simulate` call callbacks, as it does from the beginning."""
        self._callbacks.enabled = True

    def disable_callbacks(self) -> None:
        """Let :meth:`simulate` call no callbacks until they are enabled again."""
        self._callbacks.enabled = False

    def clear_all_callbacks(self) -> None:
        """Forget all callbacks."""
        self._callbacks.clear()

    def enable_learning(
        self,
        projections: list[Projection] | Projection | None = None,
        period: float | None = None,
        offset: float | None = None,
    ) -> None:
        """Let the synapses of some projections change, of all by default; see :meth:`Projection.enable_learning`.

        Raises:
            InvalidArgument: if one of them is no projection of the network, or a time can't be; nothing has changed.
        """
        asked = asked_projections(self, projections)
        learning_steps(self.dt, period, offset, "enable_learning()")
        for projection in asked:
            projection._learn(period, offset)

    def disable_learning(self, projections: list[Projection] | Projection | None = None) -> None:
        """Freeze the synapses of some projections, of all by default; see :meth:`Projection.disable_learning`.

        Raises:
            InvalidArgument: if one of them is no projection of the network; nothing has changed.
        """
        for projection in asked_projections(self, projections):
            projection.disable_learning()

    def reset(
        self, populations: bool = True, projections: bool = False, synapses: bool = False, monitors: bool = True
    ) -> None:
        """Go back to time 0.

        Args:
            populations: give neurons their initial values; what is in flight is forgotten.
            projections: give synaptic attributes their initial values, but for ``w``.
            synapses: draw connectivity, weights and delays again (the same, as the seed is); implies ``projections``.
            monitors: drop what was recorded.
        """
        self._needs_compile("reset()")
        self._callbacks.refuse("reset()")
        with self._lock, self._whole("reset()"):
            state = self._state
            if state.broken:  # no value can be trusted: everything is made anew from the definitions
                populations = synapses = monitors = True
                restore_definitions(self)
                state.broken = ""
            self._write(names.STEP, 0)
            self._write(names.DRAWS, self._value(names.DRAWS_AT_COMPILE))
            self._write(names.DEFAULT_RNG, 0)
            if self._rng is not None:  # the user may hold it
                self._rng.bit_generator.state = np.random.default_rng(self.seed).bit_generator.state
            if synapses:
                for projection in self._projections.values():
                    projection._redraw()
                fit_histories(self._populations.values())
                self._derived.prepare()
            for projection in self._projections.values():
                if projections or synapses:
                    reset_projection(projection)
                else:
                    forget_events(projection)
            for population in self._populations.values():
                if populations:
                    reset_population(population)
                else:
                    forget_history(population)
            if monitors:
                for monitor in self._monitors.values():
                    monitor.reset()

    # -- files -------------------------------------------------------------------------------------------

    def save(
        self, file: str | os.PathLike[str], populations: bool = True, projections: bool = True, monitors: bool = True
    ) -> SaveReport:
        """Write everything that resume needs.

        Args:
            file: its suffix says how: ``.npz``, ``.engram``, ``.gz``, ``.mat``; any other is a pickle.
            populations, projections, monitors: whether to write those; a file without some is no complete state.

        Raises:
            SaveError: the file could not be written; an old one is as it was.
        """
        return files.save(self, file, populations, projections, monitors)

    def load(
        self,
        file: str | os.PathLike[str],
        populations: bool = True,
        projections: bool = True,
        monitors: bool = True,
        *,
        only: str | Collection[str] | None = None,
        cast: bool = False,
        exact: bool = False,
    ) -> LoadReport:
        """Load what :meth:`save` wrote; afterwards the network goes on as the saved one would have.

        Args:
            populations, projections, monitors: whether to load those.
            only: paths of objects (``populations/exc``) or values; the rest stays as it is.
            cast: accept a dtype in which some values don't survive.
            exact: refuse whatever would not go on to the bit.

        Raises:
            NotCompiled: before :meth:`compile`.
            StateMismatch, DamagedFile, UnsupportedFile: nothing has changed.
        """
        return files.load(
            self,
            file,
            populations=populations,
            projections=projections,
            monitors=monitors,
            only=only,
            cast=cast,
            exact=exact,
        )

    @property
    def load_report(self) -> LoadReport | None:
        """What the last :meth:`load`, or :func:`engram.open`, did; None if nothing was loaded."""
        return self._load_report

    def save_parameters(self, file: str | os.PathLike[str], network: dict[str, Any] | None = None) -> None:
        """Write the global parameters as JSON that people can edit.

        Args:
            file: ``.json`` by convention.
            network: dictionary to keep in the file; by default the one that was loaded last.
        """
        files.save_parameters(self, file, network)

    def load_parameters(
        self, file: str | os.PathLike[str], global_only: bool = True, verbose: bool = False, strict: bool = True
    ) -> dict[str, Any]:
        """Set parameters from a JSON file: all of them, or none if one is wrong.

        Args:
            global_only: skip local parameters; otherwise they, and variables, are set to one value for all elements.
            verbose: print what was set.
            strict: an unknown name is an error; otherwise it is skipped with a warning.

        Returns:
            The dictionary ``network`` of the file as it stands there.

        Raises:
            ParametersError: with line and column of everything that is wrong; nothing was set.
        """
        return files.load_parameters(self, file, global_only, verbose, strict)

    def digest(self) -> str:
        """Return a hash of everything that is saved: 32 hexadecimal digits, equal for equal values."""
        self._needs_compile("digest()")
        self._usable()
        with self._lock:
            self._store_generator()
            return digest_tree(self._state.leaves())

    def _store_generator(self) -> None:
        words = generator_words(self.default_rng)
        if not np.array_equal(words, self._value(names.DEFAULT_RNG)):
            self._write(names.DEFAULT_RNG, words)

    def _loaded(self, owner: Population | Projection | None = None) -> None:
        """Derive what follows from values that have just been replaced.

        Args:
            owner: whose they are; None: of the whole network.
        """
        if owner is None:
            self._loaded_all()
        else:
            self._loaded_one(owner)
        if self.damage:
            warn(f"what was loaded is damaged, infinite or NaN: {self.damage}")

    def _loaded_all(self) -> None:
        if self._rng is not None:
            restore_generator(self._rng, self._value(names.DEFAULT_RNG))
        for monitor in self._monitors.values():
            monitor._loaded()
        fit_histories(self._populations.values())
        self._derived.prepare()

    def _loaded_one(self, owner: Population | Projection) -> None:
        if isinstance(owner, Population):
            fit_histories([owner])
            self._derived.reschedule(owner)  # its window may be another
        else:
            fit_histories([owner._pre, owner._post])
            self._derived.prepare([owner])

    # -- copies ------------------------------------------------------------------------------------------

    def copy(self) -> Self:
        """Return a network that is equal and shares nothing: what happens to one does not happen to the other.

        Compiled or not, it goes on to the bit as this one would. What users keep in a network, as attributes, is
        copied with it (``copy.deepcopy``), so that their handles become those of the copy; the constructor of a
        subclass is not called.

        Warns of what is drawn from a generator of the user's own (``rng=``): the copy draws it from its seed.

        Raises:
            BrokenNetwork: if a load failed half way.
        """
        return self.__deepcopy__({})

    def __copy__(self) -> Self:
        return self.copy()

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        from engram.network.copies import copied  # which most scripts never need

        with self._lock:
            return copied(self, memo)

    def __reduce__(self) -> Any:
        from engram.network.copies import pickled  # as above

        with self._lock:
            return pickled(self)

    # -- descriptions ------------------------------------------------------------------------------------

    def memory_footprint(self, show_py_side: bool = True, show_cpp_side: bool = True) -> Memory:
        """Return how many bytes each object occupies; print it.

        Args:
            show_py_side: count what was given and Python keeps: initial values, weights and delays as arrays.
            show_cpp_side: count what kernels work on: the values, the synapses, what is derived from them, records.
        """
        from engram.network.memory import memory_footprint  # which most scripts never need

        return memory_footprint(self, python=show_py_side, native=show_cpp_side)

    def explain(self, what: str | Population | Projection) -> Explanation:
        """Return what engram makes of an object: equations, methods, slots, kernels and their C; print it.

        Args:
            what: a population or projection, or its name; where both have it, ``populations/<name>``.

        Raises:
            InvalidArgument: if there is no such object.
        """
        from engram.network.explain import explain  # with the whole language, which most scripts never need

        return explain(self, what)

    def report(
        self,
        filename: str | os.PathLike[str] = "./report.tex",
        standalone: bool = True,
        gather_subprojections: bool = False,
        title: str | None = None,
        author: str | None = None,
        date: str | None = None,
    ) -> str:
        """Write a description of the network as LaTeX or Markdown; see :func:`engram.network.report.report`."""
        from engram.network.report import report  # as above

        return report(self, filename, standalone, gather_subprojections, title, author, date)


def _found(known: dict[str, T], name: str, kind: str) -> T:
    found = known.get(spelled(name, f"the name of a {kind}")) if isinstance(name, str) else None
    if found is None:
        raise InvalidArgument(
            f"there is no {kind} {name!r}\n  help: there are {', '.join(map(repr, known)) or 'none'}."
        )
    return found


implicit.kind = Network
