"""Any text is a model or a LanguageError: never another error, never much work."""

from __future__ import annotations

import pickle
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engram.errors import LanguageError
from engram.language import parse_functions, parse_neuron, parse_synapse
from engram.language.errors import BadSyntax, TooLarge
from tests.cases import each

WORDS = st.sampled_from(
    "r v w x g_exc g_target tau t dt t_pre dv/dt dr/dt = += *= == < is not and or if else : ; \n ( ) , + - * / ^ ** 1"
    " 0.5 1e999 pre.r post.v pre.sum(exc) sum(exc) sum() mean( Uniform( Normal( clip( exp( ite( init= min= max="
    " population projection event-driven exponential int bool # True pi E & | \\ . [ é \x1b '".split(" ")
)
SOUP = st.lists(WORDS, max_size=25).map(" ".join)


def _check_message(error: LanguageError) -> None:
    assert all(line.isprintable() for line in str(error).split("\n"))


@given(SOUP, SOUP, SOUP)
def test_any_neuron_is_a_model_or_a_language_error(first: str, second: str, third: str) -> None:
    try:
        parse_neuron(parameters=first, equations="r = 1.0\n" + second, functions=None)
        parse_neuron(equations=first, spike=second, reset=third)
    except LanguageError as error:
        _check_message(error)


@given(SOUP, SOUP, SOUP)
def test_any_synapse_is_a_model_or_a_language_error(first: str, second: str, third: str) -> None:
    try:
        parse_synapse(equations=first, pre_spike=second, psp=third, functions="f(x) = " + third)
    except LanguageError as error:
        _check_message(error)


@given(st.text(max_size=60))
def test_any_characters_are_a_model_or_a_language_error(text: str) -> None:
    try:
        parse_neuron(equations=text, parameters=text, spike=text)
    except LanguageError as error:
        _check_message(error)


@pytest.mark.parametrize(
    "text",
    [
        "-" * 20000 + "1",
        "not " * 5000 + "1",
        "2^" * 10000 + "1",
        "1+" * 10000 + "1",
        "exp(" * 4000 + "1" + ")" * 4000,
        "if 1: 1 else: " * 1500 + "1",
        "1<" * 10000 + "1",
        "(" * 20000,
    ],
    ids=lambda text: text[:4],
)
def test_deep_nesting_is_refused_and_quickly(text: str) -> None:
    start = time.process_time()
    with pytest.raises(LanguageError) as caught:
        parse_neuron(equations="r = " + text + "\n   + r")

    assert isinstance(caught.value, TooLarge | BadSyntax)
    assert time.process_time() - start < 7.0


def test_parentheses_alone_are_no_depth() -> None:
    assert parse_neuron(equations="r = " + "(" * 10000 + "1" + ")" * 10000).equations[0].text == "r = 1"


@each("depth", [40, 99])
def test_nesting_within_the_budget_passes_every_stage(depth: int) -> None:
    nested = "(1.0 + " * depth + "r" + ")" * depth
    model = parse_neuron(equations=f"tau*dr/dt = {nested} - 2*r : exponential, max={nested}", parameters="tau = 1.0")

    assert model.equations


def test_functions_that_double_each_other_are_refused() -> None:
    lines = "\n".join(f"f{i}(x) = f{i + 1}(x) + f{i + 1}(x)" for i in range(60))
    functions = parse_functions(lines + "\nf60(x) = x")

    with pytest.raises(TooLarge, match=r"more than 10\^9"):
        parse_neuron(equations="r = f0(1.0)", shared_functions=functions)


def test_long_chains_of_functions_are_refused() -> None:
    functions = parse_functions("\n".join(f"f{i}(x) = f{i + 1}(x)" for i in range(1500)) + "\nf1500(x) = x")

    with pytest.raises(TooLarge, match="nested"):
        parse_neuron(equations="r = f0(1.0)", shared_functions=functions)


def test_canonical_text_holds_nothing_of_comments() -> None:
    model = parse_neuron(equations="r = 1.0 # */ system(0); /* \\\n")

    assert model.equations[0].text == "r = 1.0"


def test_errors_survive_pickling() -> None:
    with pytest.raises(LanguageError) as caught:
        parse_neuron(equations="r = a + (b\nx = c")
    copy = pickle.loads(pickle.dumps(caught.value))

    assert str(copy) == str(caught.value)
    assert type(copy) is type(caught.value)
