"""Functions of the module that another network than the implicit one can do: ``eg.simulate(10.0, net_id=net.id)``.

Where the implicit network is empty, and whoever calls one has a network of their own, it is that which is meant.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from operator import attrgetter
from typing import Any, TypeVar

from engram.callers import checked, shortened, users_names, warn
from engram.errors import EngramError, InvalidArgument, NotCompiled
from engram.network.any_network import AnyNetwork
from engram.network.implicit import implicit
from engram.network_numbers import network_of

__all__ = ["numbered", "warn_of_empty"]

F = TypeVar("F", bound=Callable[..., Any])
SILENT = frozenset(
    "clear_all_callbacks disable_callbacks disable_learning enable_callbacks enable_learning get_current_step get_time "
    "monitors populations projections save_parameters set_current_step set_seed set_time".split()
)
"""Functions that do or find nothing in an empty network, without an error."""


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
            if function.__name__ in SILENT:
                warn_of_empty(function.__name__)
            elif function.__name__ == "setup":
                _warn_of_settings(kwargs)
            try:
                return call(*args, **kwargs)
            except (NotCompiled, InvalidArgument) as error:
                raise _meant(error, function.__name__) from error.__cause__
        does = member(network)
        return does(*args, **kwargs) if callable(does) else checked(lambda: does, function.__name__)(*args, **kwargs)

    return shortened(forwarded)  # type: ignore[return-value]  # it takes and returns the same


def _of_user() -> str:
    """Return the name of a network of the user's own, with populations, where the implicit one is empty; or ``""``."""
    mine = implicit.now
    if implicit.waiting or (mine is not None and mine._populations):
        return ""
    found = ((name, one) for name, one in users_names().items() if isinstance(one, AnyNetwork) and one is not mine)
    return next((name for name, one in found if one._populations and not one._core.is_cleared), "")


def warn_of_empty(name: str) -> None:
    """Warn whoever calls a function, which acts on the implicit network, that this is empty, and theirs is another."""
    users = _of_user()
    if users:
        what = f"eg.{name}() is about the implicit network, which is empty"
        member = {"populations": "get_populations", "projections": "get_projections", "monitors": "get_monitors"}
        warn(f"{what}\n  help: {users}.{member.get(name, name)}(...) is that of your network.")


def _warn_of_settings(settings: dict[str, Any]) -> None:
    """Warn whoever changes settings that a network of the user, which could have them, keeps those that it has."""
    users = _of_user()
    if users and settings and not users_names()[users].compiled:
        what = f"eg.setup() is for the implicit network, and for those made from now on: {users} keeps its settings"
        warn(f"{what}\n  help: {users}.config({next(iter(settings))}=...) changes those of your network.")


def _meant(error: EngramError, name: str) -> EngramError:
    """Return an error of the implicit network, or that it is empty where another one is meant."""
    users = _of_user() if isinstance(error, NotCompiled) or name in ("get_population", "get_projection") else ""
    if not users:
        return error
    help_ = f"this is the implicit network, which is empty; {users}.{name}(...) is that of your network."
    return type(error)(f"{str(error).partition(chr(10))[0]}\n  help: {help_}")
