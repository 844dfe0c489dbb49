"""Files in which names are spelled otherwise: an accent beside its letter where the network has one character.

In: a manifest as it stands in the file. Out: the same with the names that a network has, which are in Unicode's normal
form C; keys, by which values are found in the file, stay. Called by ``load.py``.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from engram.errors import DamagedFile
from engram.state.spelling import spelled
from engram.state.streams import object_uid
from engram.storage.contract import Manifest

__all__ = ["respelled"]

_NAMES = ("path", "pre", "post", "object")  # the facts of an object that name one


def respelled(manifest: Manifest) -> Manifest:
    """Return a manifest in which the names of objects are in normal form C."""
    objects = tuple(map(_facts, manifest.objects))
    if objects == manifest.objects:
        return manifest
    if len({facts["path"] for facts in objects}) < len(objects):
        raise DamagedFile("the manifest lists two objects whose names differ only in how they are encoded")
    entries = tuple(e._replace(slot=e.slot._replace(owner=spelled(e.slot.owner))) for e in manifest.entries)
    changed = [new["path"] for new, old in zip(objects, manifest.objects, strict=True) if new["path"] != old["path"]]
    return replace(manifest, objects=objects, entries=entries, respelled=tuple(changed))


def _facts(facts: dict[str, Any]) -> dict[str, Any]:
    """The facts of one object; one whose name changes is no other object, so it gets the uid of the new one."""
    new = facts | {key: spelled(facts[key]) for key in _NAMES if isinstance(facts.get(key), str)}
    if new["path"] != facts["path"] and facts.get("uid") == object_uid(facts["path"]):
        new["uid"] = object_uid(new["path"])
    return new
