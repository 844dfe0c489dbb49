"""Parameters that an event assigns: in older scripts ``decision = 0`` stands in ``parameters``, and a reset changes it.

In: the parameters and lines of a model. Out: the same, where such a parameter is a variable, as if it had been written
so; the user is told how to.
"""

from __future__ import annotations

from collections.abc import Iterable

from engram.language.flags import Flags
from engram.language.lines import EVENTS, Line
from engram.language.model import Parameter
from engram.language.nodes import Name
from engram.language.printer import to_text
from engram.language.source import Source

__all__ = ["take_assigned"]


def take_assigned(
    source: Source, parameters: dict[str, Parameter], lines: dict[str, list[Line]]
) -> dict[str, Parameter]:
    """Take parameters that events assign out of the others, and return them; a caution is noted for each.

    Of a neuron they get the equation ``x = x``, by which variables are declared that events alone change. Those of a
    synapse that are shared stay, as an event belongs to one synapse; those that equations assign too stay as well: both
    are errors.
    """
    others = {line.name for block, listed in lines.items() if block not in EVENTS for line in listed}
    found: dict[str, Parameter] = {}
    for line in _at_events(lines):
        parameter = parameters.get(line.name)
        if parameter is None or line.name in others or (source.kind == "synapse" and parameter.locality != "local"):
            continue
        found[line.name] = parameters.pop(line.name)
        source.cautions.append(_caution(source, line, parameter))
        if source.kind == "neuron":
            name = Name(line.name, parameter.span)
            flags = Flags(type=parameter.type, locality=parameter.locality)
            text = f"{line.name} = {to_text(name)}"
            added = Line("equations", line.name, "=", name, text, flags, parameter.span, parameter.span)
            lines["equations"].insert(0, added)
    return found


def _at_events(lines: dict[str, list[Line]]) -> Iterable[Line]:
    return (line for block in EVENTS for line in lines.get(block, ()))


def _caution(source: Source, line: Line, parameter: Parameter) -> str:
    """Return what to write instead, in the words of a message."""
    value = parameter.value if isinstance(parameter.value, float | int | str) else "..."
    flags = "" if parameter.locality == "local" else "population, "
    kind = "" if parameter.type == "float" else f", {parameter.type}"
    instead = f"in `equations`: {line.name} = {line.name}" if source.kind == "neuron" else f"here: {line.text}"
    what = f"'{line.name}' is a parameter that {line.block} assigns; it is taken for a variable"
    advice = f"remove it from `parameters`, and write {instead} : {flags}init={value}{kind}"
    return f"{what}\n{source.place(line.head).draw()}\n  help: {advice}"
