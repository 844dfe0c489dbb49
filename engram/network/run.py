"""Running: in stretches of about 50 ms, so that Ctrl-C and a progress bar work; it stops between steps only.

A call into C leaves the clock and the records at the last step, so an interrupt may come at any moment. A step of the
interpreter is many operations: there it is held until the step is done. Called by :meth:`Network.simulate`.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from engram.native.pool import POOL
from engram.network.interrupts import held_interrupts
from engram.network.places import STOP_REACHED
from engram.state import names

if TYPE_CHECKING:
    from engram.native.meter import Meter
    from engram.network.network import Network

__all__ = ["run"]


def run(network: Network, n_steps: int, progress: bool = False, meter: Meter | None = None) -> None:
    """Run ``n_steps`` steps, or fewer where the conditions hold that ``simulate_until`` waits for.

    Interrupted by Ctrl-C, it stops between two steps and raises KeyboardInterrupt.

    Args:
        n_steps: 0 or more.
        progress: show a progress bar.
        meter: measures the jobs, if given.
    """
    if not progress:
        _run(network, n_steps, meter, None)
        return
    from tqdm import tqdm

    with tqdm(total=n_steps, unit=" steps", unit_scale=True) as bar:
        _run(network, n_steps, meter, bar.update)


def _run(network: Network, n_steps: int, meter: Meter | None, show: Callable[[int], object] | None) -> None:
    left, stretch = n_steps, partial(_stretch, network, meter)
    check = network._check if network._config.check_finite and n_steps else None
    if check is not None:
        with network._lock:
            network._usable()
            check.begin(stretch, n_steps)
    while left > 0:
        with network._lock:
            network._usable()
            done = stretch(left) if check is None else check.run(stretch, left)
        left -= done
        if show is not None:
            show(done)
        if STOP_REACHED in network._state and network._value(names.STOP_REACHED):
            break
    if check is not None:
        with network._lock:
            check.end(stretch, n_steps)


def _stretch(network: Network, meter: Meter | None, n_steps: int) -> int:
    """Run up to ``n_steps`` steps and return how many were done."""
    network._derived.fill()
    if network._backend == "numpy":
        return _interpret(network)
    with POOL:
        return network._derived.engine.run(n_steps, network._threads, meter)


def _interpret(network: Network) -> int:
    from engram.ir.interpret import run_step

    with held_interrupts() as interrupted:
        run_step(network._derived.jobs, network._state, network._derived.rows, network.dt, network.seed)
        network._write(names.STEP, network._state.step + 1)
    if interrupted:
        raise KeyboardInterrupt
    return 1
