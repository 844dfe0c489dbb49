"""The seed, which scripts for ANNarchy also set after ``compile()``."""

from __future__ import annotations

from typing import cast

from engram.callers import checked
from engram.network.implicit import network_or_implicit
from engram.network.network import Network
from engram.program.config import changed

__all__ = ["set_seed"]


@checked
def set_seed(seed: int | None, network: Network | None = None) -> None:
    """Set the seed of a network, by default of the implicit one.

    Before compile it is the seed of everything, later that of what is drawn from then on: what ``compile()`` drew
    stays, and ``reset(synapses=True)`` draws with the new one.
    """
    one = cast(Network, network_or_implicit(network))
    if not one.compiled:
        one.config(seed=seed)
        return
    one._core.config = changed(one._core.config, {"seed": seed})
    one._keeper.runner.seed_anew()
