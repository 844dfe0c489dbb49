"""What a load did, as an object that reads well when printed. Returned by ``load``."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from engram import markup
from engram.contents import Contents
from engram.state.spelling import escape

__all__ = ["IN_MEMORY", "LoadReport"]

MOST_LISTED = 20
IN_MEMORY = "memory"  # the format of a snapshot


@dataclass(frozen=True, repr=False)
class LoadReport(Contents):
    """What became of each value; most fields hold paths.

    ``len(report)``, ``for path in report`` and ``path in report`` are about what was loaded.

    Args:
        path, format: the file, and what it is by its content.
        loaded: values that came from the file.
        kept: values that the file lacks and that stayed as they were.
        skipped: values that the network lacks.
        reset: values that could not stay and have their initial value again, or were emptied.
        converted: loaded values that changed dtype or shape on the way.
        model_changed: objects that go on differently: their equations differ between file and network, or another rule.
        differences: what differs there, a line each.
        reconnected: projections whose synapses this network asked for in another way: the file's stand, here and after
            ``reset(synapses=True)``.
        taken: times of monitors that this network asked for in another way, in words: the file's stand.
        not_saved: what the file's writer could not save (callbacks).
        notes: remarks: what stayed the network's, a misleading suffix, another backend.
        noted: paths of the above that a note speaks of, in words; they are not listed when the report is printed.
        exact: whether every value of the network came from the file, unconverted, for the same rules of all objects
            and of the network, and whether all objects were created in the same order.
        is_whole: whether a whole network was loaded, clock and all.
    """

    path: str
    format: str
    loaded: tuple[str, ...]
    kept: tuple[str, ...] = ()
    skipped: tuple[str, ...] = ()
    reset: tuple[str, ...] = ()
    converted: tuple[str, ...] = ()
    model_changed: tuple[str, ...] = ()
    differences: tuple[str, ...] = ()
    reconnected: tuple[str, ...] = ()
    taken: tuple[str, ...] = ()
    not_saved: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    noted: frozenset[str] = frozenset()
    exact: bool = False
    is_whole: bool = False

    def _members(self) -> tuple[str, ...]:
        return self.loaded

    @property
    def goes_on(self) -> str:
        """What a load lacked whose dynamics go on to the bit: monitors, in words. Empty of all others."""
        lost = (*self.kept, *self.skipped, *self.reset)
        others = (*self.converted, *self.model_changed, *(note for note in self.notes if not _is_of_monitor(note)))
        if self.exact or not self.is_whole or others or not all(map(_is_of_monitor, lost)):
            return ""
        return escape("; ".join([*self._monitors(), *self.notes, "the dynamics go on to the bit"]))

    def __str__(self) -> str:
        title, *lines = map(escape, self._lines())
        return "\n".join([title, *(f"  {line}" for line in lines)])

    def __repr__(self) -> str:
        return str(self)

    def _repr_html_(self) -> str:
        title, *lines = (markup.plain(escape(line)) for line in self._lines())
        return markup.paragraph(title) + markup.listed(lines)

    def _lines(self) -> Iterator[str]:
        count = f"{len(self.loaded)} value" + "s" * (len(self.loaded) != 1)
        is_held = self.format == IN_MEMORY  # its name is in words
        what, place = (self.path, "snapshot") if is_held else (f"'{self.path}' ({self.format})", "file")
        yield f"loaded {what}: {count}, {self._exactly()}"
        for text, all_paths in (
            (f"kept (not in the {place})", self.kept),
            ("skipped (not in the network)", self.skipped),
            ("reset to the initial value", self.reset),
            ("converted", self.converted),
            (f"asked for in another way here; the {place}'s synapses stand", self.reconnected),
        ):
            paths = [path for path in all_paths if not _is_of_monitor(path) and path not in self.noted]
            if paths:
                more = f" and {len(paths) - MOST_LISTED} more" if len(paths) > MOST_LISTED else ""
                yield f"{text}: {', '.join(paths[:MOST_LISTED])}{more}"
        monitors = tuple(self._monitors())
        for text, given in (
            ("", monitors),
            ("", self.taken),
            ("", self.differences),
            (f"not in the {place}: ", tuple(one for one in self.not_saved if not self._is_noted(one))),
            ("note: ", self.notes),
        ):
            yield from (f"{text}{one}" for one in given[:MOST_LISTED])
            if len(given) > MOST_LISTED:
                yield f"{text}and {len(given) - MOST_LISTED} more"

    def _is_noted(self, text: str) -> bool:
        """Say whether a note says more of it: that this network has it not, either."""
        return any(note.startswith(text) for note in self.notes)

    def _monitors(self) -> Iterator[str]:
        """Say what became of monitors that don't have a counterpart: one line each, not one for each value.

        Those that both sides have, of which a note says how they differ, have none.
        """
        skipped, kept, reset = (
            {path.split("/")[1]: None for path in paths if _is_of_monitor(path) and path not in self.noted}
            for paths in (self.skipped, self.kept, self.reset)
        )
        for text, found in (
            ("of the file is not in this network", [one for one in skipped if one not in reset]),
            ("of this network lacks values in the file, and keeps its own", kept),
            ("of this network is empty: no records for it were loaded", [one for one in reset if one not in skipped]),
        ):
            yield from (f"monitor {name!r} {text}" for name in found)

    def _exactly(self) -> str:
        if self.exact:
            return "exact: the run goes on to the bit"
        return "the dynamics go on to the bit" if self.goes_on else "not exact"


def _is_of_monitor(path: str) -> bool:
    return path.startswith("monitors/")
