"""The number of random draws in a model: as many as there are draw numbers, counted over all of its texts."""

from __future__ import annotations

import pytest

from engram.ir.lower import lower_neuron
from engram.language import parse_neuron, parse_synapse
from engram.language.errors import TooLarge
from engram.state.streams import MAX_DRAWS
from tests.cases import each


def _draws(n: int, name: str = "x") -> str:
    return "\n".join(f"{name}{i} = Poisson(40.0)" for i in range(n))


def test_draws_when_as_many_as_numbers_are_all_in_the_kernel() -> None:
    equations = f"{_draws(253)}\ndv/dt = Normal(0.0, 1.0) - v"
    model = parse_neuron(equations=equations, spike="v > Uniform(0.0, 1.0)", reset="v = Exponential(1.0)")
    (kernel,) = lower_neuron(model)

    assert model.draws == MAX_DRAWS == 256
    assert [draw.number for draw in kernel.draws] == list(range(256))


def test_draws_when_one_stands_in_several_places_of_a_solved_equation_count_once() -> None:
    model = parse_neuron(equations=f"{_draws(255)}\nNormal(5.0, 1.0)*dr/dt + r*x0 = x1")

    assert model.draws == 256


@each(
    ("texts", "got", "place"),
    [
        ({"equations": f"dv/dt = -v\n{_draws(257)}", "spike": "v > 1.0"}, 257, ("equations", 258, 8)),
        ({"equations": f"dv/dt = -v\n{_draws(256)}", "spike": "v > 1.0 + Poisson(2.0)"}, 257, ("spike", 1, 11)),
        ({"equations": _draws(250), "pre_spike": _draws(9, "y")}, 259, ("pre_spike", 7, 6)),
        ({"pre_spike": _draws(250), "post_spike": _draws(7, "y")}, 257, ("post_spike", 7, 6)),
        ({"equations": _draws(256), "psp": "w*Exponential(1.0)*pre.r"}, 257, ("psp", 1, 3)),
    ],
)
def test_draws_when_more_than_numbers_are_refused_at_the_first_too_many(
    texts: dict[str, str], got: int, place: tuple[str, int, int]
) -> None:
    """Number 256 would take the words of the second attempts of number 0."""
    parse = parse_neuron if "spike" in texts else parse_synapse
    with pytest.raises(TooLarge, match=f"may have 256 random draws .* not {got}\n") as caught:
        parse(**texts)

    found = caught.value.place
    assert found is not None
    assert (found.block, found.line, found.column) == place
