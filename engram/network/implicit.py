"""The implicit network: what ``eg.setup``, ``eg.Population`` or ``eg.simulate`` act on when no network is named.

The functions forward to the network and do nothing else.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from engram.network.network import Network

__all__ = ["ImplicitNetwork", "implicit", "network_or_implicit"]


class ImplicitNetwork:
    """Holds the implicit network; it is made when first needed."""

    def __init__(self) -> None:
        self._network: Network | None = None
        self.make: Callable[[], Network] | None = None  # set by network.py, which knows the class

    def get(self) -> Network:
        """Return the network, making it if there is none."""
        if self._network is None:
            if self.make is None:
                raise RuntimeError("engram.network has not been imported")
            self._network = self.make()
        return self._network

    def clear(self) -> None:
        """Forget the network; the next use makes a new one."""
        self._network = None


implicit = ImplicitNetwork()


def network_or_implicit(network: Any) -> Network:
    """Return ``network``, or the implicit one for None."""
    return implicit.get() if network is None else network
