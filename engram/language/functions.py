"""User functions: ``f(x, y) = x*y``, of one model or of all.

In: statements of a ``functions`` block. Out: Function records over their own arguments, constants and other
functions, and expressions in which their calls are replaced by what they compute.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from engram.language.build import RawFlag
from engram.language.declare import check_definition
from engram.language.errors import (
    BadLeftSide,
    DuplicateDefinition,
    MisplacedName,
    RecursiveFunction,
    UnknownFunction,
    UnknownName,
    WrongArgumentCount,
)
from engram.language.flags import read_flags
from engram.language.model import Function, Type
from engram.language.nodes import Call, Cast, Draw, Expr, GlobalOp, Item, Name, Neighbour, Span, Sum
from engram.language.resolve import Resolver
from engram.language.scope import may_be_constant
from engram.language.source import Source
from engram.language.syntax import Statement
from engram.language.trees import nodes_of, rewrite, substitute
from engram.language.vocabulary import FUNCTIONS, TYPES

__all__ = ["arguments_of", "call_order", "called", "check_complete", "find_signatures", "inlined", "read_functions"]


def find_signatures(source: Source, statements: Iterable[Statement]) -> dict[str, Statement]:
    """Return the statement of each function by name; wrong left sides and second definitions are reported."""
    found: dict[str, Statement] = {}
    for statement in statements:
        left = statement.left
        if not isinstance(left, Call) or not all(isinstance(a, Name) for a in left.args) or statement.op != "=":
            what = "a function is written 'f(x, y) = expression'"
            source.report(BadLeftSide(what, source.place(left.span)))
        elif left.function in found:
            what, advice = f"the function '{left.function}' is defined twice", "remove or rename one of them."
            source.report(DuplicateDefinition(what, source.place(left.span), advice=advice, identifier=left.function))
        elif check_definition(source, left.function, left.span, is_function=True):
            found[left.function] = statement
    return found


def read_functions(
    source: Source,
    statements: dict[str, Statement],
    signatures: dict[str, tuple[str, ...]],
    constants: set[str],
    is_open: bool = False,
) -> dict[str, Function]:
    """Return the functions by name, each checked by itself and for recursion.

    With ``is_open`` they may call others that are declared later.
    """
    found = {}
    for name, statement in statements.items():
        resolver = Resolver(source, signatures, {*arguments_of(statement), *constants}, is_open)
        found[name] = _read_one(source, statement, resolver, constants)
    for name in _recursive(found):
        place = source.place(found[name].span)
        what, advice = f"the function '{name}' calls itself", "write its value without itself: there are no loops."
        source.report(RecursiveFunction(what, place, advice=advice, identifier=name))
    return found


def called(roots: Iterable[Expr], functions: dict[str, Function]) -> tuple[Function, ...]:
    """Return the functions that the expressions call, directly or not; each after those that it calls itself."""
    reached: set[str] = set()
    waiting = [name for root in roots for name in _calls(root, functions)]
    while waiting:
        name = waiting.pop()
        if name not in reached:
            reached.add(name)
            waiting.extend(_calls(functions[name].value, functions))
    return tuple(functions[name] for name in call_order(functions) if name in reached)


def check_complete(source: Source, roots: Iterable[Expr], functions: dict[str, Function]) -> None:
    """Report calls of functions that call others which were never declared."""
    for call in (node for root in roots for node in nodes_of(root) if isinstance(node, Call)):
        for function in called([call], functions):
            calls = [node for node in nodes_of(function.value) if isinstance(node, Call)]
            missing = [c.function for c in calls if c.function not in functions and c.function not in FUNCTIONS]
            if missing and missing[0] not in source.assumed:
                what = f"the function '{function.name}' calls '{missing[0]}', which is not declared"
                advice = f"declare it before the model: eg.add_function('{missing[0]}(...) = ...')."
                place = source.place(call.span)
                source.report(UnknownFunction(what, place, missing[0], tuple(functions), advice))
                source.assumed.add(missing[0])


def call_order(functions: dict[str, Function]) -> list[str]:
    """Return all names, each after those that its function calls; the members of a cycle stand in any order."""
    order: dict[str, None] = {}
    seen: set[str] = set()
    for root in functions:
        stack = [(root, False)]
        while stack:
            name, is_done = stack.pop()
            if is_done:
                order[name] = None
            elif name not in seen:
                seen.add(name)
                stack.append((name, True))
                stack.extend((other, False) for other in _calls(functions[name].value, functions))
    return list(order)


def inlined(expr: Expr, functions: Mapping[str, Function]) -> Expr:
    """Return ``expr`` with what user functions compute in place of their calls.

    What comes from a body has the span of the call: messages show where the user called.
    """
    used = {f.name: f for f in called([expr], dict(functions))}
    bodies: dict[str, Function] = {}

    def put(node: Expr) -> Expr:
        function = bodies.get(node.function) if isinstance(node, Call) else None
        if function is None or not isinstance(node, Call):
            return node
        return _applied(function, node.args, node.span)

    for name in call_order(used):
        bodies[name] = replace(used[name], value=rewrite(used[name].value, put))
    return rewrite(expr, put) if used else expr


def _applied(function: Function, args: tuple[Expr, ...], span: Span) -> Expr:
    """Return the body of a function with its arguments in place of their names."""
    values = dict(zip(function.arguments, args, strict=True))

    def put(node: Expr) -> Expr:
        return values[node.id] if isinstance(node, Name) and node.id in values else replace(node, span=span)

    return rewrite(function.value, put)


def _calls(expr: Expr, functions: dict[str, Function]) -> list[str]:
    return [n.function for n in nodes_of(expr) if isinstance(n, Call) and n.function in functions]


def arguments_of(statement: Statement) -> tuple[str, ...]:
    """Return the names of the arguments of the function that a statement defines."""
    left = statement.left
    return tuple(a.id for a in left.args if isinstance(a, Name)) if isinstance(left, Call) else ()


def _read_one(source: Source, statement: Statement, resolver: Resolver, constants: set[str]) -> Function:
    left, names = statement.left, arguments_of(statement)
    name = left.function if isinstance(left, Call) else ""
    read_flags(source, "functions", statement.flags)
    if len(set(names)) < len(names):
        what = f"two arguments of '{name}' have one name"
        source.report(DuplicateDefinition(what, source.place(left.span), advice="rename one of them.", identifier=name))
    value = resolver.resolve(statement.right)
    _check_body(source, name, names, value, constants)
    return Function(name, names, _typed(value, names, _types(source, statement.flags, name, names)), left.span)


def _types(source: Source, flags: Iterable[RawFlag], name: str, arguments: tuple[str, ...]) -> list[Type]:
    """Return the types after the colon: of the result, then of the arguments; trailing ones may be missing."""
    found = [flag for flag in flags if flag.name in TYPES and flag.value is None]
    if len(found) > len(arguments) + 1:
        places = f"its result and {len(arguments)} argument{'s' if len(arguments) != 1 else ''}"
        what = f"the function '{name}' has types for {places}, not {len(found)}"
        place = source.place(found[len(arguments) + 1].span)
        advice = f"write at most {', '.join(['double'] * (len(arguments) + 1))}: the first is that of the result."
        source.report(WrongArgumentCount(what, place, advice=advice, identifier=name))
        return []
    return [TYPES[flag.name] for flag in found]


def _typed(value: Expr, arguments: tuple[str, ...], types: list[Type]) -> Expr:
    """Return the body of a function with its arguments and its result converted to their declared types."""
    casts = {a: Cast(kind, Name(a)) for a, kind in zip(arguments, types[1:], strict=False)}
    body = substitute(value, dict(casts))
    return Cast(types[0], body) if types else body


def _check_body(source: Source, name: str, arguments: tuple[str, ...], value: Expr, constants: set[str]) -> None:
    """Report everything in a function that depends on more than its arguments."""
    for node in nodes_of(value):
        place = source.place(node.span)
        match node:
            case Name(id) if id not in arguments and id not in constants and id not in source.assumed:
                what = f"unknown name '{id}' in the function '{name}'"
                advice = "a function knows its arguments, constants and functions: pass it as an argument."
                may_come = may_be_constant(id)
                source.report(UnknownName(what, place, id, (*arguments, *constants), advice, may_come=may_come))
            case Draw() | Sum() | GlobalOp() | Neighbour() | Item():
                what = f"the function '{name}' can depend on its arguments, constants and functions only"
                advice = "pass it as an argument."
                source.report(MisplacedName(what, place, advice=advice, identifier=name))
            case _:
                pass


def _recursive(functions: dict[str, Function]) -> list[str]:
    """Return the names of functions that call themselves, directly or through others."""
    position = {name: i for i, name in enumerate(call_order(functions))}
    # in an order where callees stand first, a call to oneself or to a later one closes a cycle
    return [n for n, f in functions.items() if any(position[c] >= position[n] for c in _calls(f.value, functions))]
