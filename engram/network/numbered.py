"""Functions of the module that another network than the implicit one can do: ``eg.simulate(10.0, net_id=net.id)``."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from operator import attrgetter
from typing import Any, TypeVar

from engram.callers import checked, shortened
from engram.network_numbers import network_of

__all__ = ["numbered"]

F = TypeVar("F", bound=Callable[..., Any])


def numbered(function: F, of: Callable[[Any], Any] | None = None) -> F:
    """Check the arguments of a function, and let ``net_id`` say which network is meant.

    Args:
        function: does it to the implicit network.
        of: what does it to a given one, or is its result; by default the member that is called as the function is.
    """
    call, member = checked(function), of or attrgetter(function.__name__)

    @wraps(function)  # help shows the function as it is
    def forwarded(*args: Any, **kwargs: Any) -> Any:
        network = network_of(kwargs.pop("net_id", 0))
        if network is None:
            return call(*args, **kwargs)
        does = member(network)
        return does(*args, **kwargs) if callable(does) else checked(lambda: does, function.__name__)(*args, **kwargs)

    return shortened(forwarded)  # type: ignore[return-value]  # it takes and returns the same
