"""Which format a file is written in (its suffix says) and which it is read as (its first bytes say).

What engram did not write may be ANNarchy's (``storage/annarchy``), of the same formats.

One row per format; a module is imported when its first file is written or met.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from functools import partial
from importlib import import_module
from typing import NamedTuple, TypeAlias, cast

from engram.errors import InvalidArgument, UnsupportedFile
from engram.storage.contract import Contents, Format, NotOurs, Reader

__all__ = [
    "BUILT_IN",
    "HEAD_BYTES",
    "STATE_HEADS",
    "STATE_SUFFIXES",
    "SUFFIXES",
    "TABLE",
    "Opener",
    "format_for",
    "format_meant",
    "opener_of",
    "refuse_other_kinds",
    "suffix_meant",
]

HEAD_BYTES = 512

Opener: TypeAlias = Callable[[Reader], Contents]


class _Row(NamedTuple):
    """Where a format's instance stands, and the suffix that asks for it (empty: any other).

    Args:
        head: what its files begin with, and ANNarchy's of that kind; no text does.
        extra: what of engram's extras pip installs for it; empty: nothing.
    """

    suffix: str
    module: str
    instance: str
    head: bytes
    extra: str = ""


TABLE = (
    _Row(".npz", "engram.storage.zip.format", "NPZ", b"PK\3\4"),
    _Row(".engram", "engram.storage.zip.format", "ENGRAM", b"PK\3\4"),
    _Row(".gz", "engram.storage.pickles.format", "GZIP", b"\x1f\x8b"),
    _Row(".mat", "engram.storage.mat.format", "MAT", b"MATLAB 5.0"),
    _Row(".h5", "engram.storage.hdf5.format", "HDF5", b"\x89HDF", "hdf5"),
    _Row("", "engram.storage.pickles.format", "PICKLE", b"\x80"),
)

SUFFIXES = tuple(row.suffix or ".txt" for row in TABLE)
"""One for each format."""

BUILT_IN = tuple(row.suffix or ".txt" for row in TABLE if not row.extra)
"""One for each format that needs no other library."""

ALIASES = {".hdf5": ".h5"}

STATE_SUFFIXES = frozenset(row.suffix for row in TABLE if row.suffix) | {*ALIASES}
"""Of files that hold states and nothing else."""

STATE_HEADS = tuple(dict.fromkeys(row.head for row in TABLE))
"""What files of states begin with."""

OTHER_KINDS = frozenset(
    ".7z .a .avi .bash .bat .bmp .bz2 .c .cc .cfg .cpp .csv .db .dll .doc .docx .dylib .eps .exe .feather"
    " .flac .gif .h .hoc .hpp .htm .html .ico .ini .ipynb .jar .java .jpeg .jpg .js .json .log .m .m4a .m4v .md"
    " .mkv .mod .mov .mp3 .mp4 .mpeg .mpg .nc .nii .nii.gz .npy .nwb .o .odp .ods .odt .ogg .onnx .parquet .pdf"
    " .png .ppt .pptx .ps .pt .pth .py .pyc .rar .rdata .rds .rst .safetensors .sh .so .sql .sqlite .sqlite3"
    " .svg .tar .tar.gz .tex .tgz .tif .tiff .toml .tsv .wav .webm .webp .whl .wmv .xls .xlsx .xml .xz .yaml"
    " .yml .zarr .zip .zst".split()
)
"""Suffixes of files that other programs open; a pickle under such a name would only be found out there."""

SLIPS = {".hdf": ".h5", ".he5": ".h5", ".h5py": ".h5", ".numpy": ".npz", ".gzip": ".gz", ".matlab": ".mat"}
"""Suffixes that are meant for another one, beside those whose letters are."""

HELPS = {
    ".json": "save_parameters() writes parameters as JSON; the whole state goes into .npz.",
    ".npy": ".npz holds any number of arrays.",
    ".csv": "proj.to_dataframe() and monitor.to_dataframe() give tables; the whole state goes into .npz.",
}

# what the first bytes of other people's files say, for the error message
FOREIGN = (
    (b"PK", "a zip archive without members"),
    (b"\x1f\x8b", "a gzip file that engram did not write"),
    (b"MATLAB 5.0", "a MATLAB file that engram did not write"),
    (b"\x93NUMPY", "a single NumPy array"),
    (b"\x80", "a pickle that engram did not write"),
    (b"{", "JSON text; load_parameters reads that"),
)


def format_for(path: str | os.PathLike[str]) -> Format:
    """Return the format that a path's suffix asks for, whatever its case.

    Raises:
        InvalidArgument: for the suffix of another kind of file, which what is written would not be; for one that is
            mistyped, and for a name that is nothing else.
    """
    refuse_other_kinds(path)
    return format_meant(path)


def format_meant(path: str | os.PathLike[str]) -> Format:
    """Return the format of a file that is there, whatever it is called, if its suffix is right."""
    suffix = os.path.splitext(os.fspath(path))[1].lower()
    asked = ALIASES.get(suffix, suffix)
    return _instance(next(row for row in TABLE if row.suffix in (asked, "")))


def suffix_meant(suffix: str) -> str:
    """Return the suffix of states for which another one was mistyped, or written out; empty if it was not.

    It has the same letters in another order, one of them twice, or lacks its end. Any other suffix may be meant as it
    is, be it a number: ``run.5h``.
    """
    if suffix in STATE_SUFFIXES or suffix[1:2].isdigit():
        return ""
    known = sorted(STATE_SUFFIXES)
    alike = (one for one in known if sorted(one) == sorted(suffix.strip()) or _is_stammered(suffix, one))
    cut = (one for one in known if len(suffix) > 2 and one.startswith(suffix))
    return SLIPS.get(suffix, "") or next(alike, "") or next(cut, "")


def _is_stammered(suffix: str, one: str) -> bool:
    return any(suffix == one[:k] + one[k - 1 :] for k in range(2, len(one) + 1))


def refuse_other_kinds(path: str | os.PathLike[str], suffixes: Iterable[str] = SUFFIXES) -> None:
    """Raise InvalidArgument for the suffix of a file that other programs open as what it would not be.

    For one that is mistyped, too, and where there is no name before it.

    Args:
        suffixes: those to name instead.
    """
    name, suffix = os.path.splitext(os.fspath(path).lower())
    suffix = f"{os.path.splitext(name)[1]}{suffix}" if suffix == ".gz" else suffix
    shown, alone = os.fspath(path), os.path.basename(name)
    if shown == "-":
        raise InvalidArgument("a network can't be saved to '-'\n  help: give it a name: run.npz; './-' is a file, too.")
    if not suffix and (alone in STATE_SUFFIXES or alone in OTHER_KINDS or alone in SUFFIXES):
        advice = f"give it one: '{shown[: len(shown) - len(alone)]}run{alone}'."
        raise InvalidArgument(f"'{shown}' is a suffix without a name before it\n  help: {advice}")
    if meant := suffix_meant(suffix):
        advice = f"did you mean '{shown[: len(shown) - len(suffix)]}{meant}'? A pickle can be called .txt."
        raise InvalidArgument(f"a network can't be saved as {suffix!r}, got '{shown}'\n  help: {advice}")
    if suffix in OTHER_KINDS:
        what = f"a network can't be saved as {suffix!r}: expected one of {', '.join(suffixes)}, got '{shown}'"
        raise InvalidArgument(f"{what}\n  help: {HELPS.get(suffix, 'choose .npz, which everything reads.')}")


def opener_of(file: Reader, path: str) -> tuple[str, Opener]:
    """Return the name of the format that a file's first bytes belong to, and what opens it; raises UnsupportedFile."""
    head = file.pread(min(HEAD_BYTES, file.size), 0)
    for row in TABLE:
        fmt = _instance(row)
        if fmt.recognises(head):
            return fmt.name, partial(_ours_or_annarchy, fmt)
    if head.startswith(b"PK\3\4"):
        return "npz", partial(_theirs, "npz")
    found = next((text for magic, text in FOREIGN if head.startswith(magic)), "of no kind that engram knows")
    raise UnsupportedFile(
        f"'{path}' is {'empty' if not head else found}; nothing was loaded\n"
        f"  help: engram loads what its own save wrote: {', '.join(SUFFIXES)}; and ANNarchy's files."
    )


def _ours_or_annarchy(fmt: Format, file: Reader) -> Contents:
    try:
        return fmt.open(file)
    except NotOurs as error:
        found = error.found
    return _theirs(fmt.name, file, found)


def _theirs(name: str, file: Reader, found: object = None) -> Contents:
    return cast(Contents, import_module("engram.storage.annarchy.read").opened_annarchy(file, name, found))


def _instance(row: _Row) -> Format:
    return cast(Format, getattr(import_module(row.module), row.instance))
