"""Calls in texts: whether what they name exists, and takes the arguments that they give."""

import ast
import inspect

import engram as eg
from engram.program.config import CHECKS

__all__ = ["ROOTS", "exists"]

ROOTS = {"eg": eg, "net": eg.Network, "pop": eg.Population, "proj": eg.Projection, "monitor": eg.Monitor}
GIVES = {"connect": eg.Projection, "create": eg.Population, "monitor": eg.Monitor}
SETTINGS = {*CHECKS}


def exists(node):
    """Return what an expression of a help stands for; calls are not made, but their names and arguments looked up."""
    if isinstance(node, ast.Name):
        return ROOTS.get(node.id)
    if isinstance(node, ast.Attribute):
        return getattr(owner, node.attr) if (owner := exists(node.value)) is not None else None
    if not isinstance(node, ast.Call) or (called := exists(node.func)) is None:
        return None
    known = inspect.signature(called).parameters
    given = {keyword.arg for keyword in node.keywords} - {None}
    assert given <= {*known} or (given <= SETTINGS and "settings" in known), f"{ast.unparse(node)}: {given}"
    return called if inspect.isclass(called) else GIVES.get(getattr(called, "__name__", ""))
