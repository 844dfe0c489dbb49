"""Keys such as ``populations/exc/v`` as nested dictionaries: where a value stands in a pickle and in a ``.mat`` file.

In: the manifest's keys. Out: a tree whose leaves are positions in the manifest. Called by ``pickles`` and ``mat``,
when writing and when reading, so that both sides agree without a second table in the file.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any, TypeVar, Union

from engram.errors import DamagedFile, SaveError

__all__ = ["MAX_LEVELS", "Tree", "check_nesting", "nest", "pair"]

MAX_LEVELS = 64  # segments of one key; readers stop at a depth of 100

Tree = dict[str, Union[int, "Tree"]]
T = TypeVar("T")


def nest(keys: Sequence[str], reserved: Collection[str] = ()) -> Tree:
    """Return nested dictionaries; ``tree["a"]["b"]`` is ``k`` where ``keys[k]`` is ``a/b``.

    Where a value would stand where a dictionary stands (a variable ``history`` beside ``history/rank``), and for
    a first segment in ``reserved``, the segment gets a ``%`` at its end (or more, until it is unique).

    Errors: DamagedFile if a key is empty, there twice or too deep.
    """
    folders = {part for key in keys for part in _prefixes(key)}
    taken = folders | set(keys)
    tops = {key.split("/", 1)[0] for key in keys}
    tree: Tree = {}
    for index, key in enumerate(keys):
        parts = key.split("/")
        if not all(parts) or len(parts) > MAX_LEVELS:
            raise DamagedFile(f"the manifest has a key that no value can have: {key[:200]!r}")
        last = parts[-1]
        if key in folders:
            last = _unlike(key, taken).rsplit("/", 1)[-1]
        parts[-1] = last
        if parts[0] in reserved:
            parts[0] = _unlike(parts[0], tops | set(reserved))
        place = tree
        for part in parts[:-1]:
            below = place.setdefault(part, {})
            assert isinstance(below, dict)  # a value never stands where a folder stands: see `folders`
            place = below
        if parts[-1] in place:
            raise DamagedFile(f"the manifest describes {key!r} twice")
        place[parts[-1]] = index
    return tree


def check_nesting(keys: Sequence[str]) -> None:
    """Raise SaveError if these keys can't be nested."""
    try:
        nest(keys)
    except DamagedFile as error:
        raise SaveError(str(error)) from None


def pair(tree: Tree, found: dict[str, Any], kind: type[T], where: str = "") -> dict[int, tuple[str, Any]]:
    """Return for each position in the manifest its place and what stands there in ``found``.

    ``kind`` is the type of a folder in ``found``: a dictionary.
    Errors: DamagedFile listing every value that is missing, or there but not in the manifest.
    """
    pairs: dict[int, tuple[str, Any]] = {}
    wrong: list[str] = []
    _pair(tree, found, kind, where, pairs, wrong)
    if wrong:
        more = f" and {len(wrong) - 10} more" if len(wrong) > 10 else ""
        raise DamagedFile("the file and its manifest disagree: " + "; ".join(wrong[:10]) + more)
    return pairs


def _pair(
    tree: Tree, found: dict[str, Any], kind: type[T], where: str, pairs: dict[int, tuple[str, Any]], wrong: list[str]
) -> None:
    wrong.extend(f"{where}{name!r} is not in the manifest" for name in found if name not in tree)
    for name, below in tree.items():
        place = f"{where}{name}"
        if name not in found:
            wrong.append(f"{place!r} is missing")
        elif isinstance(below, int):
            pairs[below] = (place, found[name])
        elif type(found[name]) is not kind:
            wrong.append(f"{place!r} is a value, not a group of values")
        else:
            _pair(below, found[name], kind, place + "/", pairs, wrong)


def _prefixes(key: str) -> list[str]:
    parts = key.split("/")[: MAX_LEVELS + 1]
    return ["/".join(parts[:n]) for n in range(1, len(parts))]


def _unlike(name: str, taken: Collection[str]) -> str:
    while name in taken:
        name += "%"
    return name
