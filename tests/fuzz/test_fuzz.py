"""Any text becomes C that compiles, or a LanguageError: nothing else, and nothing of the text becomes code."""

from __future__ import annotations

from itertools import product

import pytest

from engram.errors import LanguageError
from engram.ir.lower import lower_neuron
from engram.language import parse_neuron, parse_synapse
from engram.native.emit import emit
from tests.cases import check_each, each
from tests.fuzz.generator import HOSTILE_NAMES, HOSTILE_TEXT, make_text
from tests.fuzz.running import check_syntax, kernels_of, outcome, run_texts, strange_words

NIGHTLY = 20_000
PART = 1000


def _explain(report):
    return "\n".join(f"text {one.seed}: {make_text(one.seed)}\n{one.detail}" for one in report.failures[:3])


@pytest.mark.cc
def test_texts_when_random_compile_or_are_refused():
    report = run_texts(range(100_000, 100_150))

    assert not report.failures, _explain(report)
    assert report.counts["compiled"] > 50
    assert report.counts["refused"] > 30


@pytest.mark.cc
@pytest.mark.nightly
@pytest.mark.parametrize("part", range(NIGHTLY // PART))
def test_twenty_thousand_texts_compile_or_are_refused(part):
    report = run_texts(range(part * PART, (part + 1) * PART))

    assert not report.failures, _explain(report)
    assert report.texts == PART


def test_a_text_depends_on_its_number_alone():
    assert make_text(7) == make_text(7)
    assert len({repr(make_text(seed)) for seed in range(100)}) == 100


def test_texts_have_what_few_models_have():
    texts = [make_text(seed).arguments for seed in range(600)]

    assert sum("extra_values" in text for text in texts) > 20
    assert sum("long_sum" in str(text.get("equations")) for text in texts) > 10
    assert sum(" : double" in str(text.get("functions")) for text in texts) > 20


def test_texts_reach_every_kind_of_kernel():
    """A generator whose sound texts were all refused would test nothing."""
    kinds, shapes, spoilt = set(), set(), 0
    for seed in range(80):
        text = make_text(seed)
        try:
            kernels = kernels_of(text)
        except LanguageError:
            spoilt += text.flavour != "sound"
            continue
        for kernel in kernels:
            kinds.add(kernel.kind.value)
            shapes |= {d.kind for d in kernel.draws} | {a.history for a in kernel.arguments}
            shapes |= {"axonal"} if kernel.axonal else set()

    assert kinds == {"update", "globals", "deliver", "pre_events", "post_events", "gather", "synapses"}
    assert shapes >= {"uniform", "normal", "exponential", "gamma", "binomial", "poisson", "each", "axonal"}
    assert spoilt > 20


@pytest.mark.cc
def test_attributes_with_names_of_c_and_of_kernels_compile():
    sources = []
    for name in HOSTILE_NAMES:
        for text in (
            {"equations": f"{name} = {name} + dt*t + r\nr = {name} + mean({name})\nd{name}_/dt = -{name}_ : rk4"},
            {"parameters": f"{name} = 1.0 : population", "equations": f"dr/dt = {name} - r : exponential"},
            {"equations": f"d{name}/dt = -{name} : midpoint", "spike": f"{name} > 1", "reset": f"{name} -= 1"},
            {
                "equations": f"dr/dt = f({name} = 1) - r".replace(" = 1", ""),
                "parameters": f"{name} = 2.0",
                "functions": "f(x) = x",
            },
            {"equations": "r = " + f"{name}(1.0)", "functions": f"{name}(x) = x + 1"},
        ):
            model = parse_neuron(**text, refractory=2.0 if "spike" in text else None)
            sources += [emit(kernel) for kernel in lower_neuron(model)]

    assert check_syntax(sources) == ""
    assert [words for words in map(strange_words, sources) if words] == []


def test_fragment_in_every_place_is_refused_or_stays_a_comment():
    def check(fragment, block):
        texts = {"equations": "v = 1.0", "spike": "v > 2.0", block: fragment}
        try:
            kernels = lower_neuron(parse_neuron(name=fragment, **texts))
        except LanguageError:
            return
        for kernel in kernels:
            assert strange_words(emit(kernel)) == set()

    check_each(product(HOSTILE_TEXT, ("parameters", "equations", "spike", "reset", "functions", "refractory")), check)


@each("name", ["transmission", "update", "plasticity", "learning", "last_pre", "last_post"])
def test_names_of_a_projection_are_refused_in_synapses_alone(name):
    with pytest.raises(LanguageError, match=f"the name '{name}' is reserved"):
        parse_synapse(parameters=f"{name} = 1.0")

    assert parse_neuron(parameters=f"{name} = 1.0", equations=f"r = {name}").attribute(name) is not None


def test_outcome_of_a_crash_is_told_from_a_refusal(monkeypatch):
    def crash(text):
        raise KeyError("x")

    monkeypatch.setattr("tests.fuzz.running.kernels_of", crash)

    assert outcome(1).status == "other"
    assert "KeyError" in outcome(1).detail


@pytest.mark.cc
def test_c_that_does_not_compile_is_found():
    assert "undeclared" in check_syntax(["#include <math.h>\nint run(void) { return s_1; }"])
