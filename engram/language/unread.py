"""What spikes add to a new variable of a synapse that nothing reads: elsewhere ``v += w`` acts on the neuron.

In: the parts of a synapse. Out: cautions; the model means what it says.
"""

from __future__ import annotations

from collections.abc import Iterator

from engram.language.lines import Line
from engram.language.nodes import Name
from engram.language.parts import Parts
from engram.language.scope import elementwise_nodes

__all__ = ["caution_unread"]

_OF_NEURONS = frozenset("v u V U Vm vm g ge gi gE gI g_e g_i I Isyn I_syn i_syn x y r".split())
"""What neurons elsewhere are told to change by a number: ``v += 0.5``."""


def caution_unread(parts: Parts) -> None:
    """Note statements of ``pre_spike`` that add to a variable of the synapse which does nothing.

    A variable is meant if it has an initial value, or an equation; one that counts, ``n += 1``, is as well. Where some
    statement changes ``g_target`` the user knows what acts on the neuron.
    """
    lines = [*parts.lines.get("pre_spike", ()), *parts.lines.get("pre_axon_spike", ())]
    if "psp" in parts.expressions or parts.source.is_printed or any(line.name == "g_target" for line in lines):
        return
    found = {line.name: line for line in lines if _is_in_vain(parts, line)}
    for line in found.values():
        what = f"'{line.name}' is a new variable of the synapse, which nothing reads: it changes nothing in the neuron"
        write = line.text.replace(line.name, "g_target", 1) if line.op != "=" else "g_target += w"
        advice = f"write '{write}', which the neuron's equations read as e.g. g_exc"
        meant = f"if the variable is meant, give it an initial value, '{line.text} : init=0.0'"
        parts.source.cautions.append(f"{what}\n{parts.source.place(line.head).draw()}\n  help: {advice}; {meant}.")


def _is_in_vain(parts: Parts, line: Line) -> bool:
    variable = parts.variables.get(line.name)
    if variable is None or not variable.implicit or line.name in parts.source.declared or line.op in ("*=", "/="):
        return False
    reads = set(_names(line))
    is_added = line.op != "=" or line.name in reads
    is_foreign = line.name in _OF_NEURONS or bool(reads & {*parts.parameters, *parts.constants})
    return is_added and is_foreign and not _is_read(parts, line.name)


def _is_read(parts: Parts, name: str) -> bool:
    """Whether anything but statements of its own reads a variable."""
    lines = [line.value for line in parts.all_lines() if line.name == name]
    return any(
        isinstance(node, Name) and node.id == name
        for value in parts.all_expressions()
        if not any(value is one for one in lines)
        for node in elementwise_nodes(value)
    )


def _names(line: Line) -> Iterator[str]:
    return (node.id for node in elementwise_nodes(line.value) if isinstance(node, Name))
