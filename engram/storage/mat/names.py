"""What values are called in a ``.mat`` file: one struct per object, and names that MATLAB can have.

In: the manifest's keys. Out: a tree of MATLAB names whose leaves are positions in the manifest, and the list of names
that had to be replaced.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

from engram.storage.nesting import Tree, nest

__all__ = ["BLOCKS", "DIGEST", "MANIFEST", "matlab_tree"]

MANIFEST = "engram_manifest"
DIGEST = "engram_digest"
BLOCKS = "engram_blocks"

_GROUPS = ("populations", "projections", "monitors")  # their members are variables; earlier groups choose names first
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,62}")
_KEYWORDS = frozenset(
    "break case catch classdef continue else elseif end for function global if otherwise parfor persistent "
    "return spmd switch try while".split()
)


def matlab_tree(kind: str, keys: Sequence[str]) -> tuple[Tree, dict[str, str]]:
    """Return the tree of names, and for each replaced name (``exc.x1``) what it stands for.

    In a network's file ``populations/exc/v`` is the field ``v`` of the struct ``exc``, ``network/step`` the field
    ``step`` of ``network``; in the file of a single object ``v`` is a variable and ``internal`` a struct.
    """
    nested = nest(keys)
    members: dict[tuple[str, ...], int | Tree] = {(top,): below for top, below in nested.items()}
    if kind == "network":
        members = {}
        for top in sorted(nested, key=lambda name: (_GROUPS.index(name) if name in _GROUPS else len(_GROUPS), name)):
            below = nested[top]
            if top in _GROUPS and isinstance(below, dict):
                members |= {(top, name): value for name, value in below.items()}
            else:
                members[(top,)] = below
    replaced: dict[str, str] = {}
    tree: Tree = {}
    names = _replacements([path[-1] for path in members], (MANIFEST, DIGEST, BLOCKS))
    for name, (path, below) in zip(names, members.items(), strict=True):
        if name != path[-1]:
            replaced[name] = "/".join(path)
        tree[name] = below if isinstance(below, int) else _fields(below, name, "/".join(path), replaced)
    return tree, replaced


def _fields(nested: Tree, variable: str, path: str, replaced: dict[str, str]) -> Tree:
    tree: Tree = {}
    for name, (old, below) in zip(_replacements(list(nested), ()), nested.items(), strict=True):
        here, place = f"{variable}.{name}", f"{path}/{old}"
        if name != old:
            replaced[here] = place
        tree[name] = below if isinstance(below, int) else _fields(below, here, place, replaced)
    return tree


def _replacements(names: Sequence[str], reserved: Collection[str]) -> list[str]:
    """Return a possible, unique name for each; those that are possible stay, others become x1, x2 ..."""
    taken: set[str] = set(reserved)
    kept = []
    for name in names:
        is_kept = _NAME.fullmatch(name) is not None and name not in _KEYWORDS and name not in taken
        kept.append(is_kept)
        if is_kept:
            taken.add(name)
    numbered = (name for n in range(1, len(names) + len(taken) + 1) if (name := f"x{n}") not in taken)
    return [name if is_kept else next(numbered) for name, is_kept in zip(names, kept, strict=True)]
