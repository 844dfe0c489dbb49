"""Fuzz one reader guided by coverage, with atheris, which must be installed: it is no dependency of engram's.

    python -m tools.fuzz.guided .npz [CORPUS] [-max_total_time=600] [other options of libFuzzer]

The corpus begins with an honest file. A reader may raise errors of engram's, and no others; whatever else it raises
ends the run, and libFuzzer keeps the input. Values are read as a load reads them, in pieces that are dropped.
"""

from __future__ import annotations

import contextlib
import importlib
import pkgutil
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

__all__ = ["main"]

MOST_BYTES = 1 << 16


class _Reader:
    """A file in memory."""

    def __init__(self, data: bytes, error: type[Exception]) -> None:
        self.data, self.size, self._error = data, len(data), error

    def pread(self, length: int, offset: int, /) -> bytes:
        """Return exactly that many bytes."""
        if length < 0 or offset < 0 or offset + length > self.size:
            raise self._error("the file is too short")
        return self.data[offset : offset + length]


def main(arguments: Sequence[str]) -> None:
    """Fuzz until libFuzzer has enough."""
    atheris = importlib.import_module("atheris")
    suffix, *options = arguments
    with atheris.instrument_imports(include=["engram.storage"]):
        import engram.storage

        for module in pkgutil.walk_packages(engram.storage.__path__, "engram.storage."):
            importlib.import_module(module.name)
        from engram.errors import DamagedFile, EngramError
        from engram.storage.formats import HEAD_BYTES, format_for
        from engram.storage.parameters.text import decode, parse
    from tools.fuzz.target import PARAMETERS, Target

    def read(data: bytes) -> None:
        if suffix == PARAMETERS:
            parse(decode(data, "fuzzed"))
            return
        fmt = format_for(f"x{suffix}")
        if fmt.recognises(data[:HEAD_BYTES]):
            for _, pieces in fmt.open(_Reader(data, DamagedFile)).stream():
                for _ in pieces:
                    pass

    def try_one(data: bytes) -> None:
        with contextlib.suppress(EngramError):
            read(data)

    with tempfile.TemporaryDirectory() as folder:
        corpus = next((one for one in options if not one.startswith("-")), "")
        if not corpus:
            corpus = f"{folder}/corpus"
            options.append(corpus)
        Path(corpus).mkdir(exist_ok=True)
        Path(corpus, "honest").write_bytes(Target(suffix, Path(folder)).honest)
        atheris.Setup([sys.argv[0], f"-max_len={MOST_BYTES}", *options], try_one)
        atheris.Fuzz()


if __name__ == "__main__":
    main(sys.argv[1:])
