"""The bar that shows how far a run or a study is: in a terminal of characters, in a notebook a widget."""

from __future__ import annotations

import warnings
from typing import Any

__all__ = ["progress_bar"]


def progress_bar(**facts: Any) -> Any:
    """Return a new bar, to be used as a context.

    Args:
        facts: arguments of ``tqdm``.
    """
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "IProgress not found")  # without widgets the bar is one of characters
        from tqdm.auto import tqdm  # which most scripts never need
    return tqdm(**facts)
