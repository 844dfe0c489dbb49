"""Paths of files, as users give them."""

from __future__ import annotations

import os

from engram.errors import InvalidArgument
from engram.telling import told

__all__ = ["Path", "checked_path"]

Path = str | os.PathLike[str]


def checked_path(file: Path) -> Path:
    """Return the path of a file, a leading ``~`` replaced by the home folder.

    Raises:
        InvalidArgument: if it is no path.
    """
    if not isinstance(file, str | os.PathLike) or isinstance(os.fspath(file), bytes):
        raise InvalidArgument(
            f"expected a path, got {told(file)}"
            "\n  help: the name of a file comes first: net.save('net.npz'), eg.open('net.npz')."
        )
    return os.path.expanduser(file)
