"""Every public method with arguments that can't be: a clear error of ours, and nothing has changed.

A call that goes through is no failure here: what is right and what is wrong is for the tests of each method.
"""

import inspect
import math
import warnings

import numpy as np
import pytest

import engram as eg
from engram.errors import EngramError
from tests.cases import check_each, sometimes
from tests.network.small import LEAKY, LIF, PLASTIC

WRONG = [
    *(None, "x", "", b"x", [], [1, "a"], [[1], [1, 2]], {}, {"x": 1}, (), (99, 99), slice(None), {1, 2}, 1j, object()),
    *(3, -1, 10**30, 1.5, math.nan, math.inf, True, np.zeros((7, 2)), np.array(["a"]), eg.Uniform(0.0, 1.0)),
]
RIGHT = {
    **{"geometry": 3, "neuron": LIF, "target": "exc", "name": "fresh", "value": 1.0, "values": {}, "file": "f.npz"},
    **{"duration": 1.0, "max_duration": 1.0, "window": 3.0, "probability": 0.5, "number": 1, "what": "p"},
    **{"pre": 0, "post": 1},
}
LONG = {"duration", "max_duration"}  # 10^30 ms would be right, and take long
FIELDS = {"p": ("refractory", "stop_condition"), "c": ("delay", "transmission", "update"), "net": ("dt", "time")}


SHORT = ("net", "p", "a", "c", "d", "m", "v", "n")
WHERE = [*((False, short) for short in SHORT), *((True, short) for short in (*SHORT, "s", "b"))]


def objects(compiled):
    """A network, and what users get from it, by short names."""
    net = eg.Network(seed=1)
    p, q = net.create(6, LIF, name="p", stop_condition="spiked"), net.create((2, 3), LIF, name="q")
    a = net.create(4, LEAKY, name="a")
    c = net.connect(p, q, "exc", PLASTIC, name="c").all_to_all(eg.Uniform(0.0, 1.0), delays=eg.Uniform(1.0, 4.0))
    d = net.connect(a, a, "exc", name="d").all_to_all(0.5)
    m = net.monitor(p, ["v", "spike"], name="m")
    found = {"net": net, "p": p, "a": a, "c": c, "d": d, "m": m, "v": p[1:4], "n": q[1, 2]}
    if compiled:
        net.compile(backend="numpy")
        net.simulate(2.0)
        found |= {"s": c.synapse(0, 1), "b": c.dendrite(1)}
    return found


def test_all_objects_are_tried():
    assert [(compiled, short) for compiled in (False, True) for short in objects(compiled)] == WHERE


def looks(net):
    """What may not change when a call is refused."""
    if net.compiled:
        net._keeper.runner.store_generator()
        state = net._core.state
        pieces = ((state.array(path),) if state.is_array(path) else state.leaf(path).pieces for path in state.slots())
        return [[piece.tobytes() for piece in some] for some in pieces]
    owners = [*net._populations.values(), *net._projections.values()]
    return (
        *(net._core.config, net.current_step, sorted(net._monitors), [repr(o) for o in owners]),
        *([{k: repr(x) for k, x in vars(o).items() if k not in ("_network", "_functions")} for o in owners],),
    )


def methods(short, thing):
    """Yield what may be called, assigned or indexed."""
    for name in dir(type(thing)):
        member = getattr(type(thing), name)  # of a property the property
        if name == "__getitem__" or (name[:1] != "_" and callable(member)):
            yield name
    for name in (*FIELDS.get(short, ()), *getattr(thing, "attributes", [])):
        yield f"{name}="


def calls(thing, name):
    """Yield (description, call) for each argument and wrong values: in turn everyday, all of them nightly."""
    if name.endswith("="):
        yield from ((f"{name}{w!r:.40}", lambda t, w=w: setattr(t, name[:-1], w)) for w in WRONG)
        return
    parameters = list(inspect.signature(getattr(thing, name)).parameters.values())
    named = [p for p in parameters if p.kind in (p.POSITIONAL_OR_KEYWORD, p.KEYWORD_ONLY)]
    needed = {p.name: RIGHT.get(p.name, 1) for p in named if p.default is p.empty}
    for turn, argument in enumerate((*(p.name for p in named), "no_such_argument")):
        for w in sometimes(WRONG[turn % 3 :] + WRONG[: turn % 3], 3):
            if not (argument in LONG and isinstance(w, int) and w > 100):
                yield f"{argument}={w!r:.40}", lambda t, a=argument, w=w: getattr(t, name)(**{**needed, a: w})


def outcome(call, thing):
    """Return the error of a call, or None."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            call(thing)
        except Exception as error:  # noqa: BLE001  all that may come is looked at
            return error
    return None


@pytest.mark.parametrize(("compiled", "short"), WHERE)
def test_call_with_wrong_arguments_is_refused_in_our_words_and_changes_nothing(compiled, short, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    found = objects(compiled)
    kept = looks(found["net"])

    def check(name):
        nonlocal found, kept
        refused = 0
        for text, call in calls(found[short], name):
            error = outcome(call, found[short])
            is_kept = looks(found["net"]) == kept
            if not is_kept:  # what nothing has changed needn't be made again
                found = objects(compiled)
                kept = looks(found["net"])
            if error is not None:
                refused += 1
                assert isinstance(error, EngramError), f"{text}: {type(error).__name__}: {error}"
                assert str(error).strip(), text
                assert is_kept, text
        assert refused

    check_each(list(methods(short, found[short])), check)
