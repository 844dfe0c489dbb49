"""Keys such as ``populations/exc/v`` as nested dictionaries: where a value stands in a pickle and in a ``.mat`` file.

In: the manifest's keys. Out: a tree whose leaves are positions in the manifest.
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
    paths = _unreserved(keys, reserved)
    folders = {part for path in paths for part in _prefixes(path)}
    taken = folders | set(paths)
    tree: Tree = {}
    for index, path in enumerate(paths):
        *above, last = path.split("/")
        if not all((*above, last)) or len(above) >= MAX_LEVELS:
            raise DamagedFile(f"the manifest has a key that no value can have: {keys[index][:200]!r}")
        if path in folders:
            free = _unlike(path, taken)
            taken.add(free)
            last = free.rsplit("/", 1)[-1]
        place = tree
        for part in above:
            below = place.setdefault(part, {})
            assert isinstance(below, dict)  # a value never stands where a folder stands: it was renamed
            place = below
        if last in place:
            raise DamagedFile(f"the manifest describes {keys[index]!r} twice")
        place[last] = index
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
    wrong.extend(f"{where + name!r} is not in the manifest" for name in found if name not in tree)
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


def _unreserved(keys: Sequence[str], reserved: Collection[str]) -> list[str]:
    tops = {key.split("/", 1)[0] for key in keys} | set(reserved)
    new = {top: _unlike(top, tops) for top in reserved}
    return ["/".join([new.get(top := key.split("/", 1)[0], top), *key.split("/")[1:]]) for key in keys]


def _prefixes(key: str) -> list[str]:
    parts = key.split("/")[: MAX_LEVELS + 1]
    return ["/".join(parts[:n]) for n in range(1, len(parts))]


def _unlike(name: str, taken: Collection[str]) -> str:
    while name in taken:
        name += "%"
    return name
