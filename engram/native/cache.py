"""What is kept between processes: shared objects, and small documents about them.

In: bytes of a compiler, facts about a model. Out: a loaded library, the same facts, or nothing where the cache has
nothing that can be trusted. ``native/library.py`` calls it. Layout of the folder:

``objects/<digest>.so``  named after its own content, written once, never changed
``sources/<key>.c``      the text of each kernel, so that messages can name it
``documents/<key>.json`` a digest, a line feed, one JSON object
``failed/<key>/``        texts that the compiler refused

The cache is code. A digest protects against rot, not against people: the folder and every file in it must belong to
this user and be writable by nobody else.
"""

from __future__ import annotations

import atexit
import ctypes
import errno
import functools
import itertools
import json
import os
import stat
import sys
import time
import warnings
from pathlib import Path
from typing import Any

import xxhash

from engram.errors import CompileError

__all__ = ["Cache", "code_fingerprint", "current", "recall", "remember"]

STALE_SECONDS = 24 * 3600.0  # an unfinished file of a killed process is litter after a day
DESCRIPTORS = "/proc/self/fd"
LOADS = itertools.count()


class Cache:
    """One folder of objects and documents, or a private one for this process where that folder can't be used."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.is_private = False
        self.libraries: dict[str, ctypes.CDLL] = {}  # what this process has loaded, by digest
        reason = _prepare(root)
        if reason:
            self._retreat(reason)

    def document(self, key: str) -> dict[str, Any] | None:
        """Return what was stored under ``key``; None if there is nothing, or it is damaged or another user's."""
        name = _digest(key.encode("utf-8"))
        data = _read_owned(self.root / "documents" / f"{name}.json")
        if data is None:
            return None
        head, _, body = data.partition(b"\n")
        if head.decode("ascii", "replace") != _digest(name.encode("ascii") + body):
            return None
        value = json.loads(body)
        return value if isinstance(value, dict) else None

    def store_document(self, key: str, value: dict[str, Any]) -> None:
        """Store a small JSON object under ``key``; the last writer wins."""
        name = _digest(key.encode("utf-8"))
        body = json.dumps(value, allow_nan=False, separators=(",", ":")).encode("utf-8")
        data = _digest(name.encode("ascii") + body).encode("ascii") + b"\n" + body
        self._store(f"documents/{name}.json", data, replace=True)

    def store_source(self, key: str, source: str) -> None:
        """Keep the text of a kernel where messages can name it."""
        self._store(f"sources/{key}.c", source.encode("utf-8"), replace=True)

    def store_object(self, data: bytes) -> str:
        """Store a shared object; returns its digest."""
        digest = _digest(data)
        path = f"objects/{digest}.so"
        found = _read_owned(self.root / path)
        if found is None or _digest(found) != digest:
            (self.root / path).unlink(missing_ok=True)  # whoever has mapped a damaged one keeps its inode
        self._store(path, data, replace=False)
        return digest

    def keep_failed(self, key: str, folder: str) -> str:
        """Move the folder of a text that the compiler refused to ``failed/<key>``; returns where it is."""
        import shutil
        import tempfile

        target = self.root / "failed" / key
        if self.is_private:  # gone at exit, when somebody may still want to look
            target = Path(tempfile.mkdtemp(prefix="engram-failed-"), key)
        shutil.rmtree(target, ignore_errors=True)
        try:
            return str(shutil.copytree(folder, target))
        except OSError as error:
            return f"{target} (not all of it: {error})"

    def load(self, digest: str) -> ctypes.CDLL | None:
        """Return the library with this digest; None if it isn't there, is damaged, or is another user's.

        Raises:
            CompileError: if the object is whole and the system refuses to load it, here and from a private folder.
        """
        if digest in self.libraries:
            return self.libraries[digest]
        path = self.root / "objects" / f"{digest}.so"
        with _Owned(path) as file:
            data = file.read()
            if data is None or _digest(data) != digest:
                return None
            try:
                library = file.link()
            except OSError as error:
                if self.is_private:
                    advice = "set ENGRAM_CACHE_DIR to a folder from which programs may be run (not mounted noexec)."
                    what = f"the system refuses to load a compiled kernel\n  {error}"
                    raise CompileError(f"{what}\n  help: {advice}") from error
                reason = str(error)
            else:
                self.libraries[digest] = library
                return library
        self._retreat(reason)  # a noexec folder
        self.store_object(data)
        return self.load(digest)

    def _store(self, name: str, data: bytes, replace: bool) -> None:
        try:
            _write_new(self.root / name, data, replace)
        except OSError as error:
            if self.is_private:
                advice = "set ENGRAM_CACHE_DIR to a folder that can be written."
                raise CompileError(f"can't write to {self.root}\n  {error}\n  help: {advice}") from error
            self._retreat(str(error))
            self._store(name, data, replace)

    def _retreat(self, reason: str) -> None:
        """Go on in a private folder that is deleted at exit, and say so."""
        import tempfile

        warnings.warn(
            f"engram's cache {str(self.root)!r} can't be used: {reason}; kernels are compiled again in every process\n"
            "  help: set ENGRAM_CACHE_DIR to a folder of yours that only you can write to.",
            RuntimeWarning,
            stacklevel=2,
        )
        self.root = Path(tempfile.mkdtemp(prefix="engram-"))
        self.is_private = True
        _prepare(self.root)
        atexit.register(_remove, str(self.root), os.getpid())


def current() -> Cache:
    """Return the cache of this process: ``$ENGRAM_CACHE_DIR``, or the user's cache folder."""
    return _open(os.environ.get("ENGRAM_CACHE_DIR", ""))


def recall(key: str) -> dict[str, Any] | None:
    """Return what an earlier process remembered under ``key``, if it ran this very version of engram."""
    return current().document(f"{code_fingerprint()} {key}")


def remember(key: str, value: dict[str, Any]) -> None:
    """Keep a small JSON object for later processes that run this very version of engram."""
    current().store_document(f"{code_fingerprint()} {key}", value)


@functools.lru_cache(maxsize=1)
def code_fingerprint() -> str:
    """Return a digest over engram's own code.

    A version number would not do: while the code is being changed, documents of yesterday's would be believed.
    """
    package = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    digest = xxhash.xxh3_128()
    for folder, folders, files in os.walk(package):
        folders[:] = sorted(name for name in folders if name != "__pycache__")
        for file in sorted(files):
            if file.endswith((".py", ".lark", ".c", ".h")):
                path = os.path.join(folder, file)  # every warm start pays for this loop, and Path takes half of it
                with open(path, "rb", buffering=0) as stream:
                    digest.update(f"{path[len(package) :]} {_digest(stream.read())}\n".encode())
    return digest.hexdigest()


@functools.cache
def _open(directory: str) -> Cache:
    if directory:
        return Cache(Path(os.path.abspath(directory)))
    import platformdirs

    return Cache(Path(platformdirs.user_cache_dir("engram", appauthor=False)))


def _prepare(root: Path) -> str:
    """Make the folder if need be; returns why it can't be used, or nothing."""
    try:
        root.mkdir(mode=0o700, parents=True, exist_ok=True)
        reason = _unsafe(os.stat(root))
        for name in ("objects", "sources", "documents", "failed"):
            if not reason:
                (root / name).mkdir(mode=0o700, exist_ok=True)
                reason = _unsafe(os.lstat(root / name))
    except OSError as error:
        return str(error)
    return reason


def _unsafe(status: os.stat_result) -> str:
    """Say why a file or folder may hold code that somebody else wrote, or nothing."""
    if sys.platform != "win32" and status.st_uid != os.geteuid():
        return f"it belongs to user {status.st_uid}"
    if status.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
        return "others may write to it"
    return ""


class _Owned:
    """A file that is opened once: what is checked is what is used."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file = -1

    def __enter__(self) -> _Owned:
        try:
            self._file = os.open(self._path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0))
        except OSError:
            self._file = -1
        return self

    def __exit__(self, *_: object) -> None:
        if self._file >= 0:
            os.close(self._file)

    def read(self) -> bytes | None:
        """Return all bytes; None unless it is a regular file of this user's that others can't write to."""
        if self._file < 0:
            return None
        status = os.fstat(self._file)
        if not stat.S_ISREG(status.st_mode) or _unsafe(status):
            return None
        try:
            with os.fdopen(self._file, "rb", closefd=False) as stream:
                return stream.read()
        except OSError:  # a disk error is damage like any other
            return None

    def link(self) -> ctypes.CDLL:
        """Load the file as a library."""
        if sys.platform != "linux" or not os.path.isdir(DESCRIPTORS):
            return ctypes.CDLL(str(self._path))
        # The loader takes two libraries of one name for the same, and descriptor numbers come back: so each load
        # spells the path in its own way, the bits of a counter as "./" and "//".
        spelling = format(next(LOADS), "b").replace("1", "./").replace("0", "/")
        return ctypes.CDLL(f"{DESCRIPTORS}/{spelling}{self._file}")


def _read_owned(path: Path) -> bytes | None:
    with _Owned(path) as file:
        return file.read()


def _write_new(path: Path, data: bytes, replace: bool) -> None:
    """Write a file beside ``path`` and give it that name when it is whole; without ``replace`` the first one stays."""
    temporary = path.with_name(f".{os.getpid()}.{os.urandom(6).hex()}.tmp")
    file = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0), 0o600)
    try:
        with os.fdopen(file, "wb") as stream:
            stream.write(data)
        if replace:
            os.replace(temporary, path)
        else:
            _link(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)
    _sweep(path.parent)


def _link(temporary: Path, path: Path) -> None:
    try:
        os.link(temporary, path)
    except FileExistsError:
        pass  # another process stored the same content
    except OSError as error:
        if error.errno not in (errno.EPERM, errno.ENOTSUP, errno.ENOSYS, errno.EMLINK):
            raise
        os.replace(temporary, path)  # a file system without links; the replaced inode lives on where it is mapped


@functools.cache  # once in a process: a folder of thousands of files takes milliseconds to look through
def _sweep(folder: Path) -> None:
    """Delete what killed processes left behind."""
    for path in folder.glob(".*.tmp"):
        try:
            if time.time() - path.stat().st_mtime > STALE_SECONDS:
                path.unlink()
        except OSError:  # another process was faster
            continue


def _remove(folder: str, pid: int) -> None:
    import shutil

    if os.getpid() == pid:  # not in a forked child
        shutil.rmtree(folder, ignore_errors=True)


def _digest(data: bytes) -> str:
    return str(xxhash.xxh3_128_hexdigest(data))
