"""Every kind of job of the engine says all there is to say of it, and C has its function and its structures."""

import ctypes
import importlib
import pkgutil

import pytest

import engram as eg
from engram import ir
from engram.errors import CompileError
from engram.ir.engine_jobs import Stop
from engram.ir.jobs import EngineJob
from engram.ir.told import Field, Told
from engram.native.bound_jobs import TOLD, function_of
from engram.state import names
from tests.cases import each

for module in pkgutil.iter_modules(ir.__path__):  # wherever in `ir` a kind stands
    importlib.import_module(f"{ir.__name__}.{module.name}")


def kinds_of(base):
    for kind in base.__subclasses__():
        yield from kinds_of(kind) or ()
        if not kind.__name__.startswith("_"):  # what kinds have in common
            yield kind


KINDS = sorted(kinds_of(EngineJob), key=lambda kind: kind.__name__)


@each("kind", KINDS)
def test_each_kind_says_what_it_touches_means_and_did(kind):
    missing = [name for name in ("accesses", "interpret", "label", "count") if _is_abstract(getattr(kind, name, None))]

    assert (missing, kind.name != "", all(isinstance(field, Field) for field in kind.fields)) == ([], True, True)


def _is_abstract(method):
    return method is None or getattr(method, "__isabstractmethod__", False)


@pytest.mark.cc
@each("kind", KINDS)
def test_c_has_the_function_of_each_kind_and_its_structures(kind):
    assert function_of(kind).__name__.startswith("eg_")


def test_each_thing_that_a_field_may_say_has_a_row():
    assert TOLD.keys() == {*Told}


# -- what it touches -------------------------------------------------------------------------------------------

BACKENDS = ["numpy", pytest.param("c", marks=pytest.mark.cc)]
NOT_INTERPRETED = {"Deliver"}  # the interpreter has no packed rows


def everything(backend):
    """Return a network that has jobs of all kinds, of which each does something within a few steps."""
    net = eg.Network(seed=3)
    firing = eg.Neuron(equations="v += 0.4 + 0.01*g_exc", spike="v > 1.0", reset="v = 0.0")
    summing = eg.Neuron(equations="r = 0.5*t + sum(exc) + mean(r)")
    p = net.create(5, firing, name="p", stop_condition="v > 0.5 : any")
    q = net.create(4, summing, name="q")
    p.compute_firing_rate(window=3.0)
    net.connect(p, p, "exc").all_to_all(weights=0.1, delays=2.0)
    net.connect(q, q, "exc").all_to_all(weights=0.1, delays=3.0)
    net.monitor(p, ["spike", "v"])
    net.compile(backend=backend)
    net._core.state.write(p._core.place(names.STOP_ASKED), True)
    return net


def values(net):
    """Return the bytes of all values; a list of spikes is told as its ranks, of which it has so many a step."""
    found = {}
    for path in net._core.state.slots():
        owner, _, name = path.rpartition("/")
        counts = name == names.COUNT and f"{owner}/{names.RANK}" in net._core.state
        told_as = f"{owner}/{names.RANK}" if counts else path
        found[told_as] = (*found.get(told_as, ()), net._core.state.read(path).tobytes())
    return found


def touched(backend):
    """Return what jobs of each kind have written, and what they say that they write: by kind, (changed, told)."""
    net, found = everything(backend), {}
    for step in range(8):
        if step == 6:
            net.get_population("p").disable()  # its list of the last steps is still there, and is emptied now
        derived = net._keeper.runner.derived
        derived.fill()
        for k, job in enumerate(derived.jobs):
            before = values(net)
            net._core.backend.run_jobs(derived, k, k + 1, None)
            after = values(net)
            if isinstance(job, EngineJob):
                changed, told = found.setdefault(type(job), (set(), set()))
                changed |= {path for path in after if after[path] != before[path]}
                told |= {path for path in job.written if path in after}
        net._core.write(names.STEP, net._core.state.step + 1)
    return found


@pytest.mark.parametrize("backend", BACKENDS)
def test_each_kind_writes_what_it_says_and_nothing_else(backend):
    found = touched(backend)
    untried = {kind.__name__ for kind in KINDS} - {kind.__name__ for kind in found}

    assert untried == (NOT_INTERPRETED if backend == "numpy" else set()), "let `everything` have jobs of this kind"
    assert {kind.__name__: changed - told for kind, (changed, told) in found.items() if changed - told} == {}
    assert {kind.__name__: told - changed for kind, (changed, told) in found.items() if told - changed} == {}


@pytest.mark.cc
@each(
    ("wrong", "expected"),
    [
        (
            {"file": "job"},
            r"eg_stop should stand in engram/native/c/job\.c, as Odd of .* says, .*\n  known here: .*jobs",
        ),
        ({"name": "stop it"}, r"jobs\.c has other structures .*\n  eg_stop_it_args: missing in C"),
        ({"fields": Stop.fields[:-1]}, r"eg_stop_args\.result: .* missing in Python\n  in C .*, in Python Odd of"),
    ],
)
def test_what_is_missing_of_a_kind_is_told_with_the_files(wrong, expected):
    odd = type("Odd", (Stop,), wrong)
    with pytest.raises(CompileError, match=expected):
        function_of(odd)


@pytest.mark.cc
def test_function_that_is_missing_is_told_with_its_file(monkeypatch):
    odd = type("Odd", (Stop,), {})
    monkeypatch.setattr("engram.native.bound_jobs.agreed", lambda file, structures, here: ctypes.pythonapi)
    with pytest.raises(CompileError, match=r"^engram/native/c/jobs\.c has no function eg_stop, as Odd of .* says\n"):
        function_of(odd)
