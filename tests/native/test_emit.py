"""Kernels as C text: what the golden file shows, and what may never get into it."""

import ctypes
import os
import re
import struct
from pathlib import Path

import pytest

from engram.ir import build as ir
from engram.ir.layouts import LAYOUTS
from engram.ir.lower import lower_neuron
from engram.ir.lower_synapses import lower_synapse
from engram.ir.nodes import Argument, Const, Index, Kernel, KernelKind, Place, Read, Set
from engram.ir.operations import OPERATIONS
from engram.models.definition import Neuron
from engram.models.standard import default_synapse
from engram.native.c_layouts import WALKS
from engram.native.c_operations import TEXTS
from engram.native.emit import emit
from engram.native.library import build, source_digest
from tests.cases import each
from tests.resume.networks import IZHIKEVICH, LEAKY, STDP

GOLDEN = Path(__file__).parents[1] / "golden" / "kernels.txt"


def sources():
    """The C of the kernels that show every shape of loop."""
    neuron, synapse = IZHIKEVICH.model, STDP.model
    lifted = {"x": Index.PRE, "y": Index.POST, "last_pre": Index.PRE}
    kernels = [*lower_neuron(neuron), *lower_synapse(synapse, neuron, neuron)]
    kernels += lower_synapse(synapse, neuron, neuron, forms=lifted)
    kernels += lower_neuron(LEAKY.model)
    for delays in ("none", "uniform", "each"):
        kernels += lower_synapse(default_synapse(False).model, LEAKY.model, LEAKY.model, delays=delays)
    return [emit(kernel) for kernel in kernels]


def test_kernels_are_those_that_were_approved():
    found = "\n".join(sources())
    if os.environ.get("ENGRAM_GOLDEN") == "1":
        GOLDEN.write_text(found, encoding="utf-8")

    assert found == GOLDEN.read_text(encoding="utf-8")


def test_every_operation_and_layout_has_its_c():
    assert TEXTS.keys() == OPERATIONS.keys()
    assert WALKS.keys() == LAYOUTS.keys()


def test_text_when_emitted_twice_is_the_same():
    assert sources() == sources()


def test_equation_stands_as_a_comment_above_its_lines():
    text = sources()[0]

    assert re.search(r"/\* du/dt = a\*\(b\*v - u\)[^\n]*\*/\n", text)
    assert text.index("/* I = ") < text.index("/* dv/dt = ")


@each("text", ["*/ int evil; /*", "a \\\n b", "??/", "x\n#include <evil>", "\x00", "é"])
def test_comment_cannot_be_left(text):
    body = (Set("v", Read("v", "float"), text),)
    kernel = Kernel(
        f"{text} update", KernelKind.UPDATE, (Argument(Place("v"), "float64", Index.OWN, written=True),), body
    )
    source = emit(kernel)

    code = re.sub(r"/\*.*?\*/", "", source, flags=re.DOTALL)
    assert "evil" not in code
    assert source.isascii()
    assert "\\" not in source.split("#include", 1)[0]
    assert not re.search(r"\\\n|\?\?/|\x00", source)


@each(
    ("symbol", "name"),
    [
        ("v", "s0_v"),
        ("pre.tau_m", "s0_pre_tau_m"),
        ("shared.3", "s0_shared_3"),
        ("int", "s0_int"),
        ("é", "s0_"),
        ("*/ evil\\\n", "s0_evil"),
        ("v" * 99, "s0_" + "v" * 24),
    ],
)
def test_local_is_named_after_its_symbol_in_an_identifier_of_our_own(symbol, name):
    argument = Argument(Place(symbol), "float64", Index.OWN, written=True)
    source = emit(Kernel("k update", KernelKind.UPDATE, (argument,), (Set(symbol, Read(symbol, "float")),)))

    assert f" = p{name}[i];" in source
    assert source.isascii()


def test_kernels_that_differ_in_names_only_have_the_same_code():
    one, other = (
        Neuron(equations=f"tau*d{v}/dt = {u} - {v}\n{u} = {v}*0.5\nr = {v}", parameters="tau = 10.0").model
        for v, u in ("vu", "uv")
    )
    texts = [[emit(kernel) for kernel in lower_neuron(model)] for model in (one, other)]

    assert texts[0] != texts[1]
    assert [source_digest(t) for t in texts[0]] == [source_digest(t) for t in texts[1]]


@pytest.mark.cc
@each("value", [0.1, -0.1, 1e308, 5e-324, -0.0, 1e22, 123456789.0, float("inf"), -float("inf")])
def test_constant_in_c_is_exactly_the_number(value):
    kernel = Kernel("constant", KernelKind.GLOBALS, (), (Set("x", Const(value, "float")),))
    (line,) = (line for line in emit(kernel).splitlines() if "s0_x =" in line)
    text = line.split("=")[1].rstrip("; ")
    library = build(f"#include <math.h>\ndouble value(void) {{ return {text}; }}\n", "constant")
    library.value.restype = ctypes.c_double

    assert struct.pack("<d", library.value()) == struct.pack("<d", value)


def test_length_of_the_text_when_calls_are_nested_grows_with_their_number():
    """min(), max() and clip() once wrote their arguments twice: 20 of them, a million times."""
    lengths = []
    for depth in (5, 10, 20):
        text = "x"
        for _ in range(depth):
            text = f"clip({text}, 0.0, 1.0)"
        (kernel,) = lower_neuron(Neuron(equations=f"x = {text}\n r = x", name="nested").model)
        lengths.append(len(emit(kernel)))

    assert lengths[2] - lengths[1] < 3 * (lengths[1] - lengths[0])


def test_power_when_small_and_whole_is_a_product():
    x = Read("x", "float")

    assert ir.power(x, ir.f(2.0)) == ir.mul(x, x)
    assert ir.power(x, ir.f(0.0)) == ir.f(1.0)
    assert ir.power(x, ir.f(-1.0)) == ir.div(ir.f(1.0), x)
    assert ir.power(x, ir.f(0.5)) == ir.op("pow", x, ir.f(0.5))
