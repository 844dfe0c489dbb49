"""Networks as users hold them: populations, projections and monitors that share a clock, a seed and one tree of values.

The public class :class:`Network` is a handle: the work is done by ``program`` (builds, runs), ``persistence`` (saves,
loads, copies) and ``explain``.
"""

from __future__ import annotations

import copy
import dataclasses
import os
import time
from collections.abc import Callable, Iterator, Mapping
from difflib import get_close_matches
from functools import cache, partial
from itertools import islice
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple, TypeVar, cast

import numpy as np
import numpy.typing as npt

from engram.callers import checked_calls, warn
from engram.errors import InvalidArgument, UnknownAttribute
from engram.models.definition import Neuron, Synapse
from engram.network.constant import NetworkConstant
from engram.network.dendrite import Dendrite
from engram.network.guessed import no_attribute
from engram.network.handle import is_among
from engram.network.implicit import implicit
from engram.network.monitor import BOLD, MONITORS, Monitor
from engram.network.population import READY_MADE, Population
from engram.network.projection import Projection
from engram.network.repeated import Repeated
from engram.network.saving import Saving
from engram.network.subclassing import NetworkType
from engram.network.view import PopulationView
from engram.network.weights import set_weights
from engram.persistence.keeper import Keeper
from engram.program.backends import NATIVE, chosen_backend
from engram.program.building import begin_again, build
from engram.program.callbacks import Times
from engram.program.clock import set_step, set_time
from engram.program.config import CHECKS, Config, changed
from engram.program.constants import PROGRAMS, declare_constant
from engram.program.creating import fit_times
from engram.program.first_start import compile_first
from engram.program.learning import learning_steps
from engram.program.neurons import Neurons
from engram.program.program import Program
from engram.program.recorder import Recorder
from engram.program.run import run
from engram.program.synapses import Synapses
from engram.program.unheard import warn_of_vain
from engram.program.units import steps_ceil
from engram.program.until import run_until
from engram.state.spelling import spelled

if TYPE_CHECKING:
    from typing_extensions import Self

    from engram.explain.explanation import Explanation
    from engram.explain.memory import Memory
    from engram.explain.profile import Profile

__all__ = ["Kinds", "Network"]

Array = npt.NDArray[Any]
T = TypeVar("T")
N = TypeVar("N", bound="Network")
F = TypeVar("F", bound=Callable[[int], object])
SHOWN = 10  # names in a message


class Kinds(NamedTuple):
    """The classes of the handles that a network makes."""

    population: type[Population] = Population
    projection: type[Projection] = Projection
    monitor: type[Monitor] = Monitor
    ready_made: Mapping[str, type[Population]] = READY_MADE
    monitors: Mapping[str, type[Monitor]] = MONITORS

    def of(self, neurons: Neurons) -> type[Population]:
        """Return the class of a population: by its model, if that is a ready-made one."""
        kind = self.ready_made.get(neurons.definition.name, self.population)
        return kind if kind._needs <= set(neurons.attributes) else self.population

    def of_recorder(self, recorder: Recorder) -> type[Monitor]:
        """Return the class of a monitor: by the model of its population, if it has made one of its name."""
        population = recorder.population
        is_its_own = recorder.projection is None and recorder.name == population.name
        return self.monitors.get(population.definition.name, self.monitor) if is_its_own else self.monitor


@checked_calls
class Network(Saving, Repeated, metaclass=NetworkType):
    """A network of populations and projections. Subclasses need no ``super().__init__()``.

    ``for pop in net`` and ``len(net)`` are about its populations; ``net["name"]`` is the population, projection or
    monitor of that name, and ``in`` says whether there is one.

    Args:
        dt: step in ms. By default it is, like all other settings but the seed, what :func:`engram.setup` was given;
            1.0 if that was not called.
        seed: of everything random; drawn from the system if None. Same seed, same results, on any number of threads.

    Raises:
        InvalidArgument: if one of them can't be.
    """

    _kinds: ClassVar[Kinds] = Kinds()
    _begins_anew: ClassVar[bool] = False  # whether studies of a subclass make new instances, or copies of one
    _given: tuple[tuple[Any, ...], dict[str, Any]] | None = None  # what its class was called with; None: it is a copy

    def __init__(self, dt: float | None = None, seed: int | None = None) -> None:
        given = {name: value for name, value in (("dt", dt), ("seed", seed)) if value is not None}
        if "_core" in vars(self):  # of a subclass, which has its network already
            self.config(**given)
        else:
            self._hold(Keeper(Program(changed(implicit.settings, given), NATIVE)))

    def _hold(self, keeper: Keeper) -> None:
        """Become the handle of a network, with handles of all that is in it.

        Raises:
            InvalidArgument: if a model has attributes that handles have already.
        """
        self._keeper = keeper
        keeper.users_attributes = lambda: _users_attributes(self)
        self._core: Program = keeper.program
        self._populations: dict[str, Population] = {}
        self._projections: dict[str, Projection] = {}
        self._monitors: dict[str, Monitor] = {}
        PROGRAMS.add(self._core)
        for neurons in self._core.populations.values():
            self._populations[neurons.name] = _around(self._kinds.of(neurons), self, neurons)
        for synapses in self._core.projections.values():
            self._projections[synapses.name] = _around(self._kinds.projection, self, synapses)
        for recorder in self._core.monitors.values():
            population, ranks = self._populations[recorder.population.name], recorder.ranks
            kind = self._kinds.of_recorder(recorder)
            monitor = kind.__new__(kind)
            whole = population if ranks is None else population._views.several(population, ranks)
            of_synapses = None if recorder.projection is None else self._projections[recorder.projection.name]
            monitor._hold(self, recorder, whole if of_synapses is None else of_synapses)

    @classmethod
    def _of(cls, keeper: Keeper) -> Self:
        """Return the handle of a network that was made without one; the class's own constructor is not called."""
        network = cls.__new__(cls)
        network._hold(keeper)
        return network

    @classmethod
    def _instance(cls, config: Config, args: tuple[Any, ...], kwargs: dict[str, Any], seed: int) -> Self:
        """Return a new network of a subclass, made by its constructor.

        Args:
            config: settings with which it begins, but for the seed.
            args, kwargs: of the constructor.
        """
        network = cls.__new__(cls)
        own = {"dt": kwargs.get("dt", config.dt), "seed": seed}
        network._hold(Keeper(Program(changed(config, own), NATIVE)))
        network._given = args, {**kwargs, **own}
        cls._construct(network, args, {**kwargs, **own})
        if network.seed != seed:  # a constructor may have one of its own
            network.config(seed=seed)
        return network

    # -- what it is --------------------------------------------------------------------------------------

    def __setattr__(self, name: str, value: Any) -> None:
        """Let users keep what they like in a network (``self.exc = self.create(...)``), but not under our names."""
        known = getattr(Network, name, None)
        is_setting = name in CHECKS and name != "dt"
        if name[:1] != "_" and (is_setting or (known is not None and getattr(known, "fset", None) is None)):
            when = "" if name == "num_threads" else " before compile()"
            advice = f"config({name}=...){when} sets it." if is_setting else "choose another name."
            raise UnknownAttribute(f"{name!r} of a network can't be assigned\n  help: {advice}")
        object.__setattr__(self, name, value)

    @property
    def dt(self) -> float:
        """Step in ms; can be set before compile, see :meth:`config`."""
        return self._core.dt

    @dt.setter
    def dt(self, ms: float) -> None:
        self.config(dt=ms)

    @property
    def seed(self) -> int:
        """The seed of everything random."""
        return self._core.seed

    @property
    def compiled(self) -> bool:
        """Whether :meth:`compile` was called."""
        return self._core.compiled

    @property
    def current_step(self) -> int:
        """Number of finished steps.

        When it is set, the clock stands there and nothing has happened: spikes in flight arrive, and traces decay, as
        many steps later as they would have. Random draws are those of the new steps.
        """
        return self._core.state.step

    @current_step.setter
    def current_step(self, step: int) -> None:
        self._keeper.runner.callbacks.refuse("set the clock")
        set_step(self._core, step)

    @property
    def time(self) -> float:
        """Time simulated so far, in ms; can be set to a multiple of ``dt``, see :attr:`current_step`."""
        return self._core.state.step * self.dt

    @time.setter
    def time(self, ms: float) -> None:
        self._keeper.runner.callbacks.refuse("set the clock")
        set_time(self._core, ms)

    def get_time(self) -> float:
        """Return the time simulated so far, in ms."""
        return self.time

    @property
    def default_rng(self) -> np.random.Generator:
        """A NumPy generator for the user's own draws, seeded by the network; saved and resumed with it."""
        return self._keeper.runner.rng

    def __repr__(self) -> str:
        parts = f"{len(self._populations)} populations, {len(self._projections)} projections"
        damage = self.damage if self._keeper.runner.check.has_found else ""
        return f"<{type(self).__name__}: {parts}, t = {self.time:g} ms{', damaged: ' if damage else ''}{damage}>"

    def __getattr__(self, name: str) -> Any:
        raise no_attribute(self, name)

    def __contains__(self, one: Any) -> bool:
        """Say whether a population, projection or monitor is of this network, or has that name here."""
        kinds = (self._populations, self._projections, self._monitors)
        return any(one in known if isinstance(one, str) else is_among(known, one) for known in kinds)

    def __iter__(self) -> Iterator[Population]:
        """Go through the populations in the order of their creation."""
        return iter(self.get_populations())

    def __len__(self) -> int:
        """Return the number of populations."""
        return len(self._populations)

    def __bool__(self) -> bool:
        return True  # also without populations

    def __getitem__(self, name: str) -> Any:
        """Return the population, projection or monitor of that name.

        Raises:
            InvalidArgument: if there is none, or there are several, of different kinds.
        """
        kinds: dict[str, dict[str, Any]] = {
            "population": self._populations,
            "projection": self._projections,
            "monitor": self._monitors,
        }
        asked = spelled(name, "the name of an object")
        having = [kind for kind, known in kinds.items() if asked in known]
        if len(having) > 1:
            advice = " or ".join(f"get_{kind}({name!r})" for kind in having)
            raise InvalidArgument(f"there are a {' and a '.join(having)} {name!r}\n  help: {advice} says which.")
        known = {name: one for some in kinds.values() for name, one in some.items()}
        return _found(known, name, "population, projection or monitor")

    @property
    def damage(self) -> str:
        """Which values are infinite or NaN now, ``v of population 'exc' (3 of 800)``; empty if all are finite."""
        return self._keeper.runner.damage

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
        core, runner = self._core, self._keeper.runner
        old, new = core.config, changed(core.config, settings)
        if core.compiled and dataclasses.replace(new, num_threads=old.num_threads) != old:
            advice = "give them to Network(...), setup(...) or config(...) before it."
            raise InvalidArgument(f"only num_threads can be changed after compile()\n  help: {advice}")
        if new.event_clock != old.event_clock and self._projections:
            raise InvalidArgument(
                "event_clock can't be changed once there are projections: their synapses are made for one\n"
                "  help: set it first."
            )
        if new.dt != old.dt:
            fit_times(core, runner.callbacks, new.dt)
        core.config = new
        if new.seed != old.seed:
            runner.seed_anew()

    # -- building ----------------------------------------------------------------------------------------

    def create(
        self,
        geometry: int | tuple[int, ...] | Population | None = None,
        neuron: Neuron | type[Neuron] | None = None,
        stop_condition: str | None = None,
        name: str | None = None,
        population: Population | None = None,
    ) -> Population:
        """Create a population; see :class:`Population`.

        Args:
            geometry, neuron, stop_condition, name: as of :class:`Population`.
            population: instead of geometry and neuron, as the first argument or by name: one such as
                ``eg.TimedArray(rates)``, which is made in this network. The new one is returned.
        """
        made = geometry if population is None else population
        if isinstance(made, Population):
            return self._made_like(made, name, stop_condition, geometry if population is not None else None, neuron)
        if made is None or neuron is None:
            what = "the geometry" if made is None else "the neuron"
            raise InvalidArgument(f"create() needs {what}\n  help: net.create(100, eg.Izhikevich)")
        return self._kinds.population(made, neuron, name, stop_condition, network=self)

    def connect(
        self,
        pre: Population | PopulationView | str | Projection | None = None,
        post: Population | PopulationView | str | None = None,
        target: str | list[str] | tuple[str, ...] = "",
        synapse: Synapse | type[Synapse] | None = None,
        name: str | None = None,
        projection: Projection | None = None,
    ) -> Projection:
        """Create a projection, which then needs a connector; see :class:`Projection`.

        Args:
            pre, post, target, synapse, name: as of :class:`Projection`.
            projection: instead of these, as the first argument or by name: one such as
                ``eg.CurrentInjection(inp, cells, "exc")`` between populations of this network. It is returned.
        """
        made = pre if projection is None else projection
        if isinstance(made, Projection):
            return self._taken(made)
        if made is None:
            raise InvalidArgument("connect() needs the populations\n  help: net.connect(pre, post, 'exc')")
        return self._kinds.projection(made, cast(Any, post), target, synapse, name, network=self)

    def monitor(
        self,
        obj: Population | PopulationView | Projection | Dendrite,
        variables: str | list[str] | tuple[str, ...] = (),
        period: float | None = None,
        period_offset: float | None = None,
        start: bool = True,
        name: str | None = None,
    ) -> Monitor:
        """Create a monitor; see :class:`Monitor`."""
        return self._kinds.monitor(obj, variables, period, period_offset, start, name, network=self)

    def boldmonitor(
        self,
        populations: Any,
        bold_model: Any = None,
        mapping: dict[str, Any] | None = None,
        scale_factor: Any = None,
        normalize_input: Any = None,
        recorded_variables: str | list[str] | tuple[str, ...] | None = None,
        start: bool = False,
        name: str | None = None,
    ) -> Any:
        """Create a monitor of the BOLD signal; see :class:`BoldMonitor`."""
        kind: Any = self._kinds.monitors[BOLD]
        more = (scale_factor, normalize_input, recorded_variables, start, name)
        return kind(populations, bold_model, mapping, *more, network=self)

    def boldmonitor_from_slices(
        self,
        population: Population,
        slices: Any = None,
        bold_model: Any = None,
        mapping: dict[str, Any] | None = None,
        normalize_input: Any = 0,
        recorded_variables: str | list[str] | tuple[str, ...] | None = None,
        start: bool = False,
        name: str | None = None,
    ) -> Any:
        """Create a monitor of the BOLD signals of parts of a population; see :meth:`BoldMonitor.of_slices`."""
        kind: Any = self._kinds.monitors[BOLD]
        more = (normalize_input, recorded_variables, start, name)
        return kind.of_slices(population, slices, bold_model, mapping, *more, network=self)

    def _made_like(self, one: Population, name: str | None, stop: str | None, *others: Any) -> Population:
        """Return a population of this network that begins as another one does.

        Raises:
            InvalidArgument: if something is said of it twice, or it is none that can be made again.
        """
        if any(other is not None for other in others):
            raise InvalidArgument("create() makes a population like the one that is given: without geometry and neuron")
        made = one._made_in(self, name)
        if stop is not None:
            made.stop_condition = stop
        return made

    def _taken(self, made: Projection) -> Projection:
        """Return a projection that was made between populations of this network."""
        if made._network is not self:
            what = f"projection {made.name!r} connects populations of another network"
            raise InvalidArgument(f"{what}\n  help: connect populations that create() of this network returned.")
        return made

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

    def get_projections(
        self,
        post: Population | PopulationView | str | None = None,
        pre: Population | PopulationView | str | None = None,
        target: str | None = None,
        suppress_error: bool = False,
    ) -> list[Projection]:
        """Return the projections in the order of their creation.

        Args:
            post, pre: only those of this population, or of the whole one of which this is a view; names will do.
            target: only those with this target, alone or among others.
            suppress_error: return an empty list if none is as asked.

        Raises:
            InvalidArgument: if none is as asked, or something is no population.
        """
        ends = {"post": post, "pre": pre}
        named = {side: _population_name(one, side) for side, one in ends.items() if one is not None}
        found = [
            projection
            for projection in self._projections.values()
            if all(getattr(projection._core, side).name == name for side, name in named.items())
            and (target is None or target in projection._core.targets)
        ]
        if not found and not suppress_error and (named or target is not None):
            asked = {**named, **({} if target is None else {"target": target})}
            words = ", ".join(f"{side}={name!r}" for side, name in asked.items())
            raise InvalidArgument(f"there is no projection with {words}\n  help: suppress_error=True gives [].")
        return found

    def _core_of(self, owner: Population | Projection) -> Neurons | Synapses:
        """Return what a population or projection of this network is and has."""
        for known in (self._populations, self._projections):
            if is_among(known, owner):
                return owner._core
        raise InvalidArgument(
            f"explain needs a population or projection of this network, or its name, not {owner!r:.80}"
        )

    # -- constants ---------------------------------------------------------------------------------------

    def constant(self, name: str, value: float) -> NetworkConstant:
        """Make a number known to the equations of this network by name, or give it another value.

        Raises:
            InvalidArgument: if one of them can't be, or the name is new after compile.
        """
        declare_constant(self._core, name, value)
        return self.get_constant(name)

    def get_constant(self, name: str) -> NetworkConstant:
        """Return a constant: a number with a method ``set``. Python computes with its value of now."""
        _found(self._core.constants, name, "constant")
        return NetworkConstant(name, self._core.constant(name), self._core)

    def get_constants(self) -> list[NetworkConstant]:
        """Return the constants that the network knows, in the order of their declaration."""
        return [NetworkConstant(name, self._core.constant(name), self._core) for name in self._core.constants]

    # -- compiling ---------------------------------------------------------------------------------------

    def compile(self, directory: str = "", silent: bool = True, backend: str | None = None, **hints: Any) -> None:
        """Draw the synapses, allocate all values and build the kernels; afterwards the network can run.

        A second call does nothing, and warns. A warning also says if the network is empty, or if a synapse reads a
        firing rate that nothing computes.

        Args:
            backend: ``c``, or ``numpy`` for the interpreter, which needs no compiler and is slow. By default ``c``, and
                ``numpy`` with a warning where there is no compiler.
            directory, silent, hints: accepted for scripts written for ANNarchy; they have no effect.

        Raises:
            CompileError: if there is no C compiler and ``backend="c"`` was asked for.
            InvalidArgument: if a projection has no connector.
        """
        if self.compiled:
            warn(f"compile(): {self!r} is compiled already, and stays as it is\n  help: leave the second call out.")
            return
        warn_of_vain(self._core)
        build(self._keeper.runner, chosen_backend(backend, partial(compile_first, self._core)))

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
            With ``profile`` a :class:`~engram.explain.profile.Profile`: print it to see where the time went.

        Raises:
            NotCompiled: before :meth:`compile`.
            InvalidArgument: with ``profile``, for a network that was compiled with ``backend="numpy"``.
            KeyboardInterrupt: on Ctrl-C; the network stands between two steps and can be saved or go on.
            Exception: whatever a callback raises, as it is; the network stands between two steps, as above.
        """
        core, runner = self._core, self._keeper.runner
        core.needs_compile("simulate()")
        core.usable()
        implicit.warn_of_callbacks(self)
        begin = time.perf_counter()
        n_steps, found = steps_ceil(duration, self.dt), None
        runner.callbacks.begin(callbacks)
        try:
            if profile:
                from engram.explain.profile import profiled  # which most scripts never need

                found = profiled(runner, n_steps, progress)
            else:
                run(runner, n_steps, progress)
        finally:
            runner.callbacks.end()
        if measure_time:
            print(f"simulating {duration:g} ms took {time.perf_counter() - begin:.3g} s")  # noqa: T201  asked for
        return found

    def step(self) -> None:
        """Simulate one step; callbacks are not called."""
        runner = self._keeper.runner
        runner.program.needs_compile("step()")
        runner.callbacks.refuse("step()")
        run(runner, 1)

    def every(self, period: float, offset: float = 0.0, wait: float = 0.0) -> Callable[[F], F]:
        """Let :meth:`simulate` call a function at given times: ``@net.every(period=10.0)``; see :func:`engram.every`.

        Raises:
            InvalidArgument: if a time can't be, or the function can't be called with a number.
        """
        times = Times(period, offset, wait)
        times.steps(self.dt, "every()")

        def declare(function: F) -> F:
            self._keeper.runner.callbacks.add(function, times)
            return function

        return declare

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
        runner = self._keeper.runner
        runner.callbacks.refuse("simulate_until()")
        begin = time.perf_counter()
        runner.program.needs_compile("simulate_until()")
        runner.program.usable()
        listed = population if isinstance(population, list | tuple) else [population]
        for one in listed:
            if not is_among(self._populations, one):
                raise InvalidArgument(f"simulate_until(): expected populations of this network, got {one!r:.60}")
        simulated = run_until(runner, max_duration, [one._core for one in listed], operator)
        if measure_time:
            print(f"simulating {simulated:g} ms took {time.perf_counter() - begin:.3g} s")  # noqa: T201  asked for
        return simulated

    def callbacks_enabled(self) -> bool:
        """Return whether :meth:`simulate` calls what was declared with :func:`engram.every`."""
        return self._keeper.runner.callbacks.enabled

    def enable_callbacks(self) -> None:
        """Let :meth:`simulate` call callbacks, as it does from the beginning."""
        self._keeper.runner.callbacks.enabled = True

    def disable_callbacks(self) -> None:
        """Let :meth:`simulate` call no callbacks until they are enabled again."""
        self._keeper.runner.callbacks.enabled = False

    def clear_all_callbacks(self) -> None:
        """Forget all callbacks."""
        self._keeper.runner.callbacks.clear()

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
        asked = self._asked_projections(projections)
        learning_steps(self.dt, period, offset, "enable_learning()")
        for projection in asked:
            projection._learn(period, offset)

    def disable_learning(self, projections: list[Projection] | Projection | None = None) -> None:
        """Freeze the synapses of some projections, of all by default; see :meth:`Projection.disable_learning`.

        Raises:
            InvalidArgument: if one of them is no projection of the network; nothing has changed.
        """
        for projection in self._asked_projections(projections):
            projection.disable_learning()

    def _asked_projections(self, asked: Any) -> list[Projection]:
        """Return the projections that a call is about: all of the network for None.

        Raises:
            InvalidArgument: if something is no projection of the network.
        """
        if asked is None:
            return self.get_projections()
        listed = list(asked) if isinstance(asked, list | tuple) else [asked]
        for one in listed:
            if not is_among(self._projections, one):
                what = f"expected projections of this network, got {one!r:.60}"
                raise InvalidArgument(f"{what}\n  help: give a list of them, or nothing for all.")
        return listed

    def reset(
        self,
        populations: bool = True,
        projections: bool | None = None,
        synapses: bool = False,
        monitors: bool = True,
        reseed_rng: bool = True,
        parameters: bool = True,
    ) -> None:
        """Go back to time 0.

        Args:
            populations: give neurons their initial values; what is in flight is forgotten.
            projections: give synaptic attributes their initial values, but for ``w``; None: where ``synapses`` is True.
            synapses: draw connectivity, weights and delays again (the same, as the seed is); implies ``projections``,
                with a warning where ``projections=False`` was given beside it.
            monitors: drop what was recorded.
            reseed_rng: let :attr:`default_rng`, and what is drawn for distributions that are assigned, begin again;
                what equations draw follows from the seed and the step, and is the same again in any case.
            parameters: these, too; False: variables alone get their initial values, and parameters stay as they are,
                but for those of synapses that are drawn again.
        """
        runner = self._keeper.runner
        runner.program.needs_compile("reset()")
        runner.callbacks.refuse("reset()")
        if synapses and projections is not None and not projections:
            what = "synapses that are drawn again get all their initial values, also with projections=False"
            warn(f"reset(): {what}\n  help: leave out projections=False, or synapses=True.")
        begin_again(runner, populations, bool(projections), synapses, monitors, reseed_rng, parameters)

    # -- weights -----------------------------------------------------------------------------------------

    def weights(self) -> dict[str, Any]:
        """Return the weights of all projections by name, as ``scipy.sparse.csr_matrix``, post neurons by pre neurons.

        Raises:
            NotCompiled: before :meth:`compile`.
        """
        self._core.needs_compile("weights()")
        return {projection.name: projection.weights_csr() for projection in self.get_projections()}

    def set_weights(self, weights: Mapping[str, Any]) -> None:
        """Set the weights of some projections: all that are given, or none if one is wrong.

        Args:
            weights: by name of the projection, what ``proj.w`` takes: matrices as :meth:`weights` returns them, with an
                entry for each synapse, arrays in canonical order, numbers.

        Raises:
            NotCompiled: before :meth:`compile`.
            InvalidArgument: if there is no such projection, or a value does not fit it; nothing has changed.
        """
        set_weights(self._core, weights)

    # -- copies ------------------------------------------------------------------------------------------

    def copy(self) -> Self:
        """Return a network that is equal and shares nothing: what happens to one does not happen to the other.

        Compiled or not, it goes on to the bit as this one would. What users keep in a network, as attributes, is
        copied with it (``copy.deepcopy``), so that their handles become those of the copy; the constructor of a
        subclass is not called.

        What is drawn from generators of the user's own (``rng=``, ``seed=``), the copy draws from copies of them.

        Raises:
            BrokenNetwork: if a load failed half way.
        """
        return self.__deepcopy__({})

    def excerpt(self, parts: list[Population | Projection | Monitor] | None = None) -> Self:
        """Return a network of some parts of this one, of all by default: as they were defined, and not compiled.

        Values that were assigned before compile, connectors and settings are the same, and so is what is drawn: the
        seed is that of this network. Callbacks, recordings and what users keep in the network are left out.

        Raises:
            InvalidArgument: if something is no part of this network, or needs a population that is not listed.
        """
        return self._of(self._excerpt(parts))

    def _excerpt(self, parts: list[Population | Projection | Monitor] | None) -> Keeper:
        from engram.persistence.excerpts import excerpt  # which most scripts never need

        mine = (self._populations, self._projections, self._monitors)
        listed: list[Any] = [one for known in mine for one in known.values()]
        if parts is not None:
            listed = [*parts] if isinstance(parts, list | tuple) else [parts]
        for one in listed:
            if not any(is_among(known, one) for known in mine):
                raise InvalidArgument(f"expected populations, projections and monitors of {self!r}, got {one!r:.60}")
        brought = (part for one in listed for part in (one._parts if isinstance(one, Monitor) else [one]))
        with self._core.lock:
            return excerpt(self._keeper, [*dict.fromkeys(part._core for part in brought)])

    def _take_parts(self, other: Network, parts: list[Population | Projection | Monitor]) -> None:
        """Become an excerpt of another network; handles of this one are lost."""
        self._hold(other._excerpt(parts))

    def __copy__(self) -> Self:
        return self.copy()

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        from engram.persistence.copies import copied  # which most scripts never need

        with self._core.lock:
            new = self._of(copied(self._keeper))
        memo[id(self)] = new
        for name, value in _users_attributes(self).items():
            try:
                vars(new)[name] = copy.deepcopy(value, memo)
            except TypeError as error:
                advice = "take it off the network, or give its class __deepcopy__."
                raise InvalidArgument(f"the attribute {name!r} can't be copied: {error}\n  help: {advice}") from error
        return new

    def __reduce__(self) -> Any:
        from engram.persistence.copies import pickled  # as above

        with self._core.lock:
            return _unpickled, (type(self), *pickled(self._keeper)), _users_attributes(self)

    # -- descriptions ------------------------------------------------------------------------------------

    def memory_footprint(self, show_py_side: bool = True, show_cpp_side: bool = True) -> Memory:
        """Return how many bytes each object occupies; print it.

        Args:
            show_py_side: count what was given and Python keeps: initial values, weights and delays as arrays.
            show_cpp_side: count what kernels work on: the values, the synapses, what is derived from them, records.
        """
        from engram.explain.memory import memory_footprint  # which most scripts never need

        return memory_footprint(self._core, python=show_py_side, native=show_cpp_side)

    def explain(self, what: str | Population | Projection) -> Explanation:
        """Return what engram makes of an object: equations, methods, slots, kernels and their C; print it.

        Args:
            what: a population or projection, or its name; where both have it, ``populations/<name>``.

        Raises:
            InvalidArgument: if there is no such object.
        """
        from engram.explain.explanation import explain  # with the whole language, which most scripts never need

        return explain(self._core, what if isinstance(what, str) else self._core_of(what))

    def report(
        self,
        filename: str | os.PathLike[str] = "./report.tex",
        standalone: bool = True,
        gather_subprojections: bool = False,
        title: str | None = None,
        author: str | None = None,
        date: str | None = None,
    ) -> str:
        """Write a description of the network: populations, projections, models as mathematics, parameters.

        The same network gives the same bytes. An old file is replaced when the new one is whole.

        Args:
            filename: ``.tex`` or ``.md``.
            standalone: of ``.tex``: a whole document; otherwise sections to be included in one.
            gather_subprojections: list projections of one synapse between the same populations in one row.
            title, author, date: any text; without a date the report has none.

        Returns:
            the path of the file.

        Raises:
            InvalidArgument: for another suffix.
            SaveError: the file could not be written; an old one is as it was.
        """
        from engram.explain.report import write_report  # as above

        return write_report(self._core, filename, standalone, gather_subprojections, title, author, date)


def _found(known: dict[str, T], name: str, kind: str) -> T:
    found = known.get(spelled(name, f"the name of a {kind}")) if isinstance(name, str) else None
    if found is None:
        near = get_close_matches(name, known, 1) if isinstance(name, str) and len(known) > SHOWN else []
        more = f" and {len(known) - SHOWN} more" if len(known) > SHOWN else ""
        there_are = f"there are {', '.join(map(repr, islice(known, SHOWN))) or 'none'}{more}."
        raise InvalidArgument(
            f"there is no {kind} {name!r:.60}\n  help: {f'did you mean {near[0]!r}? ' if near else ''}{there_are}"
        )
    return found


def _population_name(one: Any, side: str) -> str:
    """Return the name of the population that a user gave: itself, a view of it, or a name."""
    if isinstance(one, str):
        return one
    if not isinstance(one, Population | PopulationView):
        raise InvalidArgument(f"get_projections(): {side} must be a population or its name, not {one!r:.60}")
    return (one._population if isinstance(one, PopulationView) else one).name


def _around(kind: type[T], network: Network, core: Neurons | Synapses) -> T:
    """Return the handle of a population or projection that was made without one."""
    kind._check_names(core.definition)  # type: ignore[attr-defined]  # a Handle
    handle = kind.__new__(kind)
    handle._network, handle._core = network, core  # type: ignore[attr-defined]  # as above
    return handle


def _unpickled(kind: type[N], *held: Any) -> N:
    """Return the network of a pickle."""
    from engram.persistence.copies import unpickled  # as above

    return kind._of(unpickled(*held))


def _users_attributes(network: Network) -> dict[str, Any]:
    """Return the attributes that users have given a network."""
    return {name: value for name, value in vars(network).items() if name not in _ours()}


@cache
def _ours() -> frozenset[str]:
    return frozenset(vars(Network(seed=0)))


implicit.kind = Network
