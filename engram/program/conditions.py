"""Conditions by which synapses go and come, evaluated where somebody asks.

Both backends evaluate them by the interpreter's definition, part by part: what is joined by ``and`` needs to be asked
only where the parts before it hold, or once for each neuron of a side.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

import numpy.typing as npt

from engram.ir.kernel_job import RunKernel
from engram.ir.nodes import Index, Operation, Read, reads
from engram.ir.precision import stored
from engram.program.lifting import forms
from engram.program.places import projection_path
from engram.program.synapses import Synapses

if TYPE_CHECKING:
    from engram.ir.nodes import Expr, Kernel

__all__ = ["Comparison", "Condition", "Form", "Known", "Part", "form_of"]

Array = npt.NDArray[Any]
TURNED = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}  # the relation of the same two the other way round
Form: TypeAlias = tuple[tuple[tuple[str, Index], ...], frozenset[str]]
Known: TypeAlias = dict[Any, "tuple[Part, ...]"]  # by rule and form of the data, of one projection


class Comparison(NamedTuple):
    """A condition that compares a value of each synapse with one number: C gives the same bits, as nothing is computed.

    Args:
        path: of the value, of floats.
        relation: of ``wiring/changes.py``.
        bound: the number.
        job: with what that reads.
    """

    path: str
    relation: str
    bound: Expr
    job: RunKernel


@dataclass(frozen=True, eq=False)
class Part:
    """What must hold beside others.

    Args:
        job: with what it reads, and no more.
        indices: whose values these are.
        comparison: what it is, if it is one.
    """

    expr: Expr
    job: RunKernel
    indices: frozenset[Index]
    comparison: Comparison | None


@dataclass(frozen=True, eq=False)
class Condition:
    """The condition of a rule for the present form of a projection's data, at the end of a step."""

    projection: Synapses
    parts: tuple[Part, ...]
    step: int

    @classmethod
    def of(cls, projection: Synapses, rule: str, step: int, form: Form, known: Known) -> Condition:
        """Return the condition of a rule.

        Args:
            form: of the data now, see :func:`form_of`.
            known: what was made before, to which what is made is added.
        """
        key = rule, form
        if key not in known:
            found, constants = form
            known[key] = _parts(projection, _kernel(projection, rule, dict(found), constants))
        return cls(projection, known[key], step)

    def positions(self, comparison: Comparison) -> Array:
        """Return the synapses of which a comparison is true, (n,) int64, ascending."""
        from engram.ir.interpret import value_at  # few networks need it
        from engram.wiring.changes import compared  # with synapses: importing engram must be quick

        program = self.projection.program
        bound = value_at(comparison.job, comparison.bound, program.state, self.step, program.dt)
        return compared(program.state.array(comparison.path), comparison.relation, bound, threads=program.threads)

    def holds(self, part: Part, n: int, **at: Any) -> Array:
        """Return where a part is true, (n,) bool.

        Args:
            at: the neurons ``pre`` and ``post``, and the synapses ``k``, as far as it reads them.
        """
        from engram.ir.interpret import holds_at  # few networks need it

        program = self.projection.program
        found: Array = holds_at(part.job, part.expr, program.state, self.step, program.dt, n, **at)
        return found


def form_of(projection: Synapses) -> Form:
    """Return what conditions are lowered for: the form of a projection's data, and the constants that it reads."""
    program = projection.program
    found = forms(projection, lambda name: program.state.slot(projection.place(name)).shape, "each")
    return tuple(found.items()), program.known_constants(projection.spec.constants)


def _kernel(projection: Synapses, rule: str, found: dict[str, Index], constants: frozenset[str]) -> Kernel:
    from engram.ir.lower_synapses import lower_rule

    model = projection.definition.model
    neurons = projection.pre.definition.model, projection.post.definition.model
    kernel = lower_rule(model, getattr(model, rule).value, *neurons, found, constants)
    return stored(kernel, projection.program.config.precision, "synapse")


def _parts(projection: Synapses, kernel: Kernel) -> tuple[Part, ...]:
    from engram.ir.interpret import conjuncts

    assert kernel.result is not None, "it is a rule"
    found = []
    for expr in conjuncts(kernel.result):
        job = _job(projection, kernel, expr)
        indices = frozenset(a.index for a in job.kernel.arguments) - {Index.ONE}
        found.append(Part(expr, job, indices, _comparison(projection, kernel, expr)))
    return tuple(found)


def _job(projection: Synapses, kernel: Kernel, expr: Expr) -> RunKernel:
    """Return a job with what an expression reads."""
    symbols = reads(expr)
    arguments = tuple(a for a in kernel.arguments if a.symbol in symbols)
    paths = tuple(projection_path(projection, a) for a in arguments)
    return RunKernel(replace(kernel, arguments=arguments), "", paths, projection.post.size, uid=projection.uid)


def _comparison(projection: Synapses, kernel: Kernel, expr: Expr) -> Comparison | None:
    """Return what a condition is if it compares a value of each synapse with one number."""
    if not isinstance(expr, Operation) or expr.name not in TURNED:
        return None
    kinds = {a.symbol: a for a in kernel.arguments}
    left, right = expr.args
    for value, bound, relation in ((left, right, expr.name), (right, left, TURNED[expr.name])):
        of = kinds.get(value.symbol) if isinstance(value, Read) else None
        is_one = all(kinds[symbol].index is Index.ONE for symbol in reads(bound) & kinds.keys())
        # as it is stored: not rounded where the condition is computed in float32
        if of is not None and of.index is Index.SYNAPSE and of.dtype in ("float32", kernel.real) and is_one:
            return Comparison(projection_path(projection, of), relation, bound, _job(projection, kernel, bound))
    return None
