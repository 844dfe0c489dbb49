"""The file of a study, ``study.jsonl``: a header that says which study it is, then a line for each run that has ended.

Lines are only ever appended, each by one write. After a ``kill -9`` the last one may be torn: it is cut off, and its
run runs again. What a file says beside results is compared with the study: a file of another one is refused.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from hashlib import blake2b
from typing import Any

from engram.errors import DamagedFile, SaveError, StateMismatch, UnsupportedFile
from engram.studies.encoding import decoded, encoded, from_line, to_line
from engram.studies.runs import Run
from engram.telling import told

__all__ = ["DRAWN", "Journal", "drawn_seed"]

MARK, VERSION = "engram study", 1
DRAWN = "drawn seed"
"""Fact of a study whose network was given no seed: the one that it drew. What follows from it is compared, not it."""


def drawn_seed(path: str | os.PathLike[str]) -> int | None:
    """Return the seed that the network of a study drew, as its file says; None if it says none, or is no such file."""
    try:
        with open(path, "rb") as file:
            line = file.readline()
        found = from_line(line) if line.endswith(b"\n") else None
    except (OSError, ValueError):  # Journal says what is wrong with it
        return None
    said = str(found.get(DRAWN, "")) if isinstance(found, dict) and MARK in found else ""
    return int(said) if said.isdecimal() else None


class Journal:
    """The file of a study that goes on; to be closed.

    Args:
        path: where it is, or shall be.
        facts: what else makes the study, by name: texts that JSON can hold.
        runs: all of its runs.
        common: the parameters that all of them have.

    Attributes:
        results: of the runs that have ended before, by number; they are the caller's to take.

    Raises:
        StateMismatch: if the file is one of another study; it is as it was.
        UnsupportedFile: if it is something else.
        DamagedFile: if a line that is not the last can't be read.
        SaveError: if it can't be written.
    """

    def __init__(
        self, path: str | os.PathLike[str], facts: dict[str, str], runs: Sequence[Run], common: dict[str, Any]
    ) -> None:
        self._path = os.fspath(path)
        self._file = -1
        said = [[run.number, run.seed, *_parameters(run)] for run in runs]
        all_have = encoded(common, "the parameters that all runs have in common")
        digest = blake2b(to_line([said, all_have]).encode("ascii"), digest_size=16).hexdigest()
        header = {MARK: VERSION, **facts, "runs": len(runs), "seed of run 0": runs[0].seed, "parameters": digest}
        self._header = to_line(header).encode("ascii") + b"\n"
        self.results: dict[int, Any] = {}
        try:
            self._file = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o666)
            self._begin(header, runs)
        except OSError as error:
            self.close()
            what = f"{self._path}: the file of the study can't be written: {error.strerror}"
            raise SaveError(f"{what}\n  help: give resume= a file in a folder that can be written.") from error
        except BaseException:
            self.close()
            raise

    def _begin(self, header: dict[str, Any], runs: Sequence[Run]) -> None:
        whole = 0
        for number, line in enumerate(self._lines()):
            if not line.endswith(b"\n"):
                break
            if number == 0:
                self._compare(line, header)
            else:
                self._take(line, number, runs)
            whole += len(line)
        if whole == 0:  # new, or killed while the header was written
            rest = self._head()
            if not self._header.startswith(rest):
                raise self._foreign()
        os.ftruncate(self._file, whole)
        if whole == 0:
            self._append(self._header)

    def _lines(self) -> Iterator[bytes]:
        with open(self._path, "rb") as file:
            yield from file

    def _head(self) -> bytes:
        with open(self._path, "rb") as file:
            return file.read(len(self._header) + 1)

    def _compare(self, line: bytes, header: dict[str, Any]) -> None:
        try:
            found = from_line(line)
        except ValueError:
            raise self._foreign() from None
        if not isinstance(found, dict) or MARK not in found:
            raise self._foreign()
        if found[MARK] != VERSION:
            version = f"{self._path}: a study of version {found[MARK]!r:.20}, expected {VERSION}"
            raise UnsupportedFile(f"{version}\n  help: another engram has written it: give resume= another file.")
        names = [name for name in {**header, **found} if name != DRAWN and header.get(name) != found.get(name)]
        if names:
            what = tuple(
                f"{name}: {told(found.get(name), 80)} in the file, {told(header.get(name), 80)} here" for name in names
            )
            advice = "give resume= another file, or the study the method, parameters and network that it had;"
            seed = "a network without seed= has another one at each start"
            seed += f": seed={found[DRAWN]} is that of the file." if DRAWN in found else "."
            raise StateMismatch(
                f"{self._path}: the file is one of another study; nothing was run\n  "
                + "\n  ".join(what)
                + f"\n  help: {advice} {seed}",
                what,
            )

    def _foreign(self) -> UnsupportedFile:
        advice = "resume= takes the file of a study, or a new name."
        return UnsupportedFile(f"{self._path}: the file is there, and is no study\n  help: {advice}")

    def _take(self, line: bytes, number: int, runs: Sequence[Run]) -> None:
        try:
            found = from_line(line)
            run = found["run"]
            if type(run) is not int or not 0 <= run < len(runs):
                raise ValueError(f"there is no run {told(run)}")
            self.results.setdefault(run, decoded(found["result"]))
        except (ValueError, TypeError, KeyError) as error:
            advice = "take the line out, and its run runs again."
            raise DamagedFile(f"{self._path}, line {number + 1}: can't be read: {error}\n  help: {advice}") from error

    def write(self, run: Run, result: Any) -> None:
        """Append the result of a run.

        Raises:
            InvalidArgument: if the file can't hold it; nothing was written.
            SaveError: if it could not be written.
        """
        args, kwargs = _parameters(run)
        content = {"run": run.number, "seed": run.seed, **({"args": args} if args else {}), "parameters": kwargs}
        line = to_line({**content, "result": encoded(result, f"the result of run {run.number} ({run})")})
        self._append(line.encode("ascii") + b"\n")

    def _append(self, data: bytes) -> None:
        try:
            while data:
                data = data[os.write(self._file, data) :]
        except OSError as error:
            advice = "what stands in the file stays: make room, and call it again with the same resume=."
            what = f"{self._path}: a result could not be written: {error.strerror}"
            raise SaveError(f"{what}\n  help: {advice}") from error

    def close(self) -> None:
        """Bring to the disk what was written."""
        if self._file >= 0:
            file, self._file = self._file, -1
            try:
                os.fsync(file)
            finally:
                os.close(file)


def _parameters(run: Run) -> tuple[list[Any], dict[str, Any]]:
    """Return the parameters of a run as JSON can hold them."""
    args = [encoded(value, f"the parameter of run {run.number}") for value in run.args]
    named = {name: encoded(value, f"{name} of run {run.number}") for name, value in run.kwargs.items()}
    return args, named
