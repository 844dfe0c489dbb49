"""Networks as scripts for ANNarchy 5 use them: its keywords, and None where a name is absent."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, ClassVar

import engram
from engram.annarchy import seeds
from engram.annarchy.command_line import compiling, set_as_asked, simulating
from engram.annarchy.handles import MONITORS, Monitor, Population, Projection
from engram.annarchy.inputs import READY_MADE
from engram.annarchy.keywords import COMPILE, as_there
from engram.annarchy.numbers import number_of
from engram.callers import warn
from engram.errors import InvalidArgument, UnknownAttribute, UnknownSetting, WrongCall
from engram.network.network import Kinds
from engram.persistence.keeper import Keeper
from engram.program.backends import NATIVE
from engram.program.config import changed as config_with
from engram.program.program import Program
from engram.telling import told

if TYPE_CHECKING:
    from typing_extensions import Self

__all__ = ["Network", "configured", "found"]


class Network(engram.Network):
    """A network of populations and projections; see :class:`engram.Network`."""

    _kinds: ClassVar[Kinds] = Kinds(Population, Projection, Monitor, READY_MADE, MONITORS)
    _begins_anew: ClassVar[bool] = True

    create = as_there(
        engram.Network.create, "geometry neuron stop_condition name population storage_order", is_method=True
    )
    connect = as_there(engram.Network.connect, "pre post target synapse name projection disable_omp", is_method=True)
    compile = as_there(compiling(engram.Network.compile, is_method=True), COMPILE, is_method=True)
    parallel_run = set_as_asked(engram.Network.parallel_run)
    simulate = as_there(
        simulating(engram.Network.simulate), "duration measure_time callbacks progress_bar>progress", is_method=True
    )
    save = as_there(engram.Network.save, "filename>file populations projections", is_method=True)
    load = as_there(engram.Network.load, "filename>file populations projections pickle_encoding", is_method=True)
    save_parameters = as_there(engram.Network.save_parameters, "filename>file", is_method=True)
    load_parameters = as_there(engram.Network.load_parameters, "filename>file global_only verbose", is_method=True)

    def config(self, **settings: Any) -> None:
        """Change settings; see :meth:`engram.Network.config`. Unknown ones are left out with a warning."""
        configured(super().config, settings)

    def get_population(self, name: str) -> Any:
        """Return a population by name, or None with a warning."""
        return found(super().get_population, name)

    def get_projection(self, name: str) -> Any:
        """Return a projection by name, or None with a warning."""
        return found(super().get_projection, name)

    def get_monitor(self, name: str) -> Any:
        """Return a monitor by name, or None with a warning."""
        return found(super().get_monitor, name)

    def get_constant(self, name: str) -> Any:
        """Return a constant by name, or None with a warning."""
        return found(super().get_constant, name)

    def get_extension(self, name: str) -> Any:
        """Return a monitor of the BOLD signal by name, or None with a warning."""
        known = {one.name: one for one in self.get_extensions()}
        if name not in known:
            there_are = f"there are {', '.join(map(repr, known)) or 'none'}."
            warn(f"there is no extension {told(name)}\n  help: {there_are}\n  it is None here")
        return known.get(name)

    def get_extensions(self) -> list[engram.BoldMonitor]:
        """Return the monitors of the BOLD signal, which are the extensions of networks that engram has."""
        return [one for one in self.get_monitors() if isinstance(one, engram.BoldMonitor)]

    def clear(self, **_what: bool) -> None:
        """Forget everything in the network but its settings and its seed; handles of it are lost.

        Args:
            _what: accepted, as of :func:`engram.clear`; what is declared for all networks stays.
        """
        self._keeper.runner.callbacks.refuse("clear()")
        self._hold(Keeper(Program(config_with(self._core.config, {"seed": self.seed}), NATIVE)))

    def __getattr__(self, name: str) -> Any:
        """Return the folder of compiled code as ``directory``, unless a script has assigned another."""
        if name == "directory":
            from engram.native.cache import current  # which most scripts never need

            return str(current().root)
        if name == "instance":
            what = "a network of engram has no compiled module of its own, which is 'instance' in ANNarchy"
            raise UnknownAttribute(f"{what}\n  help: pop.v, proj.w and net.simulate(ms) do what its methods did.")
        return super().__getattr__(name)

    @property
    def id(self) -> int:
        """A number by which functions find the network: ``simulate(100.0, net_id=net.id)``."""
        return number_of(self)

    def get_current_step(self) -> int:
        """Return the number of finished steps."""
        return self.current_step

    def set_current_step(self, step: int) -> None:
        """Set the number of finished steps."""
        self.current_step = step

    def set_time(self, t: float) -> None:
        """Set the time in ms."""
        self.time = t

    def set_seed(self, seed: int, use_seed_seq: bool = True) -> None:
        """Set the seed: before compile of all, later of what is drawn from then on."""
        seeds.set_seed(seed, self)

    def copy(self, *args: Any, **kwargs: Any) -> Self:
        """Return a copy of the network; with arguments, a new instance of its class, compiled, made with them."""
        if not args and not kwargs:
            return super().copy()
        named = {"seed": self.seed, **kwargs}
        new = self._instance(self._core.config, args, named, named["seed"])
        new.compile()
        return new


def found(get: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    """Return what a getter finds, or None, with a warning, where it finds nothing."""
    try:
        return get(*args, **kwargs)
    except WrongCall:
        raise
    except InvalidArgument as error:
        warn(f"{error}\n  it is None here")
        return None


def configured(config: Callable[..., None], settings: dict[str, Any]) -> None:
    """Change settings, all that there are; warn of the others."""
    try:
        config(**settings)
    except UnknownSetting as error:
        warn(f"{error}\n  it is left out")
        configured(config, {name: value for name, value in settings.items() if name != error.setting})
