"""``engram inspect``: what a file holds, as a tree or as JSON. No network is built."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from itertools import groupby
from typing import Any

from engram.cli.commands import ANY_FILE, Command
from engram.cli.output import printable, say, say_json
from engram.cli.statistics import WHOLE, Statistics, statistics_of
from engram.errors import DamagedFile
from engram.persistence.reading import File, read
from engram.state.slots import Role, Slot

__all__ = ["COMMAND", "inspect"]

FACTS = ("path", "kind", "format", "origin", "step", "seed", "dt", "time")


def inspect(file: str, json: bool, all: bool) -> int:  # noqa: A002  named as its flag
    """Print what a file holds; returns the exit status: 1 if it is damaged."""
    try:
        found = read(file)
        with found:
            _ = found.is_ours and found.blueprint  # before anything is printed
            statistics, faults = statistics_of(found)
            if json:
                say_json(_as_json(found, statistics, faults))
            else:
                for line in _tree(found, statistics, faults, all):
                    say(line)
    except DamagedFile as error:
        if json:
            say_json(_as_json_of_none(file, str(error.__cause__ or error)))
        else:
            print(f"engram inspect: {printable(str(error))}", file=sys.stderr)
        return 1
    return 1 if faults else 0


def _as_json(file: File, statistics: dict[str, Statistics], faults: tuple[str, ...]) -> str:
    values = {
        slot.path: {
            "shape": list(slot.shape),
            "dtype": slot.dtype.name,
            "unit": slot.unit,
            "role": slot.role.value,
            "digest": entry.digest if file.is_ours else None,
            **_facts(statistics[slot.path], file.is_ours),
        }
        for entry in file.manifest.entries
        for slot in (entry.slot,)
    }
    document = {
        **{name: getattr(file, name) for name in FACTS},
        "format_version": file.manifest.version,
        "engram": file.manifest.engram,
        "models": file.models,
        "parameters": file.manifest.parameters,
        "not_saved": list(file.manifest.not_saved),
        "values": values,
        "faults": list(faults),
    }
    return json.dumps(document, indent=2)


def _as_json_of_none(path: str, fault: str) -> str:
    """Return the document of a file that is too damaged to say anything of itself: the same fields."""
    unknown = dict.fromkeys((*FACTS, "format_version", "engram"))
    nothing: dict[str, Any] = {"models": {}, "parameters": {}, "not_saved": [], "values": {}}
    return json.dumps({**unknown, "path": path, **nothing, "faults": [fault]}, indent=2)


def _facts(one: Statistics, has_digest: bool) -> dict[str, Any]:
    numbers = {"min": one.least, "mean": one.mean, "max": one.greatest}
    return {**numbers, "not_finite": one.not_finite, "state": one.state if has_digest else None}


def _tree(file: File, statistics: dict[str, Statistics], faults: tuple[str, ...], is_all: bool) -> Iterator[str]:
    manifest = file.manifest
    if file.is_ours:
        yield f"{file.path}: {file.kind}, {file.format}, format {manifest.version}, engram {manifest.engram}"
        yield f"  step {file.step}, time {file.time:g} ms, dt {file.dt:g} ms, seed {file.seed}"
    else:
        yield f"{file.path}: {file.kind}, {file.format}, written by {file.origin}"
        yield "  no clock" if file.step is None else f"  step {file.step}"
    told: dict[str, str] = {}
    slots = (entry.slot for entry in manifest.entries)
    for owner, members in groupby(slots, lambda slot: slot.owner):
        yield owner
        yield from _values([*members], statistics, is_all)
        yield from _model(owner, file.models.get(owner), told)
    for text in manifest.not_saved:
        yield f"not saved: {text}"
    yield from (f"damaged: {fault}" for fault in faults)
    if not file.is_ours:
        yield f"digests: none, as {file.origin} writes none: changed numbers would not be noticed"
        return
    whole = sum(one.state == WHOLE for one in statistics.values())
    yield f"digests: {whole} of {len(statistics)} values are what was saved"


def _values(slots: list[Slot], statistics: dict[str, Statistics], is_all: bool) -> Iterator[str]:
    shown = [slot for slot in slots if is_all or not slot.hidden or slot.role is Role.WIRING]
    for slot in shown:
        one = statistics[slot.path]
        shape = "x".join(map(str, slot.shape)) or "1 number"
        unit = f" {slot.unit}" if slot.unit else ""
        yield f"  {slot.name:<16} {slot.dtype.name:<8} {shape:<10} {_words(one)}{unit}"
    rest = [slot for slot in slots if slot not in shown] if len(shown) < len(slots) else []
    if rest:
        nbytes = sum(slot.nbytes for slot in rest)
        yield f"  + {len(rest)} values for resuming, {nbytes:,} bytes (--all lists them)"


def _words(one: Statistics) -> str:
    if one.state != WHOLE:
        return one.state
    if one.least is None:
        return f"{one.not_finite} not finite" if one.not_finite else "empty"
    more = f", {one.not_finite} not finite" if one.not_finite else ""
    if one.least == one.greatest:
        return f"{_number(one.least)}{more}"
    return f"min {_number(one.least)}  mean {_number(one.mean)}  max {_number(one.greatest)}{more}"


def _number(value: Any) -> str:
    return "?" if value is None else f"{value:.6g}" if isinstance(value, float) else str(value)


def _model(owner: str, text: str | None, told: dict[str, str]) -> Iterator[str]:
    """Give the lines of a model; many objects share a few, so that each is written once."""
    if not text:
        return
    if text in told:
        yield f"  model as in {told[text]}"
        return
    told[text] = owner
    yield from (f"  | {line}" for line in text.splitlines())


COMMAND = Command(
    "what a file holds: values, models, whether it is whole",
    "Prints a tree of all values (dtype, shape, min, mean, max) and the text of the models. Exit status 1 if "
    "a value is damaged; `engram verify` checks models, too. No network is built; a file may be larger than memory.",
    inspect,
    (
        ANY_FILE,
        ("--json", {"action": "store_true", "help": "as JSON, with all values and their digests"}),
        ("--all", {"action": "store_true", "help": "also list what only resuming needs"}),
    ),
)
