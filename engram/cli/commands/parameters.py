"""``engram parameters``: the global parameters of a file as JSON, taken out of it or put into it."""

from __future__ import annotations

import os
import warnings
from contextlib import ExitStack
from typing import Any

import numpy as np

import engram as eg
from engram.blueprint.records import ModelRecord
from engram.cli.commands import OUR_FILE, Command
from engram.cli.output import say_json
from engram.errors import EngramWarning, InvalidArgument, UnsupportedFile
from engram.persistence.opening import definition_of
from engram.persistence.reading import File, owners_in, read
from engram.persistence.setting import with_parameters
from engram.program.places import network_path
from engram.state import names
from engram.storage.parameters.read import LOCAL_HELP
from engram.storage.parameters.write import dump_parameters, write_parameters

__all__ = ["COMMAND", "parameters"]

SECTIONS = ("populations", "projections")


def parameters(file: str, apply: str | None, output: str | None, local: bool) -> int:
    """Print a file's parameters or write them to a JSON file; or set them and save; returns the exit status."""
    if apply is not None:
        if output is None:
            raise InvalidArgument(f"--apply needs --output\n  help: engram parameters {file} --apply {apply} -o OUT")
        return _apply(file, apply, output, local)
    if local:
        raise InvalidArgument("--local goes with --apply\n  help: what is printed are global parameters alone.")
    found = read(file)
    with found:
        sections = _sections(found)
    if output is None:
        say_json(dump_parameters(*sections).decode("utf-8").rstrip("\n"))
    else:
        write_parameters(output, *sections)
    return 0


def _apply(file: str, apply: str, output: str, is_local: bool) -> int:
    if os.path.exists(output) and os.path.exists(apply) and os.path.samefile(apply, output):
        raise InvalidArgument(f"'{output}' holds the parameters that are to be set\n  help: give another OUT.")
    with ExitStack() as stack:
        with warnings.catch_warnings(record=True) as said:
            warnings.simplefilter("always")
            write = None if is_local else stack.enter_context(with_parameters(file, apply))
            if write is None:
                net = eg.open(file)
                net.load_parameters(apply, global_only=not is_local)
                write = net.save
        for warning in said:
            text = str(warning.message)
            if text.endswith(LOCAL_HELP):
                what = f"{text.removesuffix(LOCAL_HELP)}; nothing was written"
                raise InvalidArgument(f"{what}\n  help: --local sets them, too, to one value for all elements.")
            warnings.warn(text, EngramWarning, stacklevel=1)
        write(output)
    return 0


def _sections(file: File) -> tuple[dict[str, Any], ...]:
    """Return populations, projections, what the user keeps, and constants, as the network writes them."""
    if file.kind != "network":
        raise UnsupportedFile(f"'{file.path}' holds one {file.kind} and no network\n  help: engram inspect {file.path}")
    said = file.blueprint
    wanted = [_global_parameters(model) for model in said.models]
    paths = {
        f"{section}/{record.name}/{name}": (section, record.name, name)
        for section in SECTIONS
        for record in getattr(said, section)
        for name in wanted[record.model]
    }
    constants = {network_path(names.constant(one.name)): one for one in said.constants}
    numbers = _numbers(file, {*paths, *constants})
    found: dict[str, dict[str, dict[str, Any]]] = {
        section: {record.name: {} for record in getattr(said, section)} for section in SECTIONS
    }
    for path, (section, owner, name) in paths.items():
        if path in numbers:  # it may have been saved without its projections
            found[section][owner][name] = numbers[path]
    lacking = {f"{section}/{owner}" for section, owner, _ in paths.values()} - owners_in(file.manifest)
    if lacking:
        many = f"{len(lacking)} objects, {min(lacking)} among them"
        what = f"'{file.path}' was saved without the values of {many if len(lacking) > 1 else min(lacking)}"
        warnings.warn(
            f"{what}: {'their' if len(lacking) > 1 else 'its'} parameters are not in it", EngramWarning, stacklevel=1
        )
    now = {one.name: float(numbers.get(path, one.value)) for path, one in constants.items()}
    return *found.values(), file.manifest.parameters, now


def _global_parameters(model: ModelRecord) -> list[str]:
    attributes = definition_of(model).spec.attributes
    return [a.name for a in attributes if a.locality == "global" and not a.is_variable and not a.is_table]


def _numbers(file: File, wanted: set[str]) -> dict[str, Any]:
    """Return single numbers of a file by path, verified, in one pass."""
    single = {entry.slot.path for entry in file.manifest.entries if entry.slot.size == 1} & wanted
    return {path: np.concatenate([*pieces])[0] for path, pieces in file.each() if path in single}


COMMAND = Command(
    "the global parameters of a file as JSON; or set them",
    "Prints global parameters and constants as JSON, as save_parameters writes them, or writes them to OUT. With "
    "--apply it sets those of a JSON file, all or none, and saves the network to OUT.",
    parameters,
    (
        OUR_FILE,
        ("--apply", {"metavar": "JSON", "help": "parameters to set"}),
        ("--local", {"action": "store_true", "help": "with --apply: also local ones, one value for all elements"}),
        ("-o --output", {"metavar": "OUT", "help": "where to write"}),
    ),
)
