"""KeyboardInterrupt at a chosen bytecode of the library, and so at each of them in turn."""

import os
import signal
import sys

import engram
from engram.native.pool import POOL

PACKAGE = os.path.dirname(engram.__file__)


class _Tracer:
    def __init__(self, n):
        self.left = n

    def __call__(self, frame, event, arg):
        if not frame.f_code.co_filename.startswith(PACKAGE):
            return None
        frame.f_trace_opcodes = True
        self.left -= event == "opcode"
        if self.left == 0:
            raise KeyboardInterrupt
        return self


def interrupted(n, work):
    """Do work up to its n-th bytecode; returns whether it has as many."""
    tracing = sys.gettrace()
    sys.settrace(_Tracer(n))
    try:
        work()
    except KeyboardInterrupt:
        return True
    finally:
        sys.settrace(tracing)
        while POOL._is_owned():  # by the bytecodes that leave a lock, between which no signal comes
            POOL.release()
    return False


def signalled(n, work, codes):
    """Do work, with a Ctrl-C before the n-th line of some functions; returns whether there are as many."""
    left = n

    def tracer(frame, event, arg):
        nonlocal left
        if frame.f_code not in codes:
            return None
        left -= event == "line"
        if event == "line" and left == 0:
            sys.settrace(None)
            signal.raise_signal(signal.SIGINT)
        return tracer

    tracing = sys.gettrace()
    sys.settrace(tracer)
    try:
        work()
    except KeyboardInterrupt:
        pass
    finally:
        sys.settrace(tracing)
    return left <= 0
