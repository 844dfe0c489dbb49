"""The engine's threads serve one caller at a time: whoever hands them work holds this lock."""

from __future__ import annotations

import threading

__all__ = ["POOL"]

POOL = threading.RLock()
