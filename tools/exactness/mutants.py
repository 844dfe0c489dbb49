"""Mutants: files that lack one value, or hold its initial one. Each must be noticed, else forgetting a slot could hide.

In: a model and delays. Out: how each mutant ended. The network that loads it was built with another seed, and holds
other values wherever a user can set them.

* ``refused``: the load says no;
* ``seen``: the digest differs within ``STEPS`` steps;
* ``named``: no digest differs, but the load warned, and its report says what was kept or reset;
* ``unseen``: nothing differs.

Each value that ends as ``named`` or ``unseen`` needs a reason in ``UNSEEN``.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

import engram as eg
from engram.errors import EngramError, LoadWarning, NotFinite
from engram.persistence.files import described
from engram.state.slots import Role
from engram.state.tree import Leaf
from engram.storage.save import save
from tools.exactness.models import built

__all__ = ["KINDS", "STEPS", "UNSEEN", "Mutant", "mutants"]

KINDS = ("dropped", "initial")
SPLIT, STEPS = 37, 23
UNSEEN: Mapping[str, str] = {
    "U": "synapses of another connectivity begin as the script says, which is what the file held",
}
"""Values of which a file may lack one without a difference, by name, and why."""


class Mutant(NamedTuple):
    """How one ended."""

    path: str
    kind: str
    outcome: str


def mutants(name: str, delays: str, folder: Path) -> list[Mutant]:
    """Try every slot that is saved."""
    net = built(name, delays, 42, is_first=True)
    initial = _values(net)
    net.simulate(SPLIT * net.dt)
    now, receiver = _values(net), _receiver(name, delays, net)
    honest, spare = folder / "honest.engram", folder / "spare.engram"
    receiver.save(spare)
    net.save(honest)
    expected = _end(receiver, honest)
    receiver.load(spare)
    found = []
    for path, leaf in now.items():
        others: dict[str, Leaf | None] = {"dropped": None}
        begun = initial.get(path)  # what is in flight at a change of synapses is not there from the beginning
        if begun is not None and (_bytes(begun) != _bytes(leaf) or begun.slot.shape != leaf.slot.shape):
            others["initial"] = begun
        for kind, other in others.items():
            leaves = [*(one for key, one in now.items() if key != path), *([other] if other else [])]
            save(folder / "mutant.engram", described(net._keeper), leaves)
            found.append(Mutant(path, kind, _outcome(receiver, folder / "mutant.engram", expected)))
            receiver.load(spare)
    return found


def _receiver(name: str, delays: str, saved: eg.Network) -> eg.Network:
    """Return a network that differs from the saved one wherever a user can set something."""
    net = built(name, delays, 7)
    net.simulate(11 * net.dt)
    state = net._core.state
    for path, slot in state.slots().items():
        if not slot.hidden and slot.role in (Role.PARAMETER, Role.STATE):
            theirs = saved._core.state.read(path)
            other = _other(theirs if theirs.shape == slot.shape else state.read(path))
            section, name, *rest = path.split("/")
            if (section, rest) == ("projections", ["w"]):
                net.get_projection(name).w = other  # as users do: of a list these were the weights
            else:
                state.write(path, other)
    return net


def _other(array: npt.NDArray[Any]) -> npt.NDArray[Any]:
    if array.dtype == bool:
        return ~array
    other = array * 1.01 + 1e-3 if array.dtype.kind == "f" else np.where(array > 0, array - 1, array + 1)
    return other.astype(array.dtype)  # an integer is still a row of what has rows


def _values(net: eg.Network) -> dict[str, Leaf]:
    """Return copies of all values that are saved."""
    net._keeper.runner.store_generator()
    leaves = net._core.state.leaves()
    return {leaf.slot.path: Leaf(leaf.slot, tuple(np.array(piece) for piece in leaf.pieces)) for leaf in leaves}


def _bytes(leaf: Leaf) -> bytes:
    return b"".join(piece.tobytes() for piece in leaf.pieces)


def _end(net: eg.Network, path: Path) -> tuple[str, str]:
    """Return the digests after a load, and some steps later."""
    net.load(path)
    first = net.digest()
    net.simulate(STEPS * net.dt)
    return first, net.digest()


def _outcome(net: eg.Network, path: Path, expected: tuple[str, str]) -> str:
    before = net.digest()
    try:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always", LoadWarning)
            found = _end(net, path)
    except NotFinite:
        return "seen"  # in the steps after the load
    except EngramError:
        return "refused" if net.digest() == before else "half loaded"
    if found != expected:
        return "seen"
    return "named" if any(issubclass(one.category, LoadWarning) for one in caught) else "unseen"
