"""What runs a network many times: parameter studies. For :class:`Network`; ``studying.py`` does it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from engram.callers import checked_calls

if TYPE_CHECKING:
    from engram.persistence.keeper import Keeper

__all__ = ["Repeated"]


@checked_calls
class Repeated:
    """A network of which there are studies; see :class:`engram.Network`."""

    _keeper: Keeper

    def parallel_run(
        self,
        method: Any,
        number: Any,
        max_processes: int = -1,
        seeds: Any = None,
        measure_time: bool = False,
        executor: Any = None,
        resume: str | os.PathLike[str] | None = None,
        progress: bool | None = None,
        **parameters: Any,
    ) -> list[Any]:
        """Call ``method(net, ...)`` once for each set of parameters, in several processes; return what it returns.

        Each run gets a copy of this network as it stands, compiled, on one thread; what happens to it stays there. Of
        a network that is not compiled each run draws other synapses and values. Results do not depend on how many
        processes there are, nor on which of them does what.

        Args:
            method: ``method(net, tau=..., ...)``; its result must be something that can be pickled.
            number: of runs; or a list that has for each of them a dictionary of parameters, or the one that it has.
            parameters: of all runs, by name; a list has one value for each run. In a subclass those that its
                constructor takes go there: then each run makes and compiles a new instance.
            max_processes: how many processes; -1: as many as there are cores.
            seeds: None: a seed for each run that follows from that of the network and the run's number; ``same``: that
                of the network; ``sequential``: one more than that, two more, and so on; or a list. A network that has
                been compiled keeps its synapses and values; what it draws from then on follows from the seed.
            measure_time: print how long it took.
            executor: any of ``concurrent.futures`` in place of processes of our own.
            resume: path of a file in which results are kept as they come (JSON lines). What it has is not run again. A
                network without a seed that is not compiled takes the one that the file's drew, with a warning.
            progress: show a progress bar; by default in a terminal.

        Returns:
            the results, in the order of the runs.

        Raises:
            InvalidArgument: if something can't be; nothing was run.
            RunFailed: if a run raises an exception, with its parameters; runs that have not begun are left out.
            WorkerLost: if a process was killed.
            StateMismatch: if the file for ``resume`` is one of another study.
        """
        from engram.network.studying import collected  # which most scripts never need

        asked = (executor, max_processes, resume, progress)
        return collected(self._study(method, number, seeds, parameters, *asked), measure_time)

    def parallel_results(
        self,
        method: Any,
        number: Any,
        max_processes: int = -1,
        seeds: Any = None,
        executor: Any = None,
        resume: str | os.PathLike[str] | None = None,
        progress: bool | None = None,
        **parameters: Any,
    ) -> Iterator[tuple[int, Any]]:
        """Do what :meth:`parallel_run` does, and give ``(number of the run, result)`` for each as it finishes."""
        come = self._study(method, number, seeds, parameters, executor, max_processes, resume, progress)
        return ((run.number, result) for run, result in come)

    def _study(self, method: Any, number: Any, seeds: Any, parameters: dict[str, Any], *asked: Any) -> Any:
        from engram.network.studying import study_of  # as above
        from engram.studies.study import Asked

        return study_of(self, self._keeper.users_attributes(), method, number, seeds, parameters, Asked(*asked))

    def _copies(self, method: Any, common: dict[str, Any]) -> Any:
        """Return the experiment with copies of this network, on one thread each."""
        from engram.network.studying import copies_of  # as above

        return copies_of(self, self._keeper.users_attributes(), method, common, 1)
