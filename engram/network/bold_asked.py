"""What users ask a BOLD monitor for, checked: all of it before anything is made."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from engram.callers import plain_float
from engram.errors import InvalidArgument
from engram.network.population import Population
from engram.network.view import PopulationView
from engram.telling import told

if TYPE_CHECKING:
    from engram.models.bold import BoldModel
    from engram.network.network import Network

__all__ = ["Source", "model_of", "numbers_of", "refuse", "regions_of", "sources_of", "variables_of", "whole_of"]

Source = Population | PopulationView


def sources_of(given: Any) -> list[Source]:
    """Return the populations that a user gave, one or several.

    Raises:
        InvalidArgument: if they are none, or of several networks.
    """
    listed = list(given) if isinstance(given, list | tuple) else [given]
    wrong = [one for one in listed if not isinstance(one, Source)]
    if wrong or not listed:
        shown = f", got {told(wrong[0])}" if wrong else ""
        advice = "eg.BoldMonitor(pop), or eg.BoldMonitor([pop1, pop2])."
        raise InvalidArgument(f"BoldMonitor: expected a population or a list of them{shown}\n  help: {advice}")
    if any(whole_of(one)._network is not whole_of(listed[0])._network for one in listed):
        raise InvalidArgument(
            "BoldMonitor: the populations belong to several networks"
            "\n  help: make one monitor for those of each network."
        )
    return listed


def regions_of(whole: Source, slices: Any) -> list[PopulationView]:
    """Return the parts of a population that a user gave.

    Raises:
        InvalidArgument: if there is none, or one is no part of the population.
    """
    what = "boldmonitor_from_slices()"
    if isinstance(whole, PopulationView) or not isinstance(slices, list | tuple | np.ndarray) or len(slices) == 0:
        advice = "slices=[[0, 1, 2], [3, 4, 5]] are two regions; one for each neuron: [[k] for k in pop.ranks]."
        raise InvalidArgument(f"{what} needs a population and slices of it\n  help: {advice}")
    regions = []
    for number, one in enumerate(slices):
        view = one if isinstance(one, PopulationView | int | np.integer) else whole[one]
        if not isinstance(view, PopulationView) or view._population is not whole or not view.size:
            wrong = f"slice {number} is not neurons of {whole.name!r}: {told(one)}"
            raise InvalidArgument(f"{what}: {wrong}\n  help: give a list of ranks.")
        regions.append(view)
    return regions


def whole_of(source: Source) -> Population:
    """Return the population itself, or that of a view."""
    return source._population if isinstance(source, PopulationView) else source


def numbers_of(given: Any, number: int, what: str, words: str, least: float) -> list[float]:
    """Return a number for each population; none if none was given."""
    if given is None:
        return []
    listed = list(given) if isinstance(given, list | tuple | np.ndarray) else [given] * number
    found = [plain_float(one) for one in listed]
    wrong = [one for one, value in zip(listed, found, strict=True) if value is None or not least <= value < np.inf]
    if wrong:
        raise InvalidArgument(f"BoldMonitor: {what} must be {words}, not {told(wrong[0])}")
    if len(found) != number:
        counts = f"{len(found)} values for {number} population{'s' if number != 1 else ''}"
        raise InvalidArgument(f"BoldMonitor: {what} has {counts}\n  help: give one for each, or a number for all.")
    return [value for value in found if value is not None]


def model_of(given: Any) -> BoldModel:
    """Return the model that a user gave, as an instance or class; the default one for None.

    Raises:
        InvalidArgument: if it is none.
    """
    bold = import_module("engram.models.bold")  # which most scripts never need
    model: Any = bold.balloon_RN() if given is None else given() if isinstance(given, type) else given
    if not isinstance(model, bold.BoldModel):
        advice = "eg.balloon_RN(), or your own: eg.BoldModel(parameters, equations, inputs='I_CBF')."
        raise InvalidArgument(f"BoldMonitor: bold_model must be a BoldModel, not {told(given)}\n  help: {advice}")
    return cast("BoldModel", model)


def variables_of(model: BoldModel, mapping: dict[str, Any], sources: list[Source]) -> dict[str, str]:
    """Return the variable for each input.

    Raises:
        InvalidArgument: if an input has none, or a population has no such variable.
    """
    asked = ", ".join(f"{name!r}: 'r'" for name in model.inputs)
    wrong = next((one for one in mapping if one not in model.inputs), None)
    lacking = next((one for one in model.inputs if one not in mapping), None)
    if wrong is not None or lacking is not None:
        what = f"nothing is mapped to the input {lacking!r}" if wrong is None else f"the model has no input {wrong!r}"
        raise InvalidArgument(f"BoldMonitor: {what}\n  help: mapping={{{asked}}}")
    for variable in mapping.values():
        for source in sources:
            spec = whole_of(source)._core.spec
            attribute = spec.attribute(variable) if isinstance(variable, str) else None
            if attribute is None or attribute.is_table:
                known = ", ".join(a.name for a in spec.attributes if not a.is_table)
                what = f"population {source.name!r} has no variable {told(variable)}"
                raise InvalidArgument(f"BoldMonitor: {what}\n  help: it has {known}.")
    return {name: mapping[name] for name in model.inputs}


def refuse(
    sources: list[Source], network: Network, neuron: Any, variables: tuple[str, ...], windows_ms: list[float]
) -> None:
    """Refuse what could be found too late, when a part has been made already."""
    network._core.not_compiled("create a BoldMonitor")
    if whole_of(sources[0])._network is not network:
        advice = "leave out network=, or call boldmonitor() of that network."
        raise InvalidArgument(
            f"BoldMonitor: population {sources[0].name!r} belongs to another network\n  help: {advice}"
        )
    known = [a.name for a in neuron.spec.attributes if a.is_variable]
    unknown = next((one for one in variables if one not in known), None)
    if unknown is not None:
        shown = ", ".join(one for one in known if not one.startswith("signal_"))
        raise InvalidArgument(f"BoldMonitor: the model has no variable {unknown!r}\n  help: it has {shown}.")
    short = next((one for one in windows_ms if 0.0 < one < network.dt), None)
    if short is not None:
        what = f"normalize_input={short:g} ms is shorter than one step, {network.dt:g} ms"
        advice = "it is the time over which a baseline is taken, such as 2000.0; 0.0: none."
        raise InvalidArgument(f"BoldMonitor: {what}\n  help: {advice}")
