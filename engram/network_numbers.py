"""Numbers of networks: ``simulate(100.0, net_id=net.id)``; 0 is the implicit one."""

from __future__ import annotations

from itertools import count
from typing import Any
from weakref import WeakKeyDictionary, WeakValueDictionary

from engram.errors import InvalidArgument
from engram.telling import told

__all__ = ["network_of", "number_of"]

_NEXT = count(1)
_NUMBERS: WeakKeyDictionary[Any, int] = WeakKeyDictionary()
_NETWORKS: WeakValueDictionary[int, Any] = WeakValueDictionary()


def number_of(network: Any) -> int:
    """Return the number of a network, which it has from the first question on."""
    if network not in _NUMBERS:
        number = next(_NEXT)
        _NUMBERS[network], _NETWORKS[number] = number, network
    return _NUMBERS[network]


def network_of(number: int | None) -> Any:
    """Return the network with a number; None for 0, which is the implicit one.

    Raises:
        InvalidArgument: if there is none.
    """
    if number is None or (number == 0 and not isinstance(number, bool)):
        return None
    found = _NETWORKS.get(number) if isinstance(number, int) else None
    if found is None or isinstance(number, bool):
        raise InvalidArgument(f"net_id={told(number)}: there is no such network\n  help: give net_id=net.id.")
    return found
