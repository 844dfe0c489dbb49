"""Networks as users hold them: populations, projections and monitors that share a clock, a seed and one tree of values.

The public class :class:`Network` is a handle: the work is done by ``program`` (builds, runs), ``persistence`` (saves,
loads, copies) and ``explain``.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple, TypeVar, cast

from engram.callers import checked_calls, warn
from engram.errors import InvalidArgument, UnknownAttribute
from engram.models.definition import Neuron, Synapse
from engram.network.any_network import found
from engram.network.cells import MadeInCells
from engram.network.constant import NetworkConstant
from engram.network.copied import Copied, users_attributes
from engram.network.described import Described
from engram.network.giving_way import Replaceable
from engram.network.gone import shown_if_there
from engram.network.guessed import no_attribute
from engram.network.implicit import implicit
from engram.network.monitor import MONITORS, Monitor
from engram.network.monitored import Monitored
from engram.network.population import READY_MADE, Population
from engram.network.projection import Projection
from engram.network.repeated import Repeated
from engram.network.running import Running
from engram.network.saving import Saving
from engram.network.subclassing import NetworkType
from engram.network.timing import timeit
from engram.network.view import PopulationView
from engram.persistence.keeper import Keeper
from engram.program.backends import NATIVE, chosen_backend
from engram.program.building import build
from engram.program.config import CHECKS, Config, changed, check_hints
from engram.program.constants import PROGRAMS, declare_constant
from engram.program.creating import fit_times
from engram.program.first_start import compile_first
from engram.program.neurons import Neurons
from engram.program.program import Program
from engram.program.recorder import Recorder
from engram.program.synapses import Synapses
from engram.program.unheard import warn_of_vain
from engram.telling import told

if TYPE_CHECKING:
    from typing_extensions import Self

__all__ = ["Kinds", "Network"]

T = TypeVar("T")


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
        has_its_name = recorder.projection is None and recorder.name == population.name
        return self.monitors.get(population.definition.name, self.monitor) if has_its_name else self.monitor


@checked_calls
class Network(Running, Monitored, Described, Copied, Saving, Repeated, metaclass=NetworkType):
    """A network of populations and projections.

    All that is simulated is made in one::

        net = eg.Network(dt=0.1, seed=42)
        cells = net.create(100, neuron, name="cells")
        net.connect(cells, cells, "exc").fixed_probability(0.1, weights=0.5, delays=2.0)
        spikes = net.monitor(cells, "spike")
        net.compile()
        net.simulate(1000.0)  # ms
        net.save("cells.npz")

    ``for pop in net`` and ``len(net)`` are about its populations; ``net["name"]`` is the population, projection or
    monitor of that name, and ``in`` says whether there is one. Subclasses need no ``super().__init__()``.

    Args:
        dt: step in ms. By default it is, like all other settings but the seed, what :func:`engram.setup` was given;
            1.0 if that was not called.
        seed: of everything random; drawn from the system if None. Same seed, same results, on any number of threads.

    Raises:
        InvalidArgument: if one of them can't be.
    """

    timeit = staticmethod(timeit)
    _kinds: ClassVar[Kinds] = Kinds()
    _begins_anew: ClassVar[bool] = False  # whether studies of a subclass make new instances, or copies of one
    _given: tuple[tuple[Any, ...], dict[str, Any]] | None = None  # what its class was called with; None: it is a copy

    def __init__(self, dt: float | None = None, seed: int | None = None) -> None:
        given = {name: value for name, value in (("dt", dt), ("seed", seed)) if value is not None}
        if isinstance(cast(object, dt), Population | PopulationView | Projection | Monitor | Neuron | Synapse):
            advice = "a network makes what is in it: net = eg.Network(dt=0.1), pop = net.create(100, neuron)."
            raise InvalidArgument(f"Network(): dt must be a number of ms, not {told(dt)}\n  help: {advice}")
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
        keeper.users_attributes = lambda: users_attributes(self)
        self._core: Program = keeper.program
        self._populations: dict[str, Population] = {}
        self._projections: dict[str, Projection] = {}
        self._monitors: dict[str, Monitor] = {}
        self._made_in_cells = MadeInCells()
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
        settings = {"dt": kwargs.get("dt", config.dt), "seed": seed}
        network._hold(Keeper(Program(changed(config, settings), NATIVE)))
        network._given = args, {**kwargs, **settings}
        cls._construct(network, args, {**kwargs, **settings})
        if network.seed != seed:  # a constructor may have one of its own
            network.config(seed=seed)
        return network

    # -- what it is --------------------------------------------------------------------------------------

    def __setattr__(self, name: str, value: Any) -> None:
        """Let users keep what they like in a network (``self.exc = self.create(...)``), but not under our names."""
        known = getattr(Network, name, None)
        is_setting = name in CHECKS and name != "dt"
        if isinstance(known, Replaceable):
            known = None
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

    @shown_if_there
    def __repr__(self) -> str:
        parts = ", ".join(
            f"{len(known)} {kind}{'s' if len(known) != 1 else ''}"
            for kind, known in (("population", self._populations), ("projection", self._projections))
        )
        damage = self.damage if self._keeper.runner.check.has_found else ""
        return f"<{type(self).__name__}: {parts}, t = {self.time:g} ms{', damaged: ' if damage else ''}{damage}>"

    @shown_if_there
    def _repr_html_(self) -> str:
        from engram.explain.shown import shown  # which most scripts never need

        return shown(self._core, repr(self))

    def __getattr__(self, name: str) -> Any:
        raise no_attribute(self, name)

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
        old, new = core.config, changed(core.config, settings, "setup" if core.is_implicit else "config")
        if core.compiled and dataclasses.replace(new, num_threads=old.num_threads) != old:
            where = "setup(...)" if core.is_implicit else "Network(...) or config(...)"
            advice = core.or_anew(f"give them to {where} before it")
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

    def set_seed(self, seed: int | None) -> None:
        """Set the seed: before compile that of everything random, later that of what is drawn from then on.

        What ``compile()`` has drawn stays; ``reset(synapses=True)`` draws with the new one.
        """
        if not self.compiled:
            self.config(seed=seed)
            return
        self._core.config = changed(self._core.config, {"seed": seed})
        self._keeper.runner.seed_anew()

    def clear(
        self, functions: bool = True, neurons: bool = True, synapses: bool = True, constants: bool = True
    ) -> None:
        """Forget everything in the network but its settings and its seed; populations and others of it are lost.

        Args:
            functions, neurons, synapses, constants: accepted for scripts written for ANNarchy, and without effect: what
                is declared for all networks stays; :func:`engram.clear` forgets that.
        """
        old = self._core
        with self._keeper.runner.callbacks.kept_out("clear()"):
            self._hold(Keeper(Program(changed(old.config, {"seed": old.seed}), NATIVE)))
            self._core.is_implicit, old.is_cleared = old.is_implicit, True

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

    def _made_like(self, one: Population, name: str | None, stop: str | None, *others: Any) -> Population:
        """Return a population of this network that begins as another one does.

        Raises:
            InvalidArgument: if something is said of it twice, or it is none that can be made again.
        """
        if any(other is not None for other in others):
            raise InvalidArgument(
                "create() makes a population like the one that is given: without geometry and neuron"
                "\n  help: net.create(population), or net.create(geometry, neuron)."
            )
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
        found(self._core.constants, name, "constant")
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
            directory, silent, hints: accepted for scripts written for ANNarchy; they have no effect. What it does not
                know either is an error.

        Raises:
            CompileError: if there is no C compiler and ``backend="c"`` was asked for.
            InvalidArgument: if a projection has no connector.
        """
        check_hints(hints)
        if self.compiled:
            warn(f"compile(): {self!r} is compiled already, and stays as it is\n  help: leave the second call out.")
            return
        warn_of_vain(self._core)
        build(self._keeper.runner, chosen_backend(backend, partial(compile_first, self._core)))


def _around(kind: type[T], network: Network, core: Neurons | Synapses) -> T:
    """Return the handle of a population or projection that was made without one."""
    kind._check_names(core.definition)  # type: ignore[attr-defined]  # a Handle
    handle = kind.__new__(kind)
    handle._network, handle._core = network, core  # type: ignore[attr-defined]  # as above
    return handle


implicit.kind = Network
