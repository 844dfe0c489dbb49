"""Callbacks: functions of the user's that :meth:`Network.simulate` calls at given times, between two steps.

Each is a job before all others of a step. Its times count from the call of ``simulate``, so nothing of them outlives
one: there is nothing to save.
"""

from __future__ import annotations

import inspect
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any

from engram.callers import plain_number
from engram.errors import InvalidArgument
from engram.ir.jobs import Call
from engram.program.program import Program
from engram.program.units import steps_exactly
from engram.telling import told

__all__ = ["CALLBACK", "Callback", "Callbacks", "Times"]

CALLBACK = "callback "  # what texts of callbacks begin with


@dataclass(frozen=True)
class Times:
    """When a callback is called, in ms; see :func:`engram.every`."""

    period: float
    offset: float
    wait: float

    def steps(self, dt_ms: float, what: str) -> tuple[int, int]:
        """Return in which step of a run the first call is, and how many steps there are from one to the next.

        Args:
            what: for messages.

        Raises:
            InvalidArgument: if one of them can't be.
        """
        period = steps_exactly(self.period, dt_ms, f"{what}: period", least=1)
        number = plain_number(self.offset)
        if number is not None and number < 0:
            offset = -steps_exactly(-number, dt_ms, f"{what}: offset, from the end of the period")
        else:
            offset = steps_exactly(self.offset, dt_ms, f"{what}: offset")
        wait = steps_exactly(self.wait, dt_ms, f"{what}: wait")
        if period < 1 or not -period < offset < period:
            rule = f"period must be at least one step ({dt_ms:g} ms), and offset smaller than it, whatever its sign"
            got = f"not period={told(self.period)}, offset={told(self.offset)}"
            raise InvalidArgument(f"{what}: {rule}, {got}\n  help: every(period=10.0, offset=0.0), in ms.")
        return wait + offset % period, period

    def __str__(self) -> str:
        more = "".join(f", {name} {ms:g} ms" for name, ms in (("offset", self.offset), ("wait", self.wait)) if ms)
        return f"every {self.period:g} ms{more}"


@dataclass(frozen=True, eq=False)
class Callback:
    """A function and its times."""

    function: Callable[[int], object]
    times: Times

    @property
    def name(self) -> str:
        """What the user calls the function."""
        return _name(self.function)

    def __str__(self) -> str:
        return f"{CALLBACK}{self.name!r} {self.times}"


class _Now(threading.local):
    """What a thread is doing: at which step its call of ``simulate`` began, and which callback it is in."""

    began: int | None = None
    inside = ""


class Callbacks:
    """The callbacks of a network, in the order of their declaration.

    Attributes:
        enabled: whether they are called.
    """

    def __init__(self, program: Program) -> None:
        self._program = program
        self._now: _Now | None = None  # made by the first callback: networks without any pay nothing
        self._steps: dict[Callback, tuple[int, int]] = {}  # the first step and the period of each
        self._jobs: dict[Callback, Call] = {}
        self.enabled = True

    def __iter__(self) -> Iterator[Callback]:
        return iter(self._steps)

    def add(self, function: Any, times: Times) -> Callback:
        """Declare a callback, and return it; one that is declared by another joins with the next step.

        Raises:
            InvalidArgument: if it can't be called with a number.
        """
        _check_function(function, "eg" if self._program.is_implicit else "net")
        callback = Callback(function, times)
        steps = times.steps(self._program.dt, f"callback {callback.name!r}")
        now = self._now = self._now or _Now()
        due, call = partial(self._next_step, callback, now), partial(self._call, callback, now)
        job = Call("callback", callback.name, due, call)
        self._steps[callback], self._jobs[callback] = steps, job
        self._program.calls.append(job)
        self._program.changes += 1
        return callback

    def remove(self, callback: Callback) -> None:
        """Forget one of them."""
        del self._steps[callback]
        job = self._jobs.pop(callback)
        self._program.calls[:] = [one for one in self._program.calls if one is not job]
        self._program.changes += 1

    def clear(self) -> None:
        """Forget all of them."""
        self._steps.clear()
        self._jobs.clear()
        self._program.calls.clear()
        self._program.changes += 1

    def fit(self, dt_ms: float) -> None:
        """Let a step be so long.

        Raises:
            InvalidArgument: naming a callback whose times are no whole numbers of such steps; nothing has changed.
        """
        self._steps = {
            callback: callback.times.steps(dt_ms, f"dt can't be {dt_ms:g} ms: callback {callback.name!r}")
            for callback in self._steps
        }

    # -- while a network runs ----------------------------------------------------------------------------

    def begin(self, wanted: bool) -> None:
        """Take note that ``simulate`` is called: if wanted, calls are due in this thread, counted from this step.

        Raises:
            InvalidArgument: in a callback, or while another thread runs the network.
        """
        self.refuse("simulate()")
        if self._now is not None:
            self._now.began = self._program.state.step if wanted else None

    def end(self) -> None:
        """No more calls are due."""
        if self._now is not None:
            self._now.began, self._now.inside = None, ""

    def refuse(self, what: str) -> None:
        """Refuse what can't be done while the network runs: in a callback, or in another thread.

        Outside of a callback no calls are due in this thread, whatever an interrupt has left.

        Raises:
            InvalidArgument: naming the callback, if it is one.
        """
        if self._now is not None and self._now.inside:
            advice = "do it after simulate(); a callback may read and set values, switch monitors, and save()."
            raise InvalidArgument(
                f"can't {what} in a callback ({self._now.inside!r}): its network is simulating\n  help: {advice}"
            )
        self.refuse_elsewhere(what)
        self.end()

    def refuse_elsewhere(self, what: str) -> None:
        """Refuse what can't be done while another thread runs the network.

        Raises:
            InvalidArgument: saying so.
        """
        if self._program.runs_in not in (None, threading.get_ident()):
            advice = "do it after simulate(), thread.join(); meanwhile objects may be read and set, and save() works."
            raise InvalidArgument(f"can't {what}: its network is simulating in another thread\n  help: {advice}")

    @contextmanager
    def kept_out(self, what: str, in_callbacks: bool = False) -> Iterator[None]:
        """Let no run begin while something is done that none may see; refuse it if there is one.

        Args:
            in_callbacks: do it in those.

        Raises:
            InvalidArgument: as :meth:`refuse` does.
        """
        refuse = self.refuse_elsewhere if in_callbacks else self.refuse
        refuse(what)  # before anybody waits for a stretch of it
        with self._program.lock:
            refuse(what)  # one may have begun meanwhile
            yield

    def _next_step(self, callback: Callback, now: _Now, step: int) -> int | None:
        began = now.began
        if began is None or not self.enabled or callback not in self._steps:
            return None
        first, period = self._steps[callback]
        left = began + first - step
        return step + (left if left > 0 else left % period)

    def _call(self, callback: Callback, now: _Now, step: int) -> None:
        first, period = self._steps[callback]
        try:
            now.inside = callback.name
            callback.function((step - (now.began or 0) - first) // period)
        finally:
            now.inside = ""


def _name(function: Any) -> str:
    return str(getattr(function, "__name__", type(function).__name__))


def _check_function(function: Any, of: str) -> None:
    """Refuse what can't be called with a number, or would do nothing then.

    Args:
        of: what the user has called ``every`` of.
    """
    advice = f"write @{of}.every(period=10.0) above def f(n): ..., where n counts the calls."
    if not callable(function):
        raise InvalidArgument(f"every(): expected a function, got {told(function)}\n  help: {advice}")
    if inspect.iscoroutinefunction(function) or inspect.isgeneratorfunction(function):
        what = f"every(): {_name(function)!r} only begins when it is called (async, yield)"
        raise InvalidArgument(f"{what}\n  help: {advice}")
    try:
        inspect.signature(function).bind(0)
    except TypeError as error:
        what = f"every(): {_name(function)!r} can't be called with one number ({error})"
        raise InvalidArgument(f"{what}\n  help: {advice}") from None
    except ValueError:  # a function in C without a signature: the first call will show
        pass
