"""C text -> loaded library: from the cache where it has one, else through the compiler.

In: C texts, made by the emitter or shipped in ``engram/native/c``. Out: :class:`ctypes.CDLL`. A text that was
compiled before, by any process of this user, is loaded without running anything.
"""

from __future__ import annotations

import ctypes
import functools
import os
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import xxhash

from engram.errors import CompileError
from engram.native.cache import Cache, current
from engram.native.compiler import Compiler, compile_text, cpu_features, find_compiler
from engram.native.cores import available_cores
from engram.native.patience import announced

__all__ = [
    "build",
    "build_many",
    "compilations",
    "core",
    "find_library",
    "is_compiled",
    "object_file",
    "shipped",
    "shipped_names",
    "source_digest",
    "source_file",
]

# The compiler needs a real folder for its -I, so this is a path and no importlib resource (whose import takes 13 ms).
C_FOLDER = Path(__file__).with_name("c")
COMMENTS = re.compile(r"/\*.*?\*/", re.DOTALL)
LOCALS = re.compile(r"\b((?:p|n|now|of_|near_|at_)?s[0-9]+_)\w*")  # of c_text.py


@dataclass
class _Count:
    compilations: int = 0


_COUNT = _Count()


def build(source: str, name: str) -> ctypes.CDLL:
    """Return the library that a C text compiles to.

    Args:
        source: C text; it may include the headers of ``engram/native/c``.
        name: what messages call it: ``populations/exc/update``.

    Raises:
        CompileError: if there is no compiler, or it refuses the text.
    """
    return build_many([(name, source)])[0]


def build_many(kernels: Sequence[tuple[str, str]]) -> list[ctypes.CDLL]:
    """Return the libraries of several (name, C text), compiling those that are missing side by side.

    Raises:
        CompileError: if there is no compiler, or it refuses a text; those that it took are in the cache.
    """
    if not kernels:  # no compiler is needed for that
        return []
    cache = current()
    compiler = _compiler(cache)
    keys = [_key(source_digest(source), compiler) for _, source in kernels]
    libraries = {key: _cached(cache, key) for key in keys}
    missing = {key: kernel for key, kernel in zip(keys, kernels, strict=True) if libraries[key] is None}
    if missing:
        libraries |= _compile(cache, compiler, missing)
    return [library for key in keys if (library := libraries[key]) is not None]


def find_library(digest: str) -> ctypes.CDLL | None:
    """Return the library of the text with this :func:`source_digest`, if it was compiled before.

    With it, a warm start needs no text at all. It looks for code of this compiler and this processor only.
    """
    cache = current()
    return _cached(cache, _key(digest, _compiler(cache)))


def source_digest(source: str) -> str:
    """Return a digest by which :func:`find_library` finds what ``source`` was compiled to.

    What only readers see is left out. Comments show equations, and an opened network has its equations in another
    spelling than its script. Of the names of locals only the numbers count: models that differ in names only share
    their code.
    """
    code = LOCALS.sub(r"\1", COMMENTS.sub("", source))
    return str(xxhash.xxh3_128_hexdigest(code.encode("utf-8")))


def source_file(digest: str) -> Path:
    """Return where the text with this :func:`source_digest` is kept, for messages."""
    cache = current()
    return cache.root / "sources" / f"{_key(digest, _compiler(cache))}.c"


def object_file(digest: str) -> Path | None:
    """Return where the object lies that the text with this :func:`source_digest` was compiled to; None if nowhere."""
    cache = current()
    document = cache.document(f"object {_key(digest, _compiler(cache))}")
    return None if document is None else cache.root / "objects" / f"{document['digest']}.so"


def core(name: str) -> ctypes.CDLL:
    """Return the library of ``engram/native/c/<name>.c``."""
    library = find_library(_digest_of_shipped(name))
    return build_many([shipped(name)])[0] if library is None else library


def is_compiled(name: str) -> bool:
    """Whether the cache has ``engram/native/c/<name>.c``."""
    return find_library(_digest_of_shipped(name)) is not None


def shipped(name: str) -> tuple[str, str]:
    """Return the name for messages and the text of ``engram/native/c/<name>.c``, as :func:`build_many` takes them."""
    return f"engram/native/c/{name}.c", _shipped(name)


@functools.cache
def shipped_names() -> tuple[str, ...]:
    """Return the names for which there is such a file."""
    return tuple(sorted(path.stem for path in C_FOLDER.glob("*.c")))


def compilations() -> int:
    """Return how many kernels this process has compiled so far; 0 if all came from the cache."""
    return _COUNT.compilations


def _compiler(cache: Cache) -> Compiler:
    asked = (os.environ.get("CC", ""), os.environ.get("PATH", ""))
    return _find_compiler(cache, asked)


@functools.lru_cache(maxsize=8)
def _find_compiler(cache: Cache, asked: tuple[str, str]) -> Compiler:
    """Look for the compiler once per process; ``asked`` is what the answer depends on."""
    return find_compiler(cache.document, cache.store_document)


@functools.cache
def _shipped(name: str) -> str:
    return (C_FOLDER / f"{name}.c").read_text(encoding="utf-8")


@functools.cache
def _digest_of_shipped(name: str) -> str:
    return source_digest(_shipped(name))


@functools.lru_cache(maxsize=1)
def _headers() -> str:
    """Return a digest over all headers that a text may include."""
    digest = xxhash.xxh3_128()
    for path in sorted(C_FOLDER.glob("*.h")):
        digest.update(f"{path.name} {xxhash.xxh3_128_hexdigest(path.read_bytes())}\n".encode())
    return digest.hexdigest()


def _key(digest: str, compiler: Compiler) -> str:
    parts = "\n".join(["kernel 1", digest, _headers(), compiler.identity, cpu_features()])
    return str(xxhash.xxh3_128_hexdigest(parts.encode("utf-8")))


def _cached(cache: Cache, key: str) -> ctypes.CDLL | None:
    document = cache.document(f"object {key}")
    return None if document is None else cache.load(document["digest"])


def _compile(cache: Cache, compiler: Compiler, missing: dict[str, tuple[str, str]]) -> dict[str, ctypes.CDLL]:
    jobs = [functools.partial(_compile_one, cache, compiler, key, *kernel) for key, kernel in missing.items()]
    with announced(len(jobs)):
        results = _run_all(jobs)
    _COUNT.compilations += len(jobs)
    libraries = {}
    for key, (_, source), data in zip(missing, missing.values(), results, strict=True):
        if isinstance(data, bytes):
            libraries[key] = _store(cache, key, source, data)
    for result in results:
        if isinstance(result, CompileError):
            raise result
    return libraries


def _compile_one(cache: Cache, compiler: Compiler, key: str, name: str, source: str) -> bytes | CompileError:
    try:
        return compile_text(compiler, source, name, str(C_FOLDER), functools.partial(cache.keep_failed, key))
    except CompileError as error:  # raised when the others are done and stored
        return error


def _run_all(jobs: Sequence[Callable[[], bytes | CompileError]]) -> list[bytes | CompileError]:
    workers = min(len(jobs), available_cores())
    if workers == 1:
        return [job() for job in jobs]
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(workers) as pool:
        return list(pool.map(lambda job: job(), jobs))


def _store(cache: Cache, key: str, source: str, data: bytes) -> ctypes.CDLL:
    cache.store_source(key, source)
    digest = cache.store_object(data)
    library = cache.load(digest)
    if library is None:
        raise CompileError(f"a kernel vanished from {cache.root} between writing and loading\n  help: run it again.")
    cache.store_document(f"object {key}", {"digest": digest})
    return library
