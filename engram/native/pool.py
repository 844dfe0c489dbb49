"""The engine's threads serve one caller at a time: whoever hands them work holds this lock.

A process forks only between two such calls, whichever thread forks: a child would wait for ever for a lock that a
thread of its parent held.
"""

from __future__ import annotations

import os
import sys
import threading

__all__ = ["MAX_THREADS", "POOL"]

MAX_THREADS = 256  # EG_MAX_THREADS of engram.h
POOL = threading.RLock()

if sys.platform != "win32":
    os.register_at_fork(before=POOL.acquire, after_in_parent=POOL.release, after_in_child=POOL.release)
