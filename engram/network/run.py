"""Running: in stretches of about 50 ms, so that Ctrl-C and a progress bar work; it stops between steps only.

Called by :meth:`Network.simulate`.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import TYPE_CHECKING, Any

from engram.native.pool import POOL
from engram.network.places import STOP_REACHED

if TYPE_CHECKING:
    from engram.native.meter import Meter
    from engram.network.network import Network

__all__ = ["held_interrupts", "run"]


def run(network: Network, n_steps: int, progress: bool = False, meter: Meter | None = None) -> None:
    """Run ``n_steps`` steps, or fewer where the conditions hold that ``simulate_until`` waits for.

    Interrupted by Ctrl-C, it stops between two steps and raises KeyboardInterrupt.

    Args:
        n_steps: 0 or more.
        progress: show a progress bar.
        meter: measures the jobs, if given.
    """
    left = n_steps
    with network._lock:
        network._fill_scratch()
    with held_interrupts() as interrupted, _bar(n_steps, progress) as bar:
        while left > 0:
            done = _advance(network, left, meter)
            left -= done
            bar.update(done)
            if interrupted:
                raise KeyboardInterrupt
            if network._until[0] and network._state[STOP_REACHED]:
                break


def _advance(network: Network, n_steps: int, meter: Meter | None) -> int:
    """Run some of the steps, and return how many."""
    with network._lock:
        network._usable()
        if network._backend == "numpy":
            from engram.ir.interpret import run_step

            run_step(network._jobs, network._state, network._rows, network.dt, network.seed)
            network._state["network/step"][...] += 1
            return 1
        with POOL:
            return network._engine.run(n_steps, network._threads, meter)


@contextmanager
def held_interrupts() -> Iterator[list[int]]:
    """Collect SIGINT instead of raising wherever Python happens to be; only the main thread gets signals."""
    caught: list[int] = []
    if (
        threading.current_thread() is not threading.main_thread()
        or signal.getsignal(signal.SIGINT) is not signal.default_int_handler
    ):
        yield caught
        return

    def note(number: int, frame: FrameType | None) -> None:
        caught.append(number)

    signal.signal(signal.SIGINT, note)
    try:
        yield caught
    finally:
        signal.signal(signal.SIGINT, signal.default_int_handler)


class _NoBar:
    def update(self, n: int) -> None:
        """Show nothing."""


@contextmanager
def _bar(n_steps: int, progress: bool) -> Iterator[Any]:
    if not progress:
        yield _NoBar()
        return
    from tqdm import tqdm

    with tqdm(total=n_steps, unit=" steps", unit_scale=True) as bar:
        yield bar
