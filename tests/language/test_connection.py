"""A synapse and its populations."""

from __future__ import annotations

import pytest

from engram.language import ModelErrors, check_connection, complete_synapse, parse_neuron, parse_synapse, to_text
from engram.language.errors import UnknownName, UnknownTarget

SPIKING = parse_neuron(equations="dv/dt = g_exc - v", spike="v > 1.0", reset="v = 0.0")
RATE = parse_neuron(equations="r = sum(exc)")


def test_complete_synapse_when_rate_coded_gives_the_default_psp() -> None:
    model = complete_synapse(parse_synapse(), is_spiking=False)

    assert model.spiking is False
    assert model.psp is not None
    assert to_text(model.psp) == "w*pre.r"
    assert model.reads_pre == ("r",)


def test_complete_synapse_when_spiking_gives_the_default_statement() -> None:
    model = complete_synapse(parse_synapse(equations="x = t"), is_spiking=True)

    assert [s.text for s in model.pre_spike] == ["g_target += w"]


def test_complete_synapse_when_transmission_is_continuous_adds_nothing() -> None:
    model = complete_synapse(parse_synapse(psp="w*(pre.v - post.v)"), is_spiking=True)

    assert model.pre_spike == ()
    assert model.reads_pre == ("v",)


def test_check_connection_when_everything_exists_is_silent() -> None:
    check_connection(parse_synapse(psp="w*(pre.v - post.v)"), SPIKING, SPIKING, "gap")
    check_connection(parse_synapse(psp="w*pre.r*mean(pre.r)", operation="max"), RATE, RATE, "exc")
    check_connection(parse_synapse(psp="w*pre.sum(exc)*post.sum()"), RATE, RATE, "exc")
    check_connection(parse_synapse(pre_spike="g_target += w*(t - t_pre)"), SPIKING, SPIKING, "exc")
    check_connection(parse_synapse(psp="w*pre.r", operation="mean"), SPIKING, RATE, "exc")


def test_check_connection_reports_all_that_is_missing() -> None:
    synapse = parse_synapse(name="s", psp="w*pre.x*post.y", equations="z = pre.x : min=pre.q")
    with pytest.raises(ModelErrors) as caught:
        check_connection(synapse, RATE, RATE, "exc")

    assert [type(e) for e in caught.value.errors] == [UnknownName] * 3  # pre.x once


def test_check_connection_asks_for_the_targets_that_are_connected() -> None:
    synapse = parse_synapse(psp="w*pre.sum(exc)")
    check_connection(synapse, RATE, RATE, "exc", pre_targets=["exc"])
    check_connection(synapse, SPIKING, RATE, "exc", post_targets=[])  # not known yet what is connected to pre

    with pytest.raises(UnknownTarget, match="nothing is connected"):
        check_connection(synapse, RATE, RATE, "exc", pre_targets=["inh"])
