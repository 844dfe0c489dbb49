"""The clock of a network, what lets it run, and what happens between its steps. For :class:`Network`."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from engram.callers import checked_calls, shortened, warn
from engram.errors import InvalidArgument
from engram.network.handle import is_among
from engram.network.implicit import implicit
from engram.network.members import Members
from engram.network.population import Population
from engram.network.projection import Projection
from engram.program.building import begin_again
from engram.program.callbacks import Times
from engram.program.clock import set_step, set_time
from engram.program.learning import learning_steps
from engram.program.run import run
from engram.program.units import in_ms, steps_ceil, warn_of_rest
from engram.program.until import run_until
from engram.telling import told

if TYPE_CHECKING:
    from engram.explain.profile import Profile

__all__ = ["Running"]

F = TypeVar("F", bound=Callable[[int], object])


@checked_calls
class Running(Members):
    """A network that runs; see :class:`engram.Network`."""

    @property
    def current_step(self) -> int:
        """Number of finished steps.

        When it is set, the clock stands there and nothing has happened: spikes in flight arrive, and traces decay, as
        many steps later as they would have. Random draws are those of the new steps.
        """
        return self._core.state.step

    @current_step.setter
    def current_step(self, step: int) -> None:
        with self._keeper.runner.callbacks.kept_out("set the clock"):
            set_step(self._core, step)

    @property
    def time(self) -> float:
        """Time simulated so far, in ms; can be set to a multiple of ``dt``, see :attr:`current_step`."""
        return float(in_ms(self._core.state.step, self._core.dt))

    @time.setter
    def time(self, ms: float) -> None:
        with self._keeper.runner.callbacks.kept_out("set the clock"):
            set_time(self._core, ms)

    def get_time(self) -> float:
        """Return the time simulated so far, in ms."""
        return self.time

    def set_time(self, t: float) -> None:
        """Set :attr:`time`, in ms."""
        self.time = t

    def get_current_step(self) -> int:
        """Return the number of finished steps."""
        return self.current_step

    def set_current_step(self, step: int) -> None:
        """Set :attr:`current_step`, the number of finished steps."""
        self.current_step = step

    @property
    def default_rng(self) -> np.random.Generator:
        """A NumPy generator for the user's own draws, seeded by the network; saved and resumed with it."""
        return self._keeper.runner.rng

    @property
    def damage(self) -> str:
        """Which values are infinite or NaN now, ``v of population 'exc' (3 of 800)``; empty if all are finite."""
        return self._keeper.runner.damage

    def simulate(
        self,
        duration: float,
        measure_time: bool = False,
        progress: bool = False,
        profile: bool = False,
        callbacks: bool = True,
    ) -> Profile | None:
        """Simulate ``duration`` ms (rounded up to whole steps, which a warning says).

        Args:
            measure_time: print how long it took.
            progress: show a progress bar.
            profile: measure each job of the steps; the results are the same bits.
            callbacks: call what was declared with :func:`engram.every`.

        Returns:
            With ``profile`` a :class:`~engram.explain.profile.Profile`: print it to see where the time went.

        Raises:
            NotCompiled: before :meth:`compile`.
            InvalidArgument: with ``profile``, for a network that was compiled with ``backend="numpy"``; in a callback;
                while it simulates in another thread, when it can't be loaded, restored or reset, either.
            KeyboardInterrupt: on Ctrl-C; the network stands between two steps and can be saved or go on.
            Exception: whatever a callback raises, as it is; the network stands between two steps, as above.
        """
        core, runner = self._core, self._keeper.runner
        core.needs_compile("simulate()")
        core.usable()
        implicit.warn_of_callbacks(self)
        begin = time.perf_counter()
        n_steps, found = steps_ceil(duration, core.dt), None
        warn_of_rest(duration, n_steps, core.dt, "simulate()")
        runner.callbacks.begin(callbacks)
        try:
            if profile:
                from engram.explain.profile import profiled  # which most scripts never need

                found = profiled(runner, n_steps, progress)
            else:
                run(runner, n_steps, progress)
        finally:
            runner.callbacks.end()
        if measure_time:
            print(f"simulating {duration:g} ms took {time.perf_counter() - begin:.3g} s")  # noqa: T201  asked for
        return found

    def step(self) -> None:
        """Simulate one step; callbacks are not called."""
        runner = self._keeper.runner
        if runner.single_steps.step():
            return
        runner.program.needs_compile("step()")
        runner.callbacks.refuse("step()")
        run(runner, 1)
        runner.single_steps.note()

    def every(self, period: float, offset: float = 0.0, wait: float = 0.0) -> Callable[[F], F]:
        """Let :meth:`simulate` call a function at given times: ``@net.every(period=10.0)``; see :func:`engram.every`.

        Raises:
            InvalidArgument: if a time can't be, or the function can't be called with a number.
        """
        times = Times(period, offset, wait)
        times.steps(self._core.dt, "every()")

        @shortened
        def declare(function: F) -> F:
            callbacks, key = self._keeper.runner.callbacks, ("every", getattr(function, "__name__", ""))
            before = self._made_in_cells.before(key, lambda one: one in callbacks)
            declared = callbacks.add(function, times)
            if before is not None:
                callbacks.remove(before)
            self._made_in_cells.note(key, declared)
            return function

        return declare

    def simulate_until(
        self,
        max_duration: float,
        population: Population | list[Population],
        operator: str = "and",
        measure_time: bool = False,
    ) -> float:
        """Simulate until the stop conditions of populations hold, at least one step and at most ``max_duration`` ms.

        Conditions are looked at after each step. Callbacks are not called.

        Args:
            max_duration: in ms, rounded up to whole steps.
            population: one that was created with a ``stop_condition``, or a list of such.
            operator: whether the conditions of all of them must hold (``and``), or one (``or``).
            measure_time: print how long it took.

        Returns:
            the time simulated, in ms.

        Raises:
            NotCompiled: before :meth:`compile`.
            InvalidArgument: if a population has no condition, or an argument can't be; nothing was simulated.
        """
        runner = self._keeper.runner
        runner.callbacks.refuse("simulate_until()")
        begin = time.perf_counter()
        runner.program.needs_compile("simulate_until()")
        runner.program.usable()
        listed = population if isinstance(population, list | tuple) else [population]
        for one in listed:
            if not is_among(self._populations, one):
                raise InvalidArgument(
                    f"simulate_until(): expected populations of this network, got {told(one)}"
                    "\n  help: net.simulate_until(1000.0, pop), of a population with a stop_condition=."
                )
        simulated = run_until(runner, max_duration, [one._core for one in listed], operator)
        if measure_time:
            print(f"simulating {simulated:g} ms took {time.perf_counter() - begin:.3g} s")  # noqa: T201  asked for
        return simulated

    def callbacks_enabled(self) -> bool:
        """Return whether :meth:`simulate` calls what was declared with :func:`engram.every`."""
        return self._keeper.runner.callbacks.enabled

    def enable_callbacks(self) -> None:
        """Let :meth:`simulate` call callbacks, as it does from the beginning."""
        self._keeper.runner.callbacks.enabled = True

    def disable_callbacks(self) -> None:
        """Let :meth:`simulate` call no callbacks until they are enabled again."""
        self._keeper.runner.callbacks.enabled = False

    def clear_all_callbacks(self) -> None:
        """Forget all callbacks."""
        self._keeper.runner.callbacks.clear()

    def enable_learning(
        self,
        projections: list[Projection] | Projection | None = None,
        period: float | None = None,
        offset: float | None = None,
    ) -> None:
        """Let the synapses of some projections change, of all by default; see :meth:`Projection.enable_learning`.

        Raises:
            InvalidArgument: if one of them is no projection of the network, or a time can't be; nothing has changed.
        """
        asked = self._asked_projections(projections)
        learning_steps(self._core.dt, period, offset, "enable_learning()")
        for projection in asked:
            projection._learn(period, offset)

    def disable_learning(self, projections: list[Projection] | Projection | None = None) -> None:
        """Freeze the synapses of some projections, of all by default; see :meth:`Projection.disable_learning`.

        Raises:
            InvalidArgument: if one of them is no projection of the network; nothing has changed.
        """
        for projection in self._asked_projections(projections):
            projection.disable_learning()

    def reset(
        self,
        populations: bool = True,
        projections: bool | None = None,
        synapses: bool = False,
        monitors: bool = True,
        reseed_rng: bool = True,
        parameters: bool = True,
    ) -> None:
        """Go back to time 0.

        Args:
            populations: give neurons their initial values; what is in flight is forgotten.
            projections: give synaptic attributes their initial values, but for ``w``; None: where ``synapses`` is True.
            synapses: draw connectivity, weights and delays again (the same, as the seed is, with ``reseed_rng=False``
                others); implies ``projections``, with a warning where ``projections=False`` was given beside it.
            monitors: drop what was recorded.
            reseed_rng: let all that is random begin again, so that the same follows. False: it is another trial of the
                network, whose draws follow from the seed and from how often this was said since they began;
                :attr:`default_rng` goes on.
            parameters: these, too; False: variables alone get their initial values, and parameters stay as they are,
                but for those of synapses that are drawn again.
        """
        runner = self._keeper.runner
        runner.program.needs_compile("reset()")
        runner.callbacks.refuse("reset()")  # before anything is warned of
        if synapses and projections is not None and not projections:
            what = "synapses that are drawn again get all their initial values, also with projections=False"
            warn(f"reset(): {what}\n  help: leave out projections=False, or synapses=True.")
        with runner.callbacks.kept_out("reset()"):
            begin_again(runner, populations, bool(projections), synapses, monitors, reseed_rng, parameters)
