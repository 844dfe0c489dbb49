"""What goes from one process to another: pickled, by cloudpickle where pickle can't and it is installed.

An experiment travels to each worker once, as far as possible: in the task itself while it is short, in a file
otherwise.
"""

from __future__ import annotations

import io
import os
import pickle
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any

from engram.errors import InvalidArgument, ReadError

__all__ = ["RESULT", "Parcel", "dumps", "dumps_around", "loads", "loads_around", "parcel_of"]

SHORT = 1 << 18  # bytes that go with each task
INTERACTIVE = b"__main__"
ADVICE = "functions must stand at the top level of a module; with cloudpickle installed any will do."

RESULT = "the result"
OF_RESULTS = "let the function return numbers, arrays, texts, or lists and dictionaries of them."
OF_OTHERS = "open files, locks, generators and the like stay here: make them in the function."


def dumps(value: Any, what: str) -> bytes:
    """Return a value pickled.

    Args:
        what: it is, for messages.

    Raises:
        InvalidArgument: if it can't be.
    """
    by_value = _cloudpickle()
    try:
        content = pickle.dumps(value, pickle.HIGHEST_PROTOCOL)
    except Exception as error:  # whatever a class of the user's raises
        if by_value is None:
            raise _stuck(what, error) from error
    else:
        if by_value is None or INTERACTIVE not in content:
            return content  # otherwise it may name what only this process knows: others have another __main__
    try:
        return by_value(value)
    except Exception as error:
        raise _stuck(what, error) from error


def _stuck(what: str, error: Exception) -> InvalidArgument:
    is_function = not isinstance(error, TypeError)  # which pickle raises for objects of a type, and for no function
    advice = OF_RESULTS if what == RESULT else ADVICE if is_function else OF_OTHERS
    return InvalidArgument(f"{what} can't travel to another process: {type(error).__name__}: {error}\n  help: {advice}")


def _cloudpickle() -> Callable[[Any], bytes] | None:
    try:
        import cloudpickle  # type: ignore[import-not-found,import-untyped,unused-ignore]  # installed by who wants it
    except ImportError:
        return None
    dump: Callable[[Any], bytes] = cloudpickle.dumps
    return dump


def loads(data: bytes) -> Any:
    """Return what was pickled by :func:`dumps` in another process of the same user's study.

    Raises:
        ReadError: if it names what this process can't find.
    """
    try:
        return pickle.loads(data)  # noqa: S301  of our own making, and with a digest where it was in a file
    except (AttributeError, ImportError) as error:
        raise ReadError(f"a process can't find what another one has sent: {error}\n  help: {ADVICE}") from error


class _Around(pickle.Pickler):
    def __init__(self, file: io.BytesIO, center: Any) -> None:
        super().__init__(file, pickle.HIGHEST_PROTOCOL)
        self._center = center

    def persistent_id(self, obj: Any) -> bool | None:
        return True if obj is self._center else None


class _AroundAgain(pickle.Unpickler):
    def __init__(self, data: bytes, center: Any) -> None:
        super().__init__(io.BytesIO(data))
        self._center = center

    def persistent_load(self, pid: Any) -> Any:
        return self._center


def dumps_around(value: Any, center: Any, what: str) -> bytes:
    """Return a value pickled without an object that it refers to.

    Raises:
        InvalidArgument: if it can't be.
    """
    file = io.BytesIO()
    try:
        _Around(file, center).dump(value)
    except Exception as error:  # whatever a class of the user's raises
        advice = "take it off before, and make it in the function."
        raise InvalidArgument(f"{what} can't travel to another process: {error}\n  help: {advice}") from error
    return file.getvalue()


def loads_around(data: bytes, center: Any) -> Any:
    """Return what :func:`dumps_around` has pickled, with another object in the place of the one left out."""
    return _AroundAgain(data, center).load()


@dataclass(frozen=True)
class Parcel:
    """An experiment on its way.

    Args:
        key: digest of the content, by which a worker knows what it has.
        content: the experiment; None if it is in a file.
        file: path of it; "" if there is none.
    """

    key: str
    content: bytes | None
    file: str = ""

    def opened(self) -> bytes:
        """Return the content.

        Raises:
            ReadError: if the file is not there, or has something else.
        """
        if self.content is not None:
            return self.content
        try:
            with open(self.file, "rb") as file:
                content = file.read()
        except OSError as error:
            advice = "set TMPDIR to a folder that the workers see, too."
            raise ReadError(f"the worker can't read {self.file}: {error.strerror}\n  help: {advice}") from error
        if _digest(content) != self.key:
            raise ReadError(f"{self.file}: the file has another content than was written")
        return content

    def discard(self) -> None:
        """Remove the file."""
        if self.file:
            os.unlink(self.file)


def parcel_of(content: bytes) -> Parcel:
    """Return the parcel of an experiment; one with a file is to be discarded."""
    key = _digest(content)
    if len(content) <= SHORT:
        return Parcel(key, content)
    number, path = tempfile.mkstemp(prefix="engram-study-")
    with os.fdopen(number, "wb") as file:
        file.write(content)
    return Parcel(key, None, path)


def _digest(content: bytes) -> str:
    return blake2b(content, digest_size=32).hexdigest()
