"""Find a C compiler, and run it on one text.

In: the environment, later a C text. Out: a :class:`Compiler`, later the bytes of a shared object. ``native/library.py``
calls it; what must be remembered between processes goes through the two functions that it hands over, so that a warm
start runs no process at all.
"""

from __future__ import annotations

import functools
import os
import re
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from engram.errors import CompileError
from engram.native.libc import HELP_LIBC, lacking_libc
from engram.version import extra

__all__ = ["CompileFailed", "Compiler", "NoCompiler", "compile_text", "cpu_features", "find_compiler"]

Recall = Callable[[str], "dict[str, Any] | None"]
Remember = Callable[[str, "dict[str, Any]"], None]

# Same bits on every thread and tail: no fast-math, no contraction into fma behind our back.
REQUIRED_FLAGS = ("-O3", "-std=gnu11", "-fPIC", "-ffp-contract=off", "-Wall")
# Taken where the compiler knows them; the first of each row that it takes.
OPTIONAL_FLAGS = (
    ("-march=native", "-mcpu=native"),
    ("-fno-math-errno",),
    ("-fno-trapping-math",),
    ("-fopenmp-simd",),
    ("-fno-semantic-interposition",),
    ("-fira-region=all",),  # with its default gcc 12 spills vectors inside of short loops that have registers to spare
)
WIDE_VECTORS = "-mprefer-vector-width=512"
# Without -Bsymbolic a kernel's function called `gamma` or `y1` would be libm's.
LINK_FLAGS = ("-shared", "-Wl,-Bsymbolic") if sys.platform == "linux" else ("-shared",)
ZIG_CACHES = ("ZIG_GLOBAL_CACHE_DIR", "ZIG_LOCAL_CACHE_DIR")
LIBRARIES = ("-lm", "-lpthread")
CANDIDATES = ("cc", "gcc", "clang")
PROBE_S = 60.0  # in which a compiler must answer a question; zig's first answer takes ten
HELP = f"install one with `pip install {extra('compiler')}`, or your system's gcc or clang"


class NoCompiler(CompileError):
    """No C compiler was found, or the one that was asked for does not work."""


class CompileFailed(CompileError):
    """The compiler refused a text. ``messages`` is all that it said, ``folder`` holds the text and the command."""

    def __init__(self, text: str, name: str, messages: str, folder: str) -> None:
        super().__init__(text)
        self.name = name
        self.messages = messages
        self.folder = folder


@dataclass(frozen=True)
class Compiler:
    """A C compiler that works here.

    Args:
        command: how it is called: ``("gcc",)``, ``("python", "-m", "ziglang", "cc")``.
        path: the file behind the command.
        version: what it says of itself, first line.
        flags: everything but files and linking.
    """

    command: tuple[str, ...]
    path: str
    version: str
    flags: tuple[str, ...]

    @property
    def identity(self) -> str:
        """All that decides which code comes out, for keys."""
        return "\n".join([*self.command, self.path, self.version, *self.flags, *LINK_FLAGS, *LIBRARIES])

    @property
    def title(self) -> str:
        """What messages call it: ``gcc``."""
        return "zig cc" if "ziglang" in self.command else os.path.basename(self.command[0])

    def arguments(self, source: str, output: str, include: str) -> list[str]:
        """Return the command that compiles ``source`` to ``output``."""
        return [*self.command, *self.flags, f"-I{include}", source, "-o", output, *LINK_FLAGS, *LIBRARIES]


def find_compiler(recall: Recall, remember: Remember) -> Compiler:
    """Return ``$CC``, ``cc``, ``gcc``, ``clang`` or the ziglang wheel's, whichever is found first.

    Version and flags are asked once and remembered under the compiler's path, time stamp and size.

    Raises:
        NoCompiler: if there is none, or ``$CC`` names one that is not there.
    """
    command, path = _locate()
    status = os.stat(path)
    key = "\n".join(
        [f"compiler 2 {OPTIONAL_FLAGS}", *command, path, str(status.st_mtime_ns), str(status.st_size), cpu_features()]
    )
    known = recall(key)
    if known is None:
        known = {"version": _version(command), "flags": _flags(command)}
        remember(key, known)
    return Compiler(command, path, known["version"], tuple(known["flags"]))


def _locate() -> tuple[tuple[str, ...], str]:
    if sys.platform == "win32":
        advice = "run engram in WSL, or compile(backend='numpy'), which is slow."
        raise NoCompiler(f"native kernels need Linux or macOS\n  help: {advice}")
    asked = os.environ.get("CC", "").split()
    if asked:
        path = _which(asked[0])
        if path is None:
            raise NoCompiler(f"$CC names the C compiler {asked[0]!r}, which is not there\n  help: unset CC, or {HELP}.")
        return tuple(asked), path
    for name in CANDIDATES:
        path = _which(name)
        if path is not None:
            return (name,), path
    zig = _zig()
    if zig is not None:
        return (sys.executable, "-m", "ziglang", "cc"), zig
    raise NoCompiler(f"no C compiler found\n  looked for: $CC, {', '.join(CANDIDATES)}, ziglang\n  help: {HELP}.")


def _which(name: str) -> str | None:
    """Return the file behind a command; shutil's would cost the start of every script 2 ms."""
    folders = [""] if os.sep in name else os.environ.get("PATH", os.defpath).split(os.pathsep)
    for folder in folders:
        path = os.path.join(folder, name)
        if os.path.isfile(path) and os.access(path, os.X_OK):
            return os.path.realpath(path)
    return None


def _zig() -> str | None:
    from importlib.util import find_spec

    spec = find_spec("ziglang")
    if spec is None or not spec.submodule_search_locations:
        return None
    return _which(os.path.join(os.path.abspath(spec.submodule_search_locations[0]), "zig"))


def _version(command: tuple[str, ...]) -> str:
    status, output, messages = _run([*command, "--version"], timeout_s=PROBE_S)
    lines = (output or messages).splitlines()
    if status != 0 or not lines:
        said = f"\n  it said: {lines[0]}" if lines else ""
        raise NoCompiler(
            f"the C compiler {' '.join(command)!r} does not work (exit status {status}){said}\n  help: {HELP}."
        )
    return lines[0]


def _flags(command: tuple[str, ...]) -> list[str]:
    wide = ((WIDE_VECTORS,),) if "avx512f" in cpu_features().split() else ()
    wanted = [row[0] for row in OPTIONAL_FLAGS + wide]
    if _takes(command, wanted):
        return [*REQUIRED_FLAGS, *wanted]
    found = [next((flag for flag in row if _takes(command, [flag])), None) for row in OPTIONAL_FLAGS + wide]
    return [*REQUIRED_FLAGS, *(flag for flag in found if flag is not None)]


def _takes(command: tuple[str, ...], flags: list[str]) -> bool:
    """Say whether the compiler compiles a line with these flags. (zig has no -fsyntax-only.)"""
    import tempfile

    with tempfile.TemporaryDirectory(prefix="engram-") as folder:
        Path(folder, "probe.c").write_text("int probe;\n", encoding="ascii")
        asked = [*command, *REQUIRED_FLAGS, *flags, "-Werror", "-c", "probe.c", "-o", "probe.o"]
        return _run(asked, folder, PROBE_S)[0] == 0


def _run(command: list[str], folder: str | None = None, timeout_s: float | None = None) -> tuple[int, str, str]:
    """Run a command with nothing to read; returns its status, output and messages, in English.

    Args:
        timeout_s: after which it is stopped, with status 124.
    """
    import subprocess

    try:
        done = subprocess.run(
            command,
            cwd=folder,
            env=_environment(),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            check=False,
            timeout=timeout_s,
        )
    except subprocess.TimeoutExpired:
        return 124, "", f"no answer in {timeout_s:g} s"
    except OSError as error:
        return 127, "", str(error)
    return done.returncode, done.stdout, done.stderr


def _environment() -> dict[str, str]:
    """Return the environment of a compiler: messages in English; zig, which has a cache, keeps it beside ours."""
    asked = os.environ.get("ENGRAM_CACHE_DIR")
    zig = {name: os.path.join(asked, "zig") for name in ZIG_CACHES} if asked else {}
    return {**zig, **os.environ, "LC_ALL": "C"}


def compile_text(compiler: Compiler, source: str, name: str, include: str, keep: Callable[[str], str]) -> bytes:
    """Return the shared object that the C text ``source`` compiles to.

    Args:
        compiler: which one to use.
        source: the text; it may include the headers of the folder ``include``.
        name: what messages call it: ``populations/exc/update``.
        include: a folder.
        keep: called with the folder of a text that was refused; returns where it can be found from now on.

    Raises:
        CompileFailed: if the compiler refuses the text.
        NoCompiler: if it lacks the C library.
    """
    import shutil
    import tempfile

    folder = tempfile.mkdtemp(prefix="engram-")  # ours alone, and deleted below
    try:
        Path(folder, "kernel.c").write_text(source, encoding="utf-8")
        # Relative names: the object must not depend on where it was compiled.
        command = compiler.arguments("kernel.c", "kernel.so", include)
        status, _, messages = _run(command, folder)
        if status == 0:
            return Path(folder, "kernel.so").read_bytes()
        lacking = lacking_libc(messages)
        if lacking:
            what = f"{compiler.title} is there, but not the headers of the C library"
            raise NoCompiler(f"{what}\n  it said: {lacking}\n  help: {HELP_LIBC}")
        Path(folder, "messages.txt").write_text(" ".join(command) + "\n\n" + messages, encoding="utf-8")
        kept = keep(folder)
        text = _refusal(compiler, source, name, status, messages, kept)
        raise CompileFailed(text, name, messages, kept)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _refusal(compiler: Compiler, source: str, name: str, status: int, messages: str, kept: str) -> str:
    first = next((line for line in messages.splitlines() if "error" in line), messages.partition("\n")[0])
    lines = [
        f"{compiler.title} could not compile kernel {name!r} (exit status {status})",
        f"  first message: {first or 'none'}",
        *_equation(source, first),
        f"  kept in: {kept}",
        "  help: this is our bug; please attach that folder.",
    ]
    return "\n".join(lines)


def _equation(source: str, message: str) -> list[str]:
    """Name the comment above the line that the message is about; the emitter puts the equation there."""
    place = re.match(r"kernel\.c:(\d+):", message)
    if place is None:
        return []
    for line in reversed(source.splitlines()[: int(place[1])]):
        comment = re.search(r"/\*(.*?)\*/|//(.*)", line)
        if comment is not None:
            return [f"  from equation: {(comment[1] or comment[2] or '').strip()}"]
    return []


@functools.lru_cache(maxsize=1)
def cpu_features() -> str:
    """Return what this processor can do, as the operating system words it.

    One home folder may serve many machines: code for another one's instructions would end in SIGILL.
    """
    features = _sysctl_features() if sys.platform == "darwin" else _proc_features()
    return features or " ".join(os.uname()) if sys.platform != "win32" else ""


def _proc_features() -> str:
    wanted = ("vendor_id", "cpu family", "model", "model name", "flags", "Features", "CPU implementer", "CPU part")
    found: dict[str, str] = {}
    try:
        with open("/proc/cpuinfo", encoding="ascii", errors="replace") as lines:
            for line in lines:
                name, _, value = line.partition(":")
                if not value:
                    break  # the first processor speaks for all; hundreds would take milliseconds
                if name.strip() in wanted:
                    found[name.strip()] = value.strip()
    except OSError:
        return ""
    return " ".join(found.values())


def _sysctl_features() -> str:
    import ctypes

    names = ("machdep.cpu.brand_string", "machdep.cpu.features", "machdep.cpu.leaf7_features", "hw.cpufamily")
    found = []
    for name in names:
        value = ctypes.create_string_buffer(8192)
        size = ctypes.c_size_t(len(value))
        if ctypes.CDLL(None).sysctlbyname(name.encode(), value, ctypes.byref(size), None, 0) == 0:
            raw = value.raw[: size.value]
            # `features` is text, `cpufamily` a number
            found.append(raw.hex() if name.startswith("hw.") else raw.decode("ascii", "replace").rstrip("\0").lower())
    return " ".join(found)
