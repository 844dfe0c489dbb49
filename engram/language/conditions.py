"""Stop conditions of populations: ``r > 5.0 : any``.

In: the text of a condition, and the checked neuron that it is about. Out: a checked expression, and whether it must
hold for all neurons.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from engram.language.budget import check_budget
from engram.language.check import check_reads
from engram.language.errors import BadSyntax, MisplacedName, UnknownFlag
from engram.language.functions import inlined
from engram.language.model import Function, Model
from engram.language.nodes import Draw, Expr, Span, Sum
from engram.language.parts import raise_problems
from engram.language.printer import to_text
from engram.language.resolve import Resolver
from engram.language.scope import Scope, elementwise_nodes
from engram.language.source import MAX_PRINTED, Block, Source
from engram.language.syntax import read_expression

__all__ = ["Condition", "parse_condition"]

BLOCK = "stop_condition"
MODES = ("any", "all")
SPIKED = "spiked"
_FLAG = re.compile(r"(?<!\belse)\s*:\s*([A-Za-z_]\w*)\s*\Z")


@dataclass(frozen=True)
class Condition:
    """A condition of neurons.

    Args:
        value: what must be true; None: that the neuron spiked.
        for_all: whether it must be true for all neurons, or for any.
        text: canonical, for comments in C.
        printed: a text that says the same without the functions that it calls.
    """

    value: Expr | None
    for_all: bool
    text: str
    printed: str


def parse_condition(
    text: str, model: Model, functions: Iterable[Function] = (), constants: Collection[str] = ()
) -> Condition:
    """Return the checked condition ``text`` of neurons of a model.

    Args:
        text: an expression, or ``spiked`` of spiking neurons; then perhaps ``: any`` (as without) or ``: all``.
        functions: that it may call.
        constants: names of constants.

    Raises:
        LanguageError: if the text is wrong.
    """
    source = Source("neuron", model.name, {BLOCK: Block(BLOCK, text)}, most=MAX_PRINTED)
    source.check_size()
    raise_problems(source)
    flag = _FLAG.search(text)
    mode = flag.group(1) if flag else "any"
    if flag and mode not in MODES:
        place = source.place(Span(BLOCK, flag.start(1), flag.end(1)))
        source.report(UnknownFlag(f"unknown flag '{mode}'", place, mode, MODES))
    body = text[: flag.start()] if flag else text
    known = {f.name: f for f in functions}
    value = None
    if not (body.strip() == SPIKED and model.spiking and model.attribute(SPIKED) is None):
        value = _read(source, body, model, known, set(constants))
    raise_problems(source)
    if value is None:
        return Condition(None, mode == "all", SPIKED, f"{SPIKED} : {mode}")
    return Condition(value, mode == "all", to_text(value), f"{to_text(inlined(value, known))} : {mode}")


def _read(source: Source, text: str, model: Model, functions: dict[str, Function], constants: set[str]) -> Expr | None:
    """Return the expression; everything that is wrong with it is reported."""
    if not text.split("#", 1)[0].strip():
        what = "the condition is empty"
        source.report(BadSyntax(what, source.place(Span(BLOCK, 0, 1)), advice="write e.g. 'r > 5.0 : any'."))
        return None
    tree = read_expression(
        Source(source.kind, source.name, {BLOCK: Block(BLOCK, text)}, problems=source.problems), BLOCK
    )
    if tree is None:
        return None
    parameters, variables = {p.name: p for p in model.parameters}, {v.name: v for v in model.variables}
    scope = Scope(source, parameters, variables, functions, constants, model.spiking)
    signatures = {name: f.arguments for name, f in functions.items()}
    value = Resolver(source, signatures, {*parameters, *variables, *constants}).resolve(tree)
    check_reads(scope, [value])
    check_budget(source, [value], functions)
    for node in elementwise_nodes(value):
        if isinstance(node, Draw):
            what, advice = "a condition can't draw random numbers", "draw them into a variable of the neuron."
            source.report(MisplacedName(what, source.place(node.span), advice=advice))
        elif isinstance(node, Sum) and model.spiking:
            what, advice = "sum() is for rate-coded neurons", "the input of spiking ones is g_exc, g_inh ..."
            source.report(MisplacedName(what, source.place(node.span), advice=advice))
    return value
