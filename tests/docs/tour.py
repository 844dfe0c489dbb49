"""What docs/ARCHITECTURE.md shows, each block produced by the code that it is about."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from lark import Token

import engram as eg
from engram.blueprint.codec import to_json
from engram.ir.kernel_job import RunKernel
from engram.ir.lower import lower_neuron
from engram.ir.nodes import Const, Expr, Operation, Read
from engram.language import nodes as ast
from engram.language.model import Ode
from engram.language.syntax import _lark
from engram.native.emit import emit
from engram.persistence.blueprinting import blueprint_of

__all__ = ["BLOCKS", "EQUATION", "LEAKY"]

EQUATION = "tau*dv/dt = -v + I"
LEAKY = {
    "parameters": "tau = 10.0 : population\nI = 2.0",
    "equations": EQUATION,
    "spike": "v > 1.0",
    "reset": "v = 0.0",
    "name": "leaky",
}


def text() -> str:
    """The neuron as a user writes it."""
    arguments = "\n".join(f"    {name}={value!r}," for name, value in LEAKY.items())
    return f"import engram as eg\n\nleaky = eg.Neuron(\n{arguments}\n)\n".replace("'", '"')


def tokens() -> str:
    """Each token of the equation with its first column."""
    found = [token for token in _lark().lex(EQUATION) if isinstance(token, Token)]
    return "".join(f"{token.column:3}  {token.type:12}{token.value}\n" for token in found)


def syntax() -> str:
    """The tree of the right side, solved for dv/dt, with the columns of each node."""
    (equation,) = eg.Neuron(**LEAKY).model.equations
    assert isinstance(equation, Ode)
    return "\n".join([f"d{equation.name}/dt", *_tree(equation.rate, 1)]) + "\n"


def _tree(expr: ast.Expr, depth: int) -> list[str]:
    match expr:
        case ast.Binary(op, left, right):
            head, below = f"Binary {op}", [left, right]
        case ast.Unary(op, operand):
            head, below = f"Unary {op}", [operand]
        case ast.Name(name):
            head, below = f"Name {name}", []
        case _:
            raise AssertionError(f"the tour does not know {expr}")
    line = f"{'  ' * depth}{head}"
    columns = f"{expr.span.block} {expr.span.start + 1}-{expr.span.end}"
    return [f"{line:24}{columns}", *(part for node in below for part in _tree(node, depth + 1))]


def model() -> str:
    """The checked model: its attributes and statements."""
    checked = eg.Neuron(**LEAKY).model
    lines = [f"parameter  {p.name:4} = {p.value}, {p.locality}, {p.type}" for p in checked.parameters]
    lines += [f"variable   {v.name:4} = {v.init}, {v.locality}, {v.type}" for v in checked.variables if not v.implicit]
    lines += [f"equation   {s.text}" for s in checked.equations]
    lines += [f"reset      {s.text}" for s in checked.reset]
    lines += [f"spiking    {checked.spiking}"]
    return "\n".join(lines) + "\n"


def kernel() -> str:
    """The kernel that explicit Euler makes of it."""
    (lowered,) = lower_neuron(eg.Neuron(**LEAKY).model, "explicit")
    lines = [f"kernel {lowered.name!r}"]
    for argument in lowered.arguments:
        written = ", written" if argument.written else ""
        lines.append(f"  argument {argument.symbol}: {argument.dtype}, index {argument.index.value}{written}")
    lines += [
        f"  {part}: {s.symbol} = {_formula(s.value)}" for part in ("prelude", "body") for s in getattr(lowered, part)
    ]
    assert lowered.spike is not None
    lines.append(f"  spike: {_formula(lowered.spike)}")
    lines += [f"  reset: {s.symbol} = {_formula(s.value)}" for s in lowered.reset]
    return "\n".join(lines) + "\n"


def _formula(expr: Expr) -> str:
    match expr:
        case Const(value, _):
            return repr(value)
        case Read(symbol, _):
            return symbol
        case Operation(name, args, _) if len(args) == 2 and not name.isalpha():
            return f"({_formula(args[0])} {name} {_formula(args[1])})"
        case Operation(name, args, _):
            return f"{name}({', '.join(map(_formula, args))})"
    raise AssertionError(f"the tour does not know {expr}")


def c() -> str:
    """The lines of C around the equation."""
    (lowered,) = lower_neuron(eg.Neuron(**LEAKY).model, "explicit")
    lines = emit(lowered).splitlines()
    begin = next(k for k, line in enumerate(lines) if "#pragma omp simd" in line)
    end = next(k for k, line in enumerate(lines) if k > begin and line == "        }")
    return "\n".join(line.removeprefix("        ") for line in lines[begin : end + 1]) + "\n"


def call() -> str:
    """The schedule of one step: what the engine calls, on which arrays."""
    lines = []
    for job in _network()._keeper.runner.derived.jobs:
        if isinstance(job, RunKernel):
            pointers = [f"    slot[{k}] = {path}" for k, path in enumerate(job.paths)]
            lines += [f"run(...)  of kernel {job.kernel.name!r}, n = {job.n}", *pointers]
        else:
            lines.append(f"{type(job).__name__}")
    return "\n".join(lines) + "\n"


def file(folder: Path) -> str:
    """What stands in a file: the bytes of v, and its entry in the manifest."""
    net, path = _network(), folder / "leaky.npz"
    net.simulate(3.0)
    net.save(path)
    with zipfile.ZipFile(path) as pack:
        manifest = json.loads(pack.read("engram/manifest.json"))
        data = pack.read("populations/pop/v.npy")
    owner = next(owner for owner in manifest["owners"] if owner["path"] == "populations/pop")
    entry = next(slot for slot in manifest["slots"][owner["slots"]] if slot["name"] == "v")
    shown = {"path": owner["path"]} | {name: entry[name] for name in ("name", "dtype", "role", "axes", "layout")}
    with np.load(path) as loaded:
        values = loaded["populations/pop/v"]
    rows = [
        f"{data[at : at + 8].hex(' ')}   {value}" for at, value in zip(range(128, len(data), 8), values, strict=True)
    ]
    return "\n".join(["populations/pop/v.npy, behind its header of 128 bytes:", *rows, "", json.dumps(shown)]) + "\n"


def _network() -> eg.Network:
    net = eg.Network(dt=1.0, seed=1)
    net.create(3, eg.Neuron(**LEAKY), name="pop")
    net.get_population("pop").I = [1.0, 2.0, 3.0]
    net.compile()
    return net


SCRIPT = """
net = eg.Network(dt=1.0, seed=1)
pop = net.create(3, leaky, name="pop")
drive = net.connect(pop, pop, "exc", name="drive")
drive.all_to_all(weights=0.5, delays=2.0)
drive.transmission = False
spikes = net.monitor(pop, "spike")
"""


def script() -> str:
    """What the user says of a network."""
    return SCRIPT.lstrip()


def _told() -> eg.Network:
    known: dict[str, Any] = {"eg": eg, "leaky": eg.Neuron(**LEAKY)}
    exec(SCRIPT, known)  # noqa: S102  our own text, just above
    net: eg.Network = known["net"]
    return net


def record() -> str:
    """What its blueprint says of the projection."""
    (projection,) = to_json(blueprint_of(_told()._core))["projections"]
    return "".join(f"{json.dumps(name)}: {json.dumps(value)}\n" for name, value in projection.items())


def slots() -> str:
    """The tree after compile, but for what a population has."""
    net = _told()
    net.compile()
    found = [s for path, s in net._core.state.slots().items() if not path.startswith("populations/")]
    return "".join(f"{s.path:42} {s.shape!s:8} {s.dtype.name:8} {s.role.value}\n" for s in found)


def schedule() -> str:
    """The jobs of one step."""
    net = _told()
    net.compile()
    jobs = net._keeper.runner.derived.jobs
    return "".join(
        f"{type(job).__name__:12} {job.kernel.name if isinstance(job, RunKernel) else _of(job)}\n" for job in jobs
    )


def _of(job: Any) -> str:
    return ", ".join(sorted({access.path for access in job.accesses}))


BLOCKS: dict[str, Callable[[Path], str]] = {
    "text": lambda folder: text(),
    "tokens": lambda folder: tokens(),
    "syntax": lambda folder: syntax(),
    "model": lambda folder: model(),
    "kernel": lambda folder: kernel(),
    "c": lambda folder: c(),
    "script": lambda folder: script(),
    "record": lambda folder: record(),
    "slots": lambda folder: slots(),
    "schedule": lambda folder: schedule(),
    "call": lambda folder: call(),
    "file": file,
}
