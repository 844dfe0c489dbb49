"""On an empty cache: what a network will surely need is compiled side by side, before one thing waits for another.

What it leaves out, or what the cache lacks later, is compiled when somebody asks for it.
"""

from __future__ import annotations

from collections.abc import Iterator

from engram.native.library import build_many, is_compiled, shipped
from engram.program.backend import Code
from engram.program.backends import NATIVE
from engram.program.compiling import code_of
from engram.program.program import Program
from engram.state.distributions import Distribution
from engram.state.kinds import Kind

__all__ = ["compile_first"]

# files of engram/native/c; packed_copy, so that no save has to wait for a compiler, or misses it
ALWAYS = ("wiring", "packed", "packed_copy", "jobs", "engine")
LARGEST_FIRST = (
    *("wiring", "packed", "draws", "rejection", "packed_copy", "derived", "changes", "reductions", "jobs", "engine"),
)


def compile_first(program: Program) -> None:
    """Compile the engine's files and the kernels of neurons if the engine is not in the cache.

    Raises:
        CompileError: if there is no compiler, or it refuses a text.
    """
    if is_compiled("engine"):
        return
    kernels = [code for population in program.populations.values() for code in code_of(population, backend=NATIVE)]
    files = {*ALWAYS, *_of_draws(kernels), *_of_projections(program)}
    files |= {"reductions" for population in program.populations.values() if population.reductions}
    texts = {code.key: (code.kernel.name, code.source) for code in kernels}
    build_many([*(shipped(name) for name in LARGEST_FIRST if name in files), *texts.values()])


def _of_draws(kernels: list[Code]) -> Iterator[str]:
    for draw in (draw for code in kernels for draw in code.kernel.draws if draw.is_chunked):
        yield "rejection" if draw.tabled else "draws"


def _of_projections(program: Program) -> Iterator[str]:
    for projection in program.projections.values():
        given = projection.draft.connection
        for value in (given.weights, given.delays) if given else ():
            if isinstance(value, Distribution):
                yield "draws" if value.kind <= Kind.EXPONENTIAL else "rejection"
        if projection.spec.needs_columns or (given and isinstance(given.delays, Distribution | str)):
            yield "derived"
        if projection.spec.has_rules:
            yield "changes"
