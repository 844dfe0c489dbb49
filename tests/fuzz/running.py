"""Runs texts: each becomes C that the compiler takes, or is refused with a LanguageError."""

from __future__ import annotations

import re
import subprocess
import tempfile
import traceback
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from engram.errors import LanguageError
from engram.ir.lifting import liftable
from engram.ir.lower import lower_neuron
from engram.ir.lower_synapses import lower_synapse
from engram.ir.nodes import Index, Kernel
from engram.language import Model, check_connection, parse_neuron, parse_synapse
from engram.native import emit as emit_module
from engram.native.cache import recall, remember
from engram.native.compiler import find_compiler
from engram.native.emit import ENTRY, emit
from tests.fuzz.generator import ModelText, make_text

__all__ = [
    "NEIGHBOUR_TEXTS",
    "Outcome",
    "Report",
    "check_syntax",
    "kernels_of",
    "outcome",
    "run_texts",
    "strange_words",
]

BATCH = 400  # kernels in one translation unit
_ERRORS = (  # with which no sound C is written; unused values are harmless
    *("-Werror=implicit-function-declaration", "-Werror=implicit-int", "-Werror=int-conversion"),
    *("-Werror=incompatible-pointer-types", "-Werror=uninitialized", "-Werror=comment", "-Werror=trigraphs"),
)
_INCLUDE = Path(emit_module.__file__).parent / "c"

LIFTED = {"pre": Index.PRE, "post": Index.POST}
_ATTRIBUTES = "x = 0.5 : init=0.5\nn = n + 1 : int\nflag = x > 0.2 : bool\n"
NEIGHBOUR_TEXTS: dict[bool, dict[str, Any]] = {
    False: {
        "name": "rate",
        "equations": f"g = 2.0 : population\nr = sum(exc) + x\nv = r\n{_ATTRIBUTES}",
        "parameters": "tau = 10.0",
    },
    True: {
        "name": "spiking",
        "equations": f"g = 2.0 : population\ndv/dt = g_exc - v + 0.4*Uniform(0, 1)\n{_ATTRIBUTES}",
        "spike": "v > 0.5",
        "axon_spike": "v > 0.4",
        "reset": "v = 0",
    },
}
NEIGHBOURS = {spiking: parse_neuron(**texts) for spiking, texts in NEIGHBOUR_TEXTS.items()}


@dataclass(frozen=True)
class Outcome:
    """What became of one text: ``compiled`` (so far: lowered and printed), ``refused``, or ``other``: a bug."""

    seed: int
    status: str
    detail: str = ""
    sources: tuple[str, ...] = ()


def kernels_of(text: ModelText) -> tuple[Kernel, ...]:
    """Parse, check and lower a text."""
    model: Model
    if text.kind == "neuron":
        model = parse_neuron(**text.arguments)
        return lower_neuron(model, text.method, frozenset(), model.targets)
    model = parse_synapse(**text.arguments)
    neuron = NEIGHBOURS[text.spiking]
    check_connection(model, neuron, neuron, "exc")
    w = model.attribute("w")
    forms = {"w": Index.ONE} if text.single and w is not None and w.locality == "local" else {}
    if text.spiking and text.delays != "each":
        forms |= {name: LIFTED[side] for name, side, *_ in liftable(model)} | {"last_pre": Index.PRE}
    return lower_synapse(model, neuron, neuron, forms=forms, delays=text.delays, method=text.method)


def outcome(seed: int) -> Outcome:
    """Return what becomes of the text with a number, short of the compiler."""
    text = make_text(seed)
    try:
        sources = tuple(emit(kernel) for kernel in kernels_of(text))
    except LanguageError as error:
        if not all(line.isprintable() for line in str(error).split("\n")):
            return Outcome(seed, "other", f"unprintable message {str(error)!r}")
        return Outcome(seed, "refused", type(error).__name__)
    except Exception:  # noqa: BLE001  whatever it is, it is what this test looks for
        return Outcome(seed, "other", traceback.format_exc(limit=-6))
    for source in sources:
        strange = strange_words(source)
        if strange:
            return Outcome(seed, "other", f"{strange} of the text stand in C:\n{source}")
    return Outcome(seed, "compiled", "", sources)


def _known_words() -> frozenset[str]:
    """The identifiers that the printer of C, the table of operations and the headers have by themselves."""
    folder = Path(emit_module.__file__).parents[1]
    emitters = [*(folder / "native").glob("c_*.py"), *(folder / "native").glob("emit*.py")]
    files = [*emitters, folder / "state" / "draws.py"]
    words = re.findall(r"[A-Za-z_][A-Za-z0-9_]*", " ".join(f.read_text(encoding="utf-8") for f in files))
    headers = " ".join(h.read_text(encoding="utf-8") for h in (folder / "native" / "c").glob("*.h"))
    return frozenset([*words, *re.findall(r"\beg_[a-z0-9_]+", headers)])


_KNOWN = _known_words()
_OURS = re.compile(
    r"(p|n|of_|near_|at_|now)?s[0-9]+_[0-9A-Za-z_]{0,24}|(r|drawn)_[0-9]+|eg_(synapse_)?[a-z]+|e[0-9]+"
    r"|found_(spikes|axons)|n_(spikes|axons)|start"
)


def strange_words(source: str) -> set[str]:
    """Return the words of a C text, outside of comments, that engram would not write by itself."""
    assert source.isascii()
    assert "\\" not in source
    assert "??" not in source.replace("?????", "")
    code = re.sub(r"/\*.*?\*/", " ", source)
    assert "/*" not in code
    assert "*/" not in code
    code = re.sub(r'#include ["<][a-z_]+\.h[">]', " ", code)
    code = re.sub(r"\b[0-9.][0-9.]*(e[-+]?[0-9]+)?", " ", code)
    return {w for w in re.findall(r"[A-Za-z_][A-Za-z0-9_]*", code) if w not in _KNOWN and not _OURS.fullmatch(w)}


@dataclass
class Report:
    """How many texts there were of each kind, and what went wrong."""

    texts: int
    counts: Counter[str]
    refusals: Counter[str]
    failures: list[Outcome]

    def __str__(self) -> str:
        counts = ", ".join(f"{n} {status}" for status, n in sorted(self.counts.items()))
        return f"{self.texts} texts: {counts}"


def run_texts(seeds: Iterable[int], compile_them: bool = True) -> Report:
    """Run the texts with these numbers and put the C of many of them into each call of the compiler."""
    report = Report(0, Counter(), Counter(), [])
    for group in _groups(outcome(seed) for seed in seeds):
        broken = _refused_by_compiler(group) if compile_them else {}
        for one in group:
            report.texts += 1
            if one.seed in broken:
                one = Outcome(one.seed, "other", broken[one.seed])
            report.counts[one.status] += 1
            if one.status == "refused":
                report.refusals[one.detail] += 1
            elif one.status == "other":
                report.failures.append(one)
    return report


def _groups(outcomes: Iterator[Outcome]) -> Iterator[list[Outcome]]:
    group: list[Outcome] = []
    for one in outcomes:
        group.append(one)
        if sum(len(o.sources) for o in group) >= BATCH:
            yield group
            group = []
    if group:
        yield group


def _refused_by_compiler(group: Sequence[Outcome]) -> dict[int, str]:
    """Return the compiler's message by number for the texts whose C it does not take."""
    kernels = [(one.seed, source) for one in group for source in one.sources]
    messages = check_syntax([source for _, source in kernels])
    if not messages:
        return {}
    bad: dict[int, str] = {}
    for seed, source in kernels:  # rare: find out whose they are
        alone = check_syntax([source])
        if alone:
            bad[seed] = f"{alone}\n{source}"
    return bad or {group[0].seed: messages}


def check_syntax(sources: Sequence[str]) -> str:
    """Return what the compiler says about some kernels in one translation unit; nothing if it takes them."""
    if not sources:
        return ""
    compiler = find_compiler(recall, remember)
    text = "\n".join(
        re.sub(rf"\b{ENTRY}\(void", f"{ENTRY}_{k}(void", source, count=1) for k, source in enumerate(sources)
    )
    with tempfile.TemporaryDirectory(prefix="engram-fuzz-") as folder:
        Path(folder, "kernels.c").write_text(text, encoding="ascii")
        flags = [f for f in compiler.flags if f not in ("-O3", "-Wall")]
        command = [*compiler.command, *flags, *_ERRORS, "-fsyntax-only", f"-I{_INCLUDE}", "kernels.c"]
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, errors="replace", check=False)
    return done.stderr[:3000] if done.returncode else ""
