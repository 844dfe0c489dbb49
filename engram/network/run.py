"""Running: steps in stretches of about 50 ms, so that Ctrl-C and a progress bar work; it stops between steps only.

Called by :meth:`Network.simulate`.
"""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import TYPE_CHECKING, Any

from engram.native.pool import POOL

if TYPE_CHECKING:
    from engram.network.network import Network

__all__ = ["held_interrupts", "run"]

STRETCH_S = 0.05  # a call into the engine lasts about so long


def run(network: Network, n_steps: int, progress: bool = False) -> None:
    """Run ``n_steps`` steps. Interrupted by Ctrl-C, it stops between two steps and raises KeyboardInterrupt."""
    left, stretch = n_steps, min(n_steps, 64)
    with network._lock:
        network._fill_scratch()
    with held_interrupts() as interrupted, _bar(n_steps, progress) as bar:
        while left > 0:
            begin = time.perf_counter()
            done = _advance(network, min(left, stretch))
            took = time.perf_counter() - begin
            left -= done
            bar.update(done)
            if interrupted:
                raise KeyboardInterrupt
            # aim at STRETCH_S, but don't trust one short measurement by more than a factor of four
            stretch = max(1, min(int(done * STRETCH_S / max(took, 1e-9)), 4 * stretch))


def _advance(network: Network, n_steps: int) -> int:
    with network._lock:
        network._usable()
        if network._backend == "numpy":
            from engram.ir.interpret import run_step

            run_step(network._jobs, network._state, network._rows, network.dt, network.seed)
            network._state["network/step"][...] += 1
            return 1
        with POOL:
            return network._engine.run(n_steps, network._threads)


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
