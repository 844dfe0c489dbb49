"""Rules by which synapses go and come: ``age > T : proba=0.5`` and ``pre.r*post.r > 0.9 : w=1.0, d=2.0``.

In: the text of one of the blocks ``pruning`` and ``creating``. Out: a :class:`Rule`. The condition is read like any
other expression; the flags behind the last colon are numbers.
"""

from __future__ import annotations

import math
import re
from dataclasses import replace

from engram.language.errors import BadValue, MisplacedName, UnknownFlag
from engram.language.forms import real_text
from engram.language.given import must_be
from engram.language.model import Rule
from engram.language.nodes import Draw, Expr, Name, Span, Sum
from engram.language.printer import to_text
from engram.language.scope import Scope, elementwise_nodes
from engram.language.source import Block, Source

__all__ = ["RULES", "check_rule", "conditions_alone", "read_rule", "rule_text"]

RULES = {"pruning": ("proba",), "creating": ("proba", "w", "d")}
"""The blocks, and the flags that each may have."""

_FLAGS = re.compile(r":\s*[^\W\d]\w*\s*=(?!=)[^:]*\Z")
_FLAG = re.compile(r"\s*([^\W\d]\w*)\s*=\s*(\S+?)\s*\Z")
_COMMENT = re.compile(r"#[^\n]*")


def conditions_alone(source: Source) -> Source:
    """Return the source with the blocks of rules cut off before their flags; problems are noted in the same list."""
    found = {name: block for name, block in source.blocks.items() if name in RULES}
    if not found:
        return source
    cut = {name: Block(name, block.text[: _flags_at(block.text)]) for name, block in found.items()}
    return replace(source, blocks={**source.blocks, **cut})


def _without_comments(text: str) -> str:
    return _COMMENT.sub(lambda match: " " * len(match.group()), text)


def _flags_at(text: str) -> int:
    """Return where the colon before the flags stands; the length of the text if there are none."""
    match = _FLAGS.search(_without_comments(text).rstrip().rstrip(";"))
    return match.start() if match else len(text)


def read_rule(source: Source, block: str, value: Expr) -> Rule:
    """Return the rule of a block whose condition was read; flags that can't be are reported."""
    text = source.blocks[block].text
    begin = _flags_at(text)
    clean = _without_comments(text)[begin:].rstrip().rstrip(";")
    found: dict[str, float] = {}
    at = begin + 1
    for piece in clean[1:].split(",") if clean else ():
        span = Span(block, at + len(piece) - len(piece.lstrip()), at + len(piece.rstrip()))
        at += len(piece) + 1
        _read_flag(source, block, piece, span, found)
    return Rule(value, found.get("proba", 1.0), found.get("w", 0.0), found.get("d"))


def _read_flag(source: Source, block: str, piece: str, span: Span, found: dict[str, float]) -> None:
    match = _FLAG.match(piece)
    name, given = match.groups() if match else (piece.strip(), "")
    if name not in RULES[block]:
        source.report(UnknownFlag(f"unknown flag '{name}'", source.place(span), name, RULES[block]))
        return
    try:
        number = float(given)
    except ValueError:
        number = math.nan
    allowed = must_be(name, number)
    if allowed or name in found:
        what = f"the flag '{name}' must {f'be {allowed}, and ' if allowed else ''}stand there once"
        advice = f"write e.g. '{name}=0.5'."
        source.report(BadValue(what, source.place(span), advice=advice, identifier=name))
        return
    found[name] = number


def check_rule(scope: Scope, block: str, rule: Rule, event_driven: set[str]) -> None:
    """Report what a condition can't read: what a missing synapse has not, and what is not known at the end of a step;
    and a weight for new synapses where all have one.

    Args:
        event_driven: variables that are known at events alone.
    """
    source, weight = scope.source, scope.attribute("w")
    if rule.w != 0.0 and weight is not None and weight.locality != "local":
        what = "new synapses can't have a weight 'w' of their own: it is one value for several"
        advice = (
            "leave out the flag 'w', or declare 'w' without 'projection' or 'postsynaptic': each synapse then has one."
        )
        source.report(BadValue(what, source.place(rule.value.span), advice=advice, identifier="w"))
    for node in elementwise_nodes(rule.value):
        what = advice = ""
        if isinstance(node, Draw):
            what, advice = f"`{block}` can't draw random numbers in its condition", "give it the flag 'proba'."
        elif isinstance(node, Sum):
            what, advice = f"`{block}` can't read sum()", "keep it in a variable of the neuron, and read that."
        elif isinstance(node, Name) and node.id == "g_target":
            what, advice = f"`{block}` can't read 'g_target'", "read the conductance as 'post.g_...'."
        elif isinstance(node, Name) and node.id in event_driven:
            what = f"'{node.id}' is event-driven, and not known at the end of a step, when `{block}` is tested"
            advice = "integrate it in each step: remove 'event-driven'."
        elif block == "creating" and isinstance(node, Name):
            attribute = scope.attribute(node.id)
            if attribute is not None and attribute.locality == "local":
                what = f"`creating` asks for pairs without a synapse, which have no '{node.id}'"
                advice = "read variables of the neurons, 'pre.x' and 'post.x', or give it the flag 'projection'."
        if what:
            identifier = node.id if isinstance(node, Name) else ""
            source.report(MisplacedName(what, source.place(node.span), advice=advice, identifier=identifier))


def rule_text(rule: Rule) -> str:
    """Return the text that a user could have given."""
    flags = [f"proba={real_text(rule.proba)}"] if rule.proba != 1.0 else []
    flags += [f"w={real_text(rule.w)}"] if rule.w != 0.0 else []
    flags += [f"d={real_text(rule.d)}"] if rule.d is not None else []
    text = to_text(rule.value)
    return f"{text} : {', '.join(flags)}" if flags else text
