"""``engram info``: what a report of a fault should say of the machine."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version

from engram.cli.commands import Command
from engram.cli.output import say
from engram.native.cache import current, recall, remember
from engram.native.compiler import NoCompiler, find_compiler
from engram.program.config import Config
from engram.studies.executors import cores
from engram.version import __version__

__all__ = ["COMMAND", "info"]

LIBRARIES = ("numpy", "scipy", "matplotlib", "h5py", "pandas")


def info() -> int:
    """Print versions, the compiler, the cache and threads; returns the exit status."""
    say(f"engram      {__version__}")
    say(f"python      {platform.python_version()} on {platform.platform()}")
    for name in LIBRARIES:
        say(f"{name:<11} {_version(name)}")
    for line in _native():
        say(line)
    default = Config().num_threads
    say(f"threads     {default} unless net.config(num_threads=...) says more; this process may use {cores()} cores")
    return 0


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "not installed"


def _native() -> Iterator[str]:
    try:
        compiler = find_compiler(recall, remember)
    except NoCompiler as error:
        yield f"compiler    none; networks run on the interpreter: {error}"
    else:
        yield f"compiler    {compiler.path}: {compiler.version}"
        yield f"            {' '.join(compiler.flags)}"
    root = current().root
    files = [os.path.join(folder, name) for folder, _, names in os.walk(root) for name in names]
    megabytes = sum(map(_size, files)) / 1e6
    yield f"cache       {root}: {len(files):,} files, {megabytes:.1f} MB ($ENGRAM_CACHE_DIR moves it)"


def _size(file: str) -> int:
    try:
        return os.path.getsize(file)
    except FileNotFoundError:  # another process tidies up
        return 0


COMMAND = Command(
    "versions, compiler, cache, threads",
    "Prints what a report of a fault should say: versions, the C compiler, the cache of kernels, threads.",
    info,
)
