"""Models of the BOLD signal: their equations against a loop of the same ones, and against what is known of them."""

import inspect

import numpy as np
import pytest

import engram as eg
from engram.errors import InvalidArgument, WrongCall
from tests.cases import each

BALLOONS = {
    eg.balloon_RN: (True, False),
    eg.balloon_RL: (True, True),
    eg.balloon_CN: (False, False),
    eg.balloon_CL: (False, True),
}
"""Class -> whether coefficients are the revised ones, and the signal is linear."""


def by_hand(drive, revised=True, linear=False, oxygen=None, dt=1.0):
    """Integrate a balloon model by explicit Euler; return the signal, (time,)."""
    kappa, gamma, e0, tau, alpha, v_0 = 1 / 1.54, 1 / 2.46, 0.34, 0.98, 0.33, 0.02
    k1, k2, k3 = 4.3 * 40.3 * e0 * 0.04, 1.43 * 25.0 * e0 * 0.04, 1.0 - 1.43
    if not revised:
        k1, k2 = (1.0 - v_0) * k1, 2.0 * e0
    s = s_r = 0.0
    f = r = q = v = out = 1.0
    signal = []
    for k, x in enumerate(drive):
        flow, used = f, r  # with two inputs all are integrated together
        s, f = s + dt * (x - kappa * s - gamma * (f - 1.0)) / 1000.0, max(f + dt * s / 1000.0, 0.01)
        if oxygen is None:
            flow, used = f, f * (1.0 - (1.0 - e0) ** (1.0 / f)) / e0
        else:
            s_r, r = s_r + dt * (oxygen[k] - kappa * s_r - gamma * (r - 1.0)) / 1000.0, max(r + dt * s_r / 1000.0, 0.01)
        dq, dv = (used - q / v * out) / (1000.0 * tau), (flow - out) / (1000.0 * tau)
        q, v = max(q + dt * dq, 0.01), max(v + dt * dv, 0.01)
        out = max(v ** (1.0 / alpha), 0.01)
        rest = (k1 + k2) * (1.0 - q) + (k3 - k2) * (1.0 - v)
        signal.append(v_0 * (rest if linear else k1 * (1.0 - q) + k2 * (1.0 - q / v) + k3 * (1.0 - v)))
    return np.array(signal)


def driven(model, drives, duration, dt=1.0):
    """Let inputs that are expressions of t drive a region; return what is recorded of it."""
    net = eg.Network(dt=dt, seed=1)
    region = net.create(1, model)
    for target, text in drives.items():
        net.connect(net.create(1, eg.Neuron(equations=f"r = {text}")), region, target).one_to_one(1.0)
    recorded = net.monitor(region, ["BOLD", *drives, "v"])
    net.compile()
    net.simulate(duration)
    return {name: values[:, 0] for name, values in recorded.get().items()}


@each("model", BALLOONS)
def test_signal_is_that_of_a_loop_of_the_same_equations(model):
    found = driven(model, {"I_CBF": "0.4*sin(t/800.0) - 0.1"}, 3000.0)

    assert np.ptp(found["I_CBF"]) > 0.6
    assert found["BOLD"] == pytest.approx(by_hand(found["I_CBF"], *BALLOONS[model]), rel=1e-9, abs=1e-15)


def test_two_inputs_ask_for_blood_and_oxygen_apart():
    found = driven(eg.balloon_two_inputs, {"I_CBF": "0.4", "I_CMRO2": "0.1*sin(t/500.0)"}, 3000.0)

    expected = by_hand(found["I_CBF"], oxygen=found["I_CMRO2"])
    assert found["BOLD"] == pytest.approx(expected, rel=1e-9, abs=1e-15)


def test_signal_rises_for_seconds_settles_at_the_fixed_point_and_undershoots():
    pulse = driven(eg.balloon_RN, {"I_CBF": "if t < 1000.0: 1.0 else: 0.0"}, 30000.0, dt=10.0)
    signal, ms = pulse["BOLD"], 10.0
    assert 3000.0 < np.argmax(signal) * ms < 6000.0
    assert 6000.0 < np.argmin(signal) * ms < 15000.0
    assert -0.5 * signal.max() < signal.min() < -0.02 * signal.max()

    settled = driven(eg.balloon_RN, {"I_CBF": "0.2"}, 100000.0, dt=10.0)
    f = 1.0 + 0.2 * 2.46
    v = f**0.33
    q = v * (1.0 - 0.66 ** (1.0 / f)) / 0.34
    k1, k2, k3 = 4.3 * 40.3 * 0.34 * 0.04, 1.43 * 25.0 * 0.34 * 0.04, -0.43
    assert settled["v"][-1] == pytest.approx(v, rel=1e-6)
    assert settled["BOLD"][-1] == pytest.approx(0.02 * (k1 * (1 - q) + k2 * (1 - q / v) + k3 * (1 - v)), rel=1e-6)


def test_arguments_are_parameters_with_the_values_of_the_documentation():
    text = inspect.getdoc(eg.balloon_RN)
    arguments = inspect.signature(eg.balloon_RN).parameters
    found = {a.name: a.default for a in eg.balloon_RN().spec.attributes if not a.is_variable}

    assert found == {"second": 1000.0, **{name: one.default for name, one in arguments.items()}}
    for name in arguments:
        (line,) = (x for x in text.splitlines() if x.startswith(f"    {name}: "))
        number, _, divisor = line[line.rindex("(") + 1 :].rstrip(").").partition("/")
        assert float(number) / float(divisor or 1.0) == found[name]
    assert {a.name: a.default for a in eg.balloon_CL(tau=2.0).spec.attributes}["tau"] == 2.0


def test_own_models_are_text_as_others_are():
    own = eg.BoldModel(
        "tau = 1000.0",
        [eg.Variable("tau*dBOLD/dt = -BOLD + sum( I )"), "twice = 2.0*BOLD"],
        inputs="I",
        output=["BOLD", "twice"],
    )
    assert (own.inputs, own.output) == (["I"], ["BOLD", "twice"])
    assert [a.name for a in own.spec.attributes] == ["tau", "BOLD", "twice", "r"]
    assert "r" in eg.balloon_two_inputs().equations  # the oxygen that is used


def test_models_that_can_not_be_are_refused():
    with pytest.raises(InvalidArgument, match=r"no equation reads sum\(J\)"):
        eg.BoldModel("", "BOLD = sum(I)", inputs=["I", "J"])
    with pytest.raises(InvalidArgument, match=r"the equations read sum\(J\), too\n  help: add it to inputs"):
        eg.BoldModel("", "BOLD = sum(I) + sum(J)", inputs="I")
    with pytest.raises(InvalidArgument, match="no equation defines the output 'BOLD'\n  help: output='...' names it"):
        eg.BoldModel("", "y = sum(I)", inputs="I")
    with pytest.raises(InvalidArgument, match="inputs must name at least one"):
        eg.BoldModel("", "BOLD = 1.0", inputs=[])
    with pytest.raises(WrongCall, match="unknown argument 'E0'\n  help: did you mean 'E_0'"):
        eg.balloon_RN(E0=0.4)
    with pytest.raises(InvalidArgument, match="balloon_RN: tau must be above 0"):
        eg.balloon_RN(tau=0.0)
