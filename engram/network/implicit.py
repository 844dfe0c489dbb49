"""The implicit network: what ``eg.setup``, ``eg.Population`` or ``eg.simulate`` act on when no network is named.

The functions forward to the network and do nothing else.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from engram.callers import warn
from engram.errors import InvalidArgument
from engram.network.any_network import AnyNetwork
from engram.program.config import Config

__all__ = ["ImplicitNetwork", "implicit", "network_or_implicit"]


class ImplicitNetwork:
    """Holds the implicit network; it is made when first needed."""

    def __init__(self) -> None:
        self._network: AnyNetwork | None = None
        self._has_told = False
        self.waiting: list[Any] = []  # inputs that were made without a network, until one takes them
        self.kind: Any = None  # the class Network; set by network.py, which knows it

    def get(self) -> AnyNetwork:
        """Return the network, making it if there is none."""
        if self._network is None:
            self._network = self.kind()
        while self.waiting and not self._network.compiled:
            self.waiting.pop(0)._join(self._network)
        return self._network

    def refuse_waiting(self, network: AnyNetwork | None, *ones: Any) -> None:
        """Refuse inputs that belong to no network where another network than the implicit one is meant.

        Args:
            network: that is meant; None: that of the others.
            ones: what shall be connected or recorded.

        Raises:
            InvalidArgument: see above.
        """
        waiting = [one for one in ones if any(one is other for other in self.waiting)]
        known = (vars(one).get("_network") for one in ones if hasattr(one, "__dict__") and one not in waiting)
        meant = network or next((one for one in known if one is not None), None)
        if waiting and meant is not None and meant is not self._network:
            what = f"{waiting[0]!r} belongs to no network yet"
            raise InvalidArgument(
                f"{what}\n  help: net.create(...) makes one in a network, and returns it: use that one."
            )

    def warn_of_callbacks(self, other: object) -> None:
        """Tell once that what was declared for the implicit network, which is empty, is not called by another one."""
        mine = self._network
        if mine is None or mine is other or mine._populations or self._has_told:
            return
        names = [*mine._keeper.runner.callbacks]
        if names:
            self._has_told = True
            what = f"{names[0]} was declared by every() for the implicit network, which is empty: it is never called"
            warn(f"{what}\n  help: @net.every(period=...) declares it for the network 'net'.")

    @property
    def settings(self) -> Config:
        """What new networks take: the settings of the implicit one, but for its seed."""
        return Config() if self._network is None else replace(self._network._core.config, seed=None)

    def clear(self) -> None:
        """Forget the network; the next use makes a new one."""
        self._network = None
        self.waiting.clear()
        self._has_told = False


implicit = ImplicitNetwork()


def network_or_implicit(network: Any) -> AnyNetwork:
    """Return ``network``, or the implicit one for None.

    Raises:
        InvalidArgument: if it is no network.
    """
    if network is None:
        return implicit.get()
    if not isinstance(network, AnyNetwork):
        raise InvalidArgument(f"expected a network, got {network!r:.60}")
    return network
