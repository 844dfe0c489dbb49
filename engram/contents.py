"""What users hold and that consists of named things answers ``len``, ``for`` and ``in``: reports, models, snapshots."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Collection, Iterator
from typing import Any

__all__ = ["Contents"]


class Contents:
    """Something with members. It is true whatever it has: ``if report`` asks whether there is one."""

    @abstractmethod
    def _members(self) -> Collection[Any]:
        """Return the members in their order."""

    def __len__(self) -> int:
        return len(self._members())

    def __iter__(self) -> Iterator[Any]:
        return iter(self._members())

    def __contains__(self, one: object) -> bool:
        return one in self._members()

    def __bool__(self) -> bool:
        return True
