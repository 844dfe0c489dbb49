"""What brings a network into files and out of them. For :class:`Network`."""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, Any

from engram.callers import checked_calls
from engram.errors import InvalidArgument
from engram.network.snapshot import Snapshot
from engram.persistence import files, parameter_files
from engram.state.digest import digest_tree

if TYPE_CHECKING:
    from engram.persistence.keeper import Keeper
    from engram.program.program import Program
    from engram.storage.report import LoadReport
    from engram.storage.save import SaveReport

__all__ = ["Saving"]


@checked_calls
class Saving:
    """A network that is saved and loaded; see :class:`engram.Network`."""

    _core: Program
    _keeper: Keeper

    def save(
        self, file: str | os.PathLike[str], populations: bool = True, projections: bool = True, monitors: bool = True
    ) -> SaveReport:
        """Write everything that resume needs.

        Args:
            file: its suffix says how: ``.npz``, ``.engram``, ``.gz``, ``.mat``; any other is a pickle.
            populations, projections, monitors: whether to write those; a file without some is no complete state.

        Raises:
            SaveError: the file could not be written; an old one is as it was.
        """
        return files.save(self._keeper, file, populations, projections, monitors)

    def load(
        self,
        file: str | os.PathLike[str],
        populations: bool = True,
        projections: bool = True,
        monitors: bool = True,
        *,
        only: str | Collection[str] | None = None,
        rename: Mapping[str, str] | None = None,
        cast: bool = False,
        exact: bool = False,
    ) -> LoadReport:
        """Load what :meth:`save` wrote; afterwards the network goes on as the saved one would have.

            net.load("before.npz", only=["populations/exc", "projections/ee/w"], rename={"exc": "PFC_exc"})

        Args:
            populations, projections, monitors: whether to load those.
            only: paths of objects (``populations/exc``) or values, as the file calls them; the rest stays as it is.
            rename: names of objects of the file, and what they are called here.
            cast: accept a dtype in which some values don't survive.
            exact: refuse whatever would not go on to the bit.

        Raises:
            NotCompiled: before :meth:`compile`.
            StateMismatch, DamagedFile, UnsupportedFile: nothing has changed.
        """
        return files.load(
            self._keeper,
            file,
            populations=populations,
            projections=projections,
            monitors=monitors,
            only=only,
            rename=rename,
            cast=cast,
            exact=exact,
        )

    @property
    def load_report(self) -> LoadReport | None:
        """What the last :meth:`load`, or :func:`engram.open`, did; None if nothing was loaded."""
        return self._keeper.load_report

    def save_parameters(self, file: str | os.PathLike[str], network: dict[str, Any] | None = None) -> None:
        """Write the global parameters as JSON that people can edit.

        Args:
            file: ``.json`` by convention.
            network: dictionary to keep in the file; by default the one that was loaded last.
        """
        parameter_files.save_parameters(self._keeper, file, network)

    def load_parameters(
        self, file: str | os.PathLike[str], global_only: bool = True, verbose: bool = False, strict: bool = True
    ) -> dict[str, Any]:
        """Set parameters from a JSON file: all of them, or none if one is wrong.

        Args:
            global_only: skip local parameters, with a warning; otherwise they, and variables, are set to one value for
                all elements.
            verbose: print what was set.
            strict: an unknown name is an error; otherwise it is skipped with a warning.

        Returns:
            The dictionary ``network`` of the file as it stands there.

        Raises:
            ParametersError: with line and column of everything that is wrong; nothing was set.
        """
        return parameter_files.load_parameters(self._keeper, file, global_only, verbose, strict)

    def snapshot(self) -> Snapshot:
        """Return the complete state of the network, recordings included, in memory.

        Raises:
            NotCompiled: before :meth:`compile`.
        """
        from engram.persistence.snapshots import held  # with storage: importing engram must be quick

        # a user's subclass may need what its constructor makes: forks are networks of engram's own class
        plain: Any = next(one for one in type(self).__mro__ if one.__module__.startswith("engram."))
        return Snapshot(held(self._keeper), self._core.dt, plain._of)

    def restore(self, snapshot: Snapshot | Any) -> None:
        """Let the network stand where it stood when the snapshot was taken; any number of times.

        Whatever was changed since then is as it was: values, synapses, delays, recordings, clock, seed.

        Raises:
            StateMismatch: if populations, projections or monitors came or went; nothing has changed.
        """
        if not isinstance(snapshot, Snapshot):
            advice = "s = net.snapshot() makes one; files are for net.load(path)."
            raise InvalidArgument(f"restore() takes a snapshot, got {type(snapshot).__name__}\n  help: {advice}")
        from engram.persistence.snapshots import restore

        restore(self._keeper, snapshot._kept, str(snapshot))

    def digest(self) -> str:
        """Return a hash of everything that is saved: 32 hexadecimal digits, equal for equal values."""
        core = self._core
        core.needs_compile("digest()")
        core.usable()
        with core.lock:
            self._keeper.runner.store_generator()
            return digest_tree(core.state.leaves())
