"""Arguments as scripts for ANNarchy 4.8 and 5.0 write them, which engram's calls take beside their own.

This is the whole of it: who checks a call (``callers.py``) looks here for a name that it does not know. Signatures and
``help`` have engram's names alone.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from engram.network_numbers import network_of

__all__ = ["NO_EFFECT", "OTHER_NAMES", "respelled"]

OTHER_NAMES = {
    "filename": "file",
    "progress_bar": "progress",
    "net_id": "network",
}
"""ANNarchy's -> engram's, in every call that takes the latter. A network has a number: ``net_id=net.id``, 0 is the
implicit one; functions of the module take it, too (``network/numbered.py``)."""

WITH_VALUES_BESIDE = "save_parameters"
"""The call whose ``network`` is something else."""

INPUTS = """
    InputArray TimedArray SpikeSourceArray PoissonPopulation TimedPoissonPopulation HomogeneousCorrelatedSpikeTrains
    CurrentInjection DecodingProjection
"""

NO_EFFECT = {
    "copied": f"Population Projection BoldMonitor {INPUTS}",
    "disable_omp": "Projection connect",
    "pickle_encoding": "load",
    "show_monitor_memory_estimate": "simulate",
    "storage_order": "Population create",
    "use_seed_seq": "set_seed",
}
"""Those that say how ANNarchy computes or stores, and change no result -> the calls that take them."""


def respelled(call: str, known: Collection[str], given: dict[str, Any]) -> dict[str, Any]:
    """Return the arguments of a call under the names that it knows.

    Args:
        call: the name of the function, or of the class.
        known: what it takes.
        given: by name.

    Raises:
        InvalidArgument: if ``net_id`` is the number of no network.
    """
    found = {}
    for name, value in given.items():
        here = OTHER_NAMES.get(name, name)
        if name in known or here not in known or here in given or (name == "net_id" and call == WITH_VALUES_BESIDE):
            here = name
        if name in known or call not in NO_EFFECT.get(name, "").split():
            found[here] = network_of(value) if here != name == "net_id" else value
    return found
