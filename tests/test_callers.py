"""Arguments of public calls are checked before anything happens, and warnings point at the user's line."""

from __future__ import annotations

import inspect
import os
import pydoc
import traceback
import warnings
from typing import Any

import numpy as np
import pytest

import engram as eg
import engram.annarchy as ann
from engram.callers import checked, checked_calls, warn
from engram.errors import InvalidArgument, WrongCall
from tests.cases import check_each, each


@checked_calls
class Example:
    def __init__(self, size: int, name: str | None = None) -> None:
        self.given = (size, name)

    def run(self, *, fast: bool = False) -> bool:
        """Return what was given."""
        return fast

    def _inside(self, fast: bool) -> bool:
        return fast


@checked
def kinds(
    names: list[str] | tuple[str, ...] = (), file: str | os.PathLike[str] = "", values: dict[str, Any] | None = None
) -> tuple[object, ...]:
    return names, file, values


@checked
def several(*values: int, **more: int) -> tuple[object, ...]:
    return values, more


def test_right_calls_go_through():
    assert Example(3).given == (3, None)
    assert Example(name="x", size="no kind that is checked").given == ("no kind that is checked", "x")
    assert Example(3).run(fast=np.bool_(True)) == np.True_
    assert Example(3)._inside("private methods are not checked") == "private methods are not checked"
    assert kinds(["a"], values={"x": 1}) == (["a"], "", {"x": 1})
    assert kinds(("a", "b"), file=os.curdir) == (("a", "b"), ".", None)
    assert several(1, 2, x=3) == ((1, 2), {"x": 3})


@each(
    ("call", "said"),
    [
        (lambda: Example(3).run(fast=1), r"run\(\): fast must be True or False, not 1"),
        (lambda: Example(3).run(fast=np.zeros(2)), r"fast must be True or False, not \[0"),
        (lambda: Example(3, 4), r"Example\(\): name must be text or None, not 4"),
        (lambda: kinds("abc"), "names must be a list of names, not 'abc'"),
        (lambda: kinds(["a", 3]), r"names must be a list of names, not \['a', 3\]"),
        (lambda: kinds(file=3), "file must be text or a path, not 3"),
        (lambda: kinds(values={1: 2}), r"values must be a dictionary with names as keys or None, not \{1: 2\}"),
        (lambda: kinds(values=[1]), "values must be a dictionary with names as keys or None"),
    ],
)
def test_argument_of_another_kind_than_its_annotation_is_refused(call, said):
    with pytest.raises(InvalidArgument, match=said):
        call()


@each(
    ("call", "said"),
    [
        (lambda: Example(), r"Example\(\): argument 'size' is missing\n  help: it takes size, name\."),
        (lambda: Example(3, nam="x"), r"Example\(\): unknown argument 'nam'\n  help: did you mean 'name'\?"),
        (lambda: Example(3, foo="x"), r"unknown argument 'foo'\n  help: it takes size, name\."),
        (lambda: Example(1, "x", 2), "too many arguments: 2"),
        (lambda: Example(3).run(True), "too many arguments: True\n  help: it takes fast"),
        (lambda: Example(3, size=4), "argument 'size' is given twice"),
        (lambda: kinds([], names=[]), r"kinds\(\): argument 'names' is given twice"),
        (lambda: eg.Synapse(on_pre="g_target += w"), "unknown argument 'on_pre'\n  help: it is `pre_spike=`"),
        (lambda: eg.Neuron(threshold="v > 1"), "unknown argument 'threshold'\n  help: it is `spike=`"),
        (lambda: eg.Network(foo=1), r"Network\(\): unknown argument 'foo'\n  help: it takes dt, seed\."),
        (lambda: eg.Neuron(equation="r = 1"), r"Neuron\(\): unknown argument 'equation'\n  help: it is `equations=`"),
        (lambda: eg.simulate(), r"simulate\(\): argument 'duration' is missing"),
    ],
)
def test_call_that_cannot_be_is_refused_as_a_type_error_of_ours(call, said):
    with pytest.raises(WrongCall, match=said) as caught:
        call()
    assert isinstance(caught.value, TypeError)
    assert isinstance(caught.value, InvalidArgument)


def test_signature_and_docstring_remain():
    assert str(inspect.signature(Example.run)) == "(self, *, fast: 'bool' = False) -> 'bool'"
    assert Example.run.__doc__ == "Return what was given."


def test_warning_has_the_place_of_the_line_that_called_engram():
    net = eg.Network(seed=1)
    pop = net.create(3, eg.Neuron(equations="r = sum(excitation)"))
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        net.connect(pop, pop, "excitaton")
        eg.Projection(pop, pop, "excitatoin")
        warn("itself")

    lines, first = inspect.getsourcelines(test_warning_has_the_place_of_the_line_that_called_engram)
    places = [lines[w.lineno - first].strip() for w in caught]
    assert [w.filename for w in caught] == [__file__] * 3
    assert [place.split("(")[0] for place in places] == ["net.connect", "eg.Projection", "warn"]


def test_every_public_class_and_function_is_checked():
    """What users call directly says in our words what is wrong with a call."""
    classes = [
        eg.Network,
        eg.Population,
        eg.Projection,
        eg.Monitor,
        eg.MonitorList,
        eg.Neuron,
        eg.Synapse,
        eg.Parameter,
        eg.Variable,
    ]
    unchecked = []
    for cls in classes:
        for name, method in inspect.getmembers(cls, inspect.isfunction):
            if (name[:1] != "_" or name == "__init__") and not hasattr(method, "__wrapped__"):
                unchecked.append(f"{cls.__name__}.{name}")
    unchecked += [n for n in eg.__all__ if inspect.isfunction(f := getattr(eg, n)) and not hasattr(f, "__wrapped__")]

    assert unchecked == []


def _frames(error: BaseException) -> list[str]:
    return [os.path.basename(frame.filename) for frame in traceback.extract_tb(error.__traceback__)]


def _raises(net: eg.Network, text: str) -> BaseException:
    names = {"net": net, "pop": net["pop"], "eg": eg}
    with pytest.raises(eg.EngramError) as caught:
        exec(compile(text, "theirs.py", "exec"), names)  # noqa: S102  a script of the user's
    return caught.value


EVERY_WAY_IN = (
    "pop.v = [1.0, 2.0]",
    "pop.v[99]",
    "pop.v[0] = [1.0, 2.0]",
    "pop.foo",
    "pop[99]",
    "pop.set({'foo': 1})",
    "net.dt = -1.0",
    "net.simulate(1.0, fast=True)",
    "net.connect(pop, pop, 'exc').fixed_probability(3.0)",
    "net.load('nowhere.npz')",
    "eg.Neuron(equations='dv/dt = -v + ', spike='v > 1').model",
    "eg.Uniform(1.0)",
    "eg.setup(foo=3)",
    "eg.Network(foo=3)",
    "net['s'][0].foo",
    "net['s'][0].w = [1.0] * 5",
    "del pop[0]",
    "eg.Izhikevich().equations = 3",
)


def test_traceback_has_the_users_frames_and_one_of_ours(monkeypatch):
    monkeypatch.setenv("ENGRAM_TRACEBACK", "short")
    net = eg.Network(seed=1)
    pop = net.create(3, eg.Izhikevich, name="pop")
    net.connect(pop, pop, "exc", name="s").all_to_all(1.0)
    net.compile(backend="numpy")

    def what(text: str) -> None:
        error = _raises(net, text)
        assert _frames(error)[-2:] == ["theirs.py", "callers.py"], text
        assert _frames(error).count("callers.py") == 1
        assert error.__cause__ is None or not _frames(error.__cause__)

    check_each(EVERY_WAY_IN, what)


def test_traceback_keeps_a_function_of_the_users_that_engram_calls(monkeypatch):
    monkeypatch.setenv("ENGRAM_TRACEBACK", "short")
    net = eg.Network(seed=1)
    net.create(3, eg.Izhikevich, name="pop")
    net.compile(backend="numpy")
    text = "@net.every(period=1.0)\ndef weaken(n):\n    pop.v = 'foo'\nnet.simulate(1.0)"

    assert _frames(_raises(net, text))[-3:] == ["theirs.py", "callers.py", "theirs.py"]


def test_traceback_is_whole_when_it_is_asked_for(monkeypatch):
    monkeypatch.setenv("ENGRAM_TRACEBACK", "full")
    net = eg.Network(seed=1)
    net.create(3, eg.Izhikevich, name="pop")

    assert "handle.py" in _frames(_raises(net, "pop.v = [1.0, 2.0]"))


def test_help_shows_an_example_and_no_private_attribute():
    for kind in (eg.Population, eg.Projection, eg.Network, eg.Monitor):
        text = pydoc.plain(pydoc.render_doc(kind))
        assert "'_core'" not in text
        assert not [line for line in text.splitlines() if line.startswith(" |  _") and line[4:6] != "__"]
    assert all("= net.co" in kind.__doc__ or "= net.cr" in kind.__doc__ for kind in (eg.Population, eg.Projection))
    assert "net = eg.Network(dt=0.1" in eg.Network.__doc__


def test_decorators_and_the_names_of_annarchy_show_one_frame(monkeypatch):
    monkeypatch.delenv("ENGRAM_TRACEBACK", raising=False)
    net = eg.Network()
    for call in (lambda: net.every(5.0)(lambda: None), lambda: ann.Population(3), lambda: ann.Population(*range(9))):
        with pytest.raises(eg.EngramError) as caught:
            call()
        inner = [one.filename for one in traceback.extract_tb(caught.value.__traceback__)[2:]]
        assert len(inner) == 1  # that which cuts the others
        assert inner[0].endswith("callers.py")
