"""What records in a network: monitors, also of the BOLD signal. For :class:`Network`."""

from __future__ import annotations

from typing import Any, ClassVar

from engram.callers import checked_calls
from engram.errors import InvalidArgument
from engram.network.any_network import found
from engram.network.bold import BoldMonitor
from engram.network.dendrite import Dendrite
from engram.network.members import Members
from engram.network.monitor import BOLD, Monitor
from engram.network.population import Population
from engram.network.projection import Projection
from engram.network.view import PopulationView
from engram.telling import told

__all__ = ["Monitored"]


@checked_calls
class Monitored(Members):
    """A network that is recorded; see :class:`engram.Network`."""

    _kinds: ClassVar[Any]  # of handles; the network has them

    def monitor(
        self,
        obj: Population | PopulationView | Projection | Dendrite,
        variables: str | list[str] | tuple[str, ...] = "",
        period: float | None = None,
        period_offset: float | None = None,
        start: bool = True,
        name: str | None = None,
    ) -> Monitor:
        """Create a monitor; see :class:`Monitor`."""
        made: Monitor = self._kinds.monitor(obj, variables, period, period_offset, start, name, network=self)
        return made

    def get_extension(self, name: str) -> BoldMonitor:
        """Return a monitor of the BOLD signal by name."""
        return found({one.name: one for one in self.get_extensions()}, name, "extension")

    def get_extensions(self) -> list[BoldMonitor]:
        """Return the monitors of the BOLD signal, which are the extensions of networks that there are."""
        return [one for one in self.get_monitors() if isinstance(one, BoldMonitor)]

    def remove(self, monitor: Monitor | str) -> None:
        """Take a monitor out of the network, with what it has recorded; see :meth:`Monitor.remove`.

        Args:
            monitor: of this network, or its name.

        Raises:
            InvalidArgument: if it is none. Populations and projections stay: make a network without them.
        """
        self._refuse_to_remove(monitor)
        one = self._monitors.get(getattr(monitor, "name", ""))
        if isinstance(monitor, str):
            one = found(self._monitors, monitor, "monitor")
        elif one is None or one is not monitor:
            raise InvalidArgument(
                f"remove(): {told(monitor)} is no monitor of this network"
                "\n  help: net.get_monitors() lists those there are."
            )
        one.remove()

    def _refuse_to_remove(self, other: Any) -> None:
        """Refuse to remove a population or a projection, given itself or by its name, which no monitor has."""
        name = other if isinstance(other, str) else getattr(other, "name", "")
        kind = "population" if name in self._populations else "projection" if name in self._projections else ""
        if kind and (name not in self._monitors if isinstance(other, str) else not isinstance(other, Monitor)):
            raise InvalidArgument(
                f"remove(): {kind} {name!r} can't be removed: monitors alone can"
                "\n  help: net.excerpt([...]) makes a network of the populations and projections that it is given."
            )

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
