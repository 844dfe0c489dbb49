"""Networks as scripts for ANNarchy 5 use them: its keywords, and None where a name is absent."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, ClassVar

import engram
from engram.annarchy.command_line import compiling, set_as_asked, simulating
from engram.annarchy.handles import MONITORS, Monitor, Population, Projection
from engram.annarchy.inputs import READY_MADE
from engram.annarchy.keywords import COMPILE, as_there
from engram.callers import warn
from engram.errors import InvalidArgument, UnknownSetting, WrongCall
from engram.network.network import Kinds

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
        return found(super().get_extension, name)

    set_seed = as_there(engram.Network.set_seed, "seed use_seed_seq", is_method=True)

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
        warn(_with(error, "it is None here"))
        return None


def _with(error: Exception, what: str) -> str:
    """Return a message that says what has become of it before what to type."""
    before, help_, advice = str(error).partition("\n  help:")
    return f"{before}\n  {what}{help_}{advice}"


def configured(config: Callable[..., None], settings: dict[str, Any]) -> None:
    """Change settings, all that there are; warn of the others."""
    try:
        config(**settings)
    except UnknownSetting as error:
        warn(_with(error, "it is left out"))
        configured(config, {name: value for name, value in settings.items() if name != error.setting})
