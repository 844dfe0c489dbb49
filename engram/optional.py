"""Libraries that only some users need: imported when they are asked for; and what is typed to install one's extras."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from engram.errors import MissingLibrary
from engram.version import extra

__all__ = ["PLOT", "optional"]

PLOT = extra("plot")
"""What pip installs for plots."""


def optional(module: str, install: str = "") -> Any:
    """Return a module that may be absent.

    Args:
        module: its name, ``h5py``.
        install: what pip installs; the name of its package by default.

    Raises:
        MissingLibrary: if it is not installed; the message says what to type.
    """
    package = module.partition(".")[0]
    try:
        return import_module(module)
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] != package:
            raise  # it is there, and lacks something itself
        raise MissingLibrary(f"{package} is not installed\n  help: pip install {install or package}") from error
