"""What a notebook shows of a network, and of what is in it: tables, and models as mathematics, as HTML."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from engram import markup
from engram.explain.document import Block, Table, Text, Verbatim
from engram.explain.document_html import to_html
from engram.explain.report_content import model_blocks, model_equations, network_blocks
from engram.explain.report_values import value_text
from engram.program.neurons import Neurons
from engram.program.program import Program
from engram.program.recorder import Recorder
from engram.program.synapses import Synapses
from engram.program.units import in_ms

__all__ = ["facts_shown", "shown", "shown_with_values"]

MOST_ROWS = 50  # of a table


def shown(what: Program | Neurons | Synapses | Recorder, title: str) -> str:
    """Return HTML.

    Args:
        title: the line that Python shows: it stands first.
    """
    if isinstance(what, Program):
        blocks = [*network_blocks(what), *_monitors([*what.monitors.values()])]
    elif isinstance(what, Recorder):
        blocks = _monitors([what])
    else:
        blocks = model_blocks(what)
    return markup.heading(markup.plain(title.strip("<>"))) + to_html(map(_cut, blocks))


def shown_with_values(owner: Neurons | Synapses, title: str, values: Mapping[str, Any]) -> str:
    """Return HTML of some neurons or synapses: the values of their attributes, and their model's equations."""
    text = {name: value_text(value) for name, value in values.items()}
    return facts_shown(title, ("Attribute", "Value"), text) + to_html(model_equations(owner))


def facts_shown(title: str, head: tuple[str, str], facts: Mapping[str, str]) -> str:
    """Return HTML of a table with two columns."""
    table = Table(head, tuple(((Verbatim(name),), (Text(text),)) for name, text in facts.items()))
    return markup.heading(markup.plain(title.strip("<>"))) + to_html([_cut(table)])


def _cut(block: Block) -> Block:
    """Return a block with as many rows as anybody reads."""
    if not isinstance(block, Table) or len(block.rows) <= MOST_ROWS:
        return block
    more = (Text(f"... and {len(block.rows) - MOST_ROWS} more"),)
    return Table(block.header, (*block.rows[:MOST_ROWS], (more, *([()] * (len(block.header) - 1)))))


def _monitors(recorders: Sequence[Recorder]) -> list[Block]:
    rows = tuple(
        (
            (Text(one.name),),
            (Text(f"{one.whom.name}{_part(one)}"),),
            (Verbatim(", ".join(one.variables)),),
            (Text(f"{in_ms(one.rhythm[0], one.program.dt)!r} ms"),),
            (Text("recording" if one.active else "paused"),),
            (Text(_amount(one)),),
        )
        for one in recorders
    )
    head = ("Monitor", "Of", "Records", "Every", "State", "Holds")
    return [Table(head, rows)] if rows else []


def _part(recorder: Recorder) -> str:
    return "" if recorder.ranks is None else f" ({len(recorder.ranks)} of {recorder.population.size})"


def _amount(recorder: Recorder) -> str:
    """Say how much was recorded of each variable."""
    if not recorder.program.compiled:
        return "nothing before compile()"
    rows = {name: recorder.program.state.blocks(recorder.paths(name)[0]).rows for name in recorder.variables}
    of = {name: "events" if recorder.is_event(name) else "values" for name in rows}
    return ", ".join(f"{name}: {n:,} {of[name]}" for name, n in rows.items())
