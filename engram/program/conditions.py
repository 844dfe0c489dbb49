"""Conditions by which synapses go and come, evaluated where somebody asks.

Both backends evaluate them by the interpreter's definition, part by part: what is joined by ``and`` needs to be asked
only where the parts before it hold, or once for each neuron of a side.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy.typing as npt

from engram.ir.kernel_job import RunKernel
from engram.ir.nodes import Index, reads
from engram.ir.precision import stored
from engram.program.lifting import forms
from engram.program.places import projection_path
from engram.program.synapses import Synapses

if TYPE_CHECKING:
    from engram.ir.nodes import Expr, Kernel

__all__ = ["Condition", "Known", "Part"]

Array = npt.NDArray[Any]
Known: TypeAlias = dict[Any, "tuple[Part, ...]"]  # by rule and form of the data, of one projection


@dataclass(frozen=True, eq=False)
class Part:
    """What must hold beside others.

    Args:
        job: with what it reads, and no more.
        indices: whose values these are.
    """

    expr: Expr
    job: RunKernel
    indices: frozenset[Index]


@dataclass(frozen=True, eq=False)
class Condition:
    """The condition of a rule for the present form of a projection's data, at the end of a step."""

    projection: Synapses
    parts: tuple[Part, ...]
    step: int

    @classmethod
    def of(cls, projection: Synapses, rule: str, step: int, known: Known) -> Condition:
        """Return the condition of a rule.

        Args:
            known: what was made before, to which what is made is added.
        """
        state, spec = projection.program.state, projection.spec
        found = forms(projection, lambda name: state.slot(projection.place(name)).shape, "each")
        constants = frozenset(projection.program.known_constants(spec.constants))
        key = rule, tuple(found.items()), constants
        if key not in known:
            known[key] = _parts(projection, _kernel(projection, rule, found, constants))
        return cls(projection, known[key], step)

    def holds(self, part: Part, n: int, **at: Any) -> Array:
        """Return where a part is true, (n,) bool.

        Args:
            at: the neurons ``pre`` and ``post``, and the synapses ``k``, as far as it reads them.
        """
        from engram.ir.interpret import holds_at  # few networks need it

        program = self.projection.program
        found: Array = holds_at(part.job, part.expr, program.state, self.step, program.dt, n, **at)
        return found


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
        symbols = reads(expr)
        arguments = tuple(a for a in kernel.arguments if a.symbol in symbols)
        paths = tuple(projection_path(projection, a) for a in arguments)
        job = RunKernel(replace(kernel, arguments=arguments), "", paths, projection.post.size, uid=projection.uid)
        found.append(Part(expr, job, frozenset(a.index for a in arguments) - {Index.ONE}))
    return tuple(found)
