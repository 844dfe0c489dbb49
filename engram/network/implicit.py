"""The implicit network: what ``eg.setup``, ``eg.Population`` or ``eg.simulate`` act on when no network is named.

The functions forward to the network and do nothing else. In a notebook it begins anew where the cell that has made all
of it is run again.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from engram.callers import warn
from engram.errors import InvalidArgument
from engram.network.any_network import AnyNetwork
from engram.network.cells import Cell, running_cell
from engram.program.config import Config
from engram.telling import told

__all__ = ["ImplicitNetwork", "implicit", "network_or_implicit"]


class ImplicitNetwork:
    """Holds the implicit network; it is made when first needed."""

    def __init__(self) -> None:
        self._network: AnyNetwork | None = None
        self._has_told = False
        self._kept = Config()  # settings of the network before, which ``clear`` keeps
        self._cells: list[Cell | None] = []  # which have made it, one or more times each
        self.waiting: list[Any] = []  # inputs that were made without a network, until one takes them
        self.kind: Any = None  # the class Network; set by network.py, which knows it

    def get(self) -> AnyNetwork:
        """Return the network, making it if there is none."""
        if self._network is None:
            self._network = self.kind(seed=self._kept.seed)
            self._network._core.is_implicit = True
        while self.waiting and not self._network.compiled:
            self.waiting.pop(0)._join(self._network)
        return self._network

    @property
    def now(self) -> AnyNetwork | None:
        """The network, if there is one."""
        return self._network

    def begin_anew(self, tells: bool = True) -> None:
        """Forget the network if all of it was made by the cell that is running, in a run before.

        Whoever runs a cell again means the network that it describes, and no second one beside it. If other cells have
        made parts of it a warning says so, unless what is made takes the place of what was made (``tells=False``).
        """
        now = running_cell()
        before = [was for was in self._cells if was and now and was.cell == now.cell and was.run != now.run]
        if not before or self._network is None:
            return
        if all(was and was.cell == before[0].cell for was in self._cells):
            self.clear()
        elif tells and now not in self._cells and not self._network.compiled:
            what = "this cell was run before: what it makes now stands beside what it made then"
            warn(f"{what}\n  help: eg.clear() in the first cell begins anew.")

    def to_define(self, tells: bool = True) -> AnyNetwork:
        """Return the network to which something is added: in a cell that is run again a fresh one."""
        self.begin_anew(tells)
        return self.get()

    def note(self, network: AnyNetwork, one: Any = None) -> None:
        """Note the cell that has added something to a network.

        Args:
            one: a population or projection, of which a warning says so if the cell has made such before. Of
                populations of the implicit network :meth:`begin_anew` has said it.
        """
        now, is_mine = running_cell(), network is self._network
        if now and one is not None and not (is_mine and (now in self._cells or one._core.section == "populations")):
            before = network._made_in_cells.note_beside(one)
            if before is not None:
                kind = one._core.kind
                what = (
                    f"this cell was run before: {kind} {one.name!r} stands beside {before.name!r}, which it made then"
                )
                first = "eg.clear() in the first cell" if is_mine else "net = eg.Network(...), run again before it,"
                warn(f"{what}\n  help: {first} begins anew.")
        if is_mine and now not in self._cells:
            self._cells.append(now)

    def refuse_waiting(self, network: AnyNetwork | None, *ones: Any) -> None:
        """Refuse inputs that belong to no network where another network than the implicit one is meant.

        Args:
            network: that is meant; None: that of the others.
            ones: what shall be connected or recorded.

        Raises:
            InvalidArgument: see above.
        """
        waiting = [one for one in ones if any(one is other for other in self.waiting)]
        known = (vars(one).get("_network") for one in ones if hasattr(one, "__dict__") and one not in waiting)
        meant = next((one for one in (network, *known) if one is not None), None)
        if waiting and meant is not None and meant is not self._network:
            what = f"{waiting[0]!r} belongs to no network yet"
            raise InvalidArgument(
                f"{what}\n  help: net.create(...) makes one in a network, and returns it: use that one."
            )

    def warn_of_callbacks(self, other: object) -> None:
        """Tell once that what was declared for the implicit network, which is empty, is not called by another one."""
        mine = self._network
        if mine is None or mine is other or mine._populations or self._has_told:
            return
        names = [*mine._keeper.runner.callbacks]
        if names:
            self._has_told = True
            what = f"{names[0]} was declared by every() for the implicit network, which is empty: it is never called"
            warn(f"{what}\n  help: @net.every(period=...) declares it for the network 'net'.")

    @property
    def settings(self) -> Config:
        """What new networks take: the settings of the implicit one, but for its seed."""
        return replace(self._kept if self._network is None else self._network._core.config, seed=None)

    def clear(self) -> None:
        """Forget the network, but not its settings; the next use makes a new one."""
        if self._network is not None:
            self._kept = self._network._core.config
            self._network._core.is_cleared = True
        self._network = None
        self.waiting.clear()
        self._cells.clear()
        self._has_told = False

    def forget(self) -> None:
        """Forget the network and its settings."""
        self.clear()
        self._kept = Config()


implicit = ImplicitNetwork()


def network_or_implicit(network: Any, defines: bool = False) -> AnyNetwork:
    """Return ``network``, or the implicit one for None.

    Args:
        defines: whether something is added to it, see :meth:`ImplicitNetwork.to_define`.

    Raises:
        InvalidArgument: if it is no network.
    """
    if network is None:
        return implicit.to_define() if defines else implicit.get()
    if not isinstance(network, AnyNetwork):
        raise InvalidArgument(
            f"expected a network, got {told(network)}"
            "\n  help: one that eg.Network(dt=0.1) gave; left out, it is the implicit one."
        )
    return network
