"""Which names of objects a load could be told, where those of the file and of the network differ.

In: an open file, what was asked for, and pairs of objects that may be the same. Out: the words of `rename=` with which
fewer differences are left, or none: what the next call would refuse is no advice.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from engram.errors import InvalidArgument, StateMismatch
from engram.persistence.recorded import FileBlueprint
from engram.persistence.renaming import Owners, asked_of, counterpart, named, renamed, renamed_path, told_names
from engram.storage.annarchy.read import AnnarchyFile
from engram.storage.wanted import wanted_of

if TYPE_CHECKING:
    from engram.persistence.keeper import Keeper
    from engram.storage.load import Source

__all__ = ["OtherNames", "check_has"]


class OtherNames(NamedTuple):
    """A load whose objects may have other names.

    Args:
        keeper: of the network.
        source: the file, with its own names.
        names: that were given.
        options: of the load, with the file's own names.
    """

    keeper: Keeper
    source: Source
    names: Mapping[str, str]
    options: Mapping[str, Any]

    def advice(self, pairs: Sequence[Mapping[str, str]], n_lines: int) -> str:
        """Return what to type so that fewer differences are left; "" if nothing is known that would be taken.

        Args:
            pairs: of paths in the file, with the names that were given, and of what they may be here, of several
                kinds: if all of them together don't help, one kind may.
            n_lines: how many differences there are.
        """
        together = {path: new for one in pairs for path, new in one.items()}
        single = self.options.get("single")
        if single is not None:
            text = self.advice_for_one(single, single, together)
            return f"if the populations at its ends have other names here, {text}" if text else ""
        given = named(self.source, self.names)
        olds = {new: old for old, new in given.items()}
        for more in (together, *(pairs if len(pairs) > 1 else ())):
            owners = given | {olds.get(path, path): new for path, new in more.items()}
            owners = {old: new for old, new in owners.items() if old != new}
            left = self._left(owners, self.options)
            if left is not None and left[0] < n_lines:
                rest = f", which leaves {sum(left)} difference{'s' * (sum(left) > 1)}" if left[0] else ""
                how = f"with rename={told_names(self.source, owners)}" if owners else "without rename="
                return f"if these have other names here, load {how}{rest}."
        return ""

    def advice_for_one(self, old: str, path: str, more: Owners) -> str:
        """Return how one object of a network's file is loaded into one of the network; "" if it can't be.

        Args:
            old: its path in the file.
            path: of the one here.
            more: other names that go with it.
        """
        owners = {old: path} | more if old != path else more
        if self.source.contents.manifest.kind != "network":
            return ""
        left = self._left(owners, {"only": (old,)})
        if left is None or left[0]:
            return ""
        rename = f", rename={told_names(self.source, owners)}" if owners else ""
        return f"net.load({self.source.path!r}, only=[{old!r}]{rename}) takes that of {old}."

    def _left(self, owners: Owners, options: Mapping[str, Any]) -> tuple[int, int] | None:
        """Return how many differences a load with other names would meet: refused, and said beside those.

        None: such names are not taken.
        """
        options = {name: value for name, value in options.items() if name not in ("exact", "single")}
        asked = asked_of(**options)
        uids = {} if asked is None else {one.path: one.uid for one in self.keeper.program.components}
        try:
            source, found = renamed(self.source, told_names(self.source, owners), uids, asked)
        except InvalidArgument:
            return None
        if options.get("only") is not None:
            options["only"] = tuple(renamed_path(path, found) for path in options["only"])
        wanted = wanted_of(**options)
        if isinstance(source.contents, AnnarchyFile):
            from engram.persistence.from_annarchy import differences

            return len(differences(self.keeper, source.contents.content, wanted)), 0
        said = FileBlueprint(self.keeper.recorded).compare(source.contents.manifest, wanted.has_object)
        return len(said.lines), len(said.model_changed)


def check_has(keeper: Keeper, source: Source, path: str, ends: Sequence[str]) -> None:
    """Refuse the file of a network that lacks an object, and say how to load that from another one of the file.

    Raises:
        StateMismatch: nothing has changed.
    """
    found = counterpart(source, path, ends)
    if found is None:
        return
    near, owners = found
    advice = OtherNames(keeper, source, {}, {}).advice_for_one(near, path, owners) if near else ""
    what = f"'{source.path}' is the file of a network without {path}; nothing was loaded"
    text = f"{what}\n  help: {advice or f'engram inspect {source.path} shows what it has.'}"
    raise StateMismatch(text, (f"{path}: not in the file",))
