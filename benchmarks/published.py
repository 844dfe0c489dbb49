"""The ready-made neurons as their papers have them: right sides, thresholds, resets, what goes on in refractoriness.

Written from the papers and from PyNN's definitions, not from engram's texts. In: parameters by engram's names. Out: a
:class:`Cell` for ``independent.integrate``. Called by ``tests/models``.

State 0 is the potential. The last two states are excitation and inhibition as they act; with ``shape="alpha"`` two more
stand before them, to which spikes are added, and which drive them. In the refractory period the potential alone stands
still.
"""

from __future__ import annotations

from math import e, exp
from typing import Literal

import numpy as np

from benchmarks.independent import Array, Cell

__all__ = ["adaptive", "gif", "hodgkin_huxley", "izhikevich", "leaky"]

Shape = Literal["exp", "alpha"]


def izhikevich(
    *, a: float = 0.02, b: float = 0.2, c: float = -65.0, d: float = 8.0, u: float = -13.0, i_offset: float = 0.0
) -> Cell:
    """Return the neuron of Izhikevich (2003) IEEE Trans Neural Netw 14:1569-1572, equations 1 to 3.

    States: v, u. The argument u is where it starts.
    """

    def rate(y: Array) -> Array:
        v, u = y
        return np.array([0.04 * v * v + 5.0 * v + 140.0 - u + i_offset, a * (b * v - u)])

    return Cell(rate, (c, u), 30.0, lambda y: np.array([c, y[1] + d]))


def leaky(
    kind: Literal["curr", "cond"],
    shape: Shape,
    *,
    v_rest: float = -65.0,
    cm: float = 1.0,
    tau_m: float = 20.0,
    tau_refrac: float = 0.0,
    tau_syn_E: float = 5.0,
    tau_syn_I: float = 5.0,
    e_rev_E: float = 0.0,
    e_rev_I: float = -70.0,
    v_thresh: float = -50.0,
    v_reset: float = -65.0,
    i_offset: float = 0.0,
) -> Cell:
    """Return a leaky integrator of PyNN's: Davison et al. (2009) Front Neuroinform 2:11. States: v, inputs."""

    def rate(y: Array) -> Array:
        v, exc, inh = y[0], y[-2], y[-1]
        synapses = exc * (e_rev_E - v) + inh * (e_rev_I - v) if kind == "cond" else exc - inh
        return np.array([(v_rest - v) / tau_m + (synapses + i_offset) / cm, *_inputs(y[1:], tau_syn_E, tau_syn_I)])

    start = (v_reset, *_silent(shape))
    return Cell(rate, start, v_thresh, lambda y: np.array([v_reset, *y[1:]]), tau_refrac, (0,))


def adaptive(
    shape: Shape,
    *,
    v_rest: float = -70.6,
    cm: float = 0.281,
    tau_m: float = 9.3667,
    tau_refrac: float = 0.1,
    tau_syn_E: float = 5.0,
    tau_syn_I: float = 5.0,
    e_rev_E: float = 0.0,
    e_rev_I: float = -80.0,
    tau_w: float = 144.0,
    a: float = 4.0,
    b: float = 0.0805,
    i_offset: float = 0.0,
    delta_T: float = 2.0,
    v_thresh: float = -50.4,
    v_reset: float = -70.6,
    v_spike: float = -40.0,
) -> Cell:
    """Return the AdEx neuron of Brette & Gerstner (2005) J Neurophysiol 94:3637-3642. States: v, w, inputs."""
    leak = cm / tau_m  # uS

    def rate(y: Array) -> Array:
        v, w, exc, inh = y[0], y[1], y[-2], y[-1]
        onset = leak * delta_T * exp((v - v_thresh) / delta_T)
        synapses = exc * (e_rev_E - v) + inh * (e_rev_I - v)
        dv = (-leak * (v - v_rest) + onset - w + synapses + i_offset) / cm
        return np.array([dv, (1e-3 * a * (v - v_rest) - w) / tau_w, *_inputs(y[2:], tau_syn_E, tau_syn_I)])

    start = (v_reset, 0.0, *_silent(shape))
    return Cell(rate, start, v_spike, lambda y: np.array([v_reset, y[1] + b, *y[2:]]), tau_refrac, (0,))


def hodgkin_huxley(
    *,
    gbar_Na: float = 20.0,
    gbar_K: float = 6.0,
    gleak: float = 0.01,
    cm: float = 0.2,
    v_offset: float = -63.0,
    e_rev_Na: float = 50.0,
    e_rev_K: float = -90.0,
    e_rev_leak: float = -65.0,
    e_rev_E: float = 0.0,
    e_rev_I: float = -80.0,
    tau_syn_E: float = 0.2,
    tau_syn_I: float = 2.0,
    i_offset: float = 0.0,
    v_thresh: float = 0.0,
) -> Cell:
    """Return the neuron of Traub & Miles (1991) as Brette et al. (2007) J Comput Neurosci 23:349-398 have it.

    States: v, n, m, h, inputs.
    """

    def rate(y: Array) -> Array:
        v, n, m, h, exc, inh = y
        x = v - v_offset
        dm = 0.32 * (13 - x) / (exp((13 - x) / 4) - 1) * (1 - m) - 0.28 * (x - 40) / (exp((x - 40) / 5) - 1) * m
        dh = 0.128 * exp((17 - x) / 18) * (1 - h) - 4 / (1 + exp((40 - x) / 5)) * h
        dn = 0.032 * (15 - x) / (exp((15 - x) / 5) - 1) * (1 - n) - 0.5 * exp((10 - x) / 40) * n
        ions = gleak * (e_rev_leak - v) + gbar_K * n**4 * (e_rev_K - v) + gbar_Na * m**3 * h * (e_rev_Na - v)
        dv = (ions + exc * (e_rev_E - v) + inh * (e_rev_I - v) + i_offset) / cm
        return np.array([dv, dn, dm, dh, -exc / tau_syn_E, -inh / tau_syn_I])

    return Cell(rate, (e_rev_leak, 0.0, 0.0, 1.0, 0.0, 0.0), v_thresh)


def gif(
    *,
    C_m: float = 250.0,
    tau_m: float = 10.0,
    tau_v: float = 1000.0,
    J_v: float = 1000.0,
    u_r: float = -65.0,
    u_th: float = -50.0,
    I_ext: float = 375.0,
    refractory_period: float = 0.0,
    tau_g_exc: float = 5.0,
    tau_g_inh: float = 5.0,
) -> Cell:
    """Return the neuron of Schwalger et al. (2017) PLoS Comput Biol 13:e1005507 without noise. States: u, v, inputs.

    It spikes when u reaches the threshold v, which is the limit of the escape rate as its width goes to 0.
    """

    def rate(y: Array) -> Array:
        u, v, exc, inh = y
        du = (u_r - u) / tau_m + (I_ext + exc - inh) / C_m
        return np.array([du, (u_th - v) / tau_v, -exc / tau_g_exc, -inh / tau_g_inh])

    def reset(y: Array) -> Array:
        return np.array([u_r, y[1] + J_v / tau_v, *y[2:]])

    return Cell(rate, (u_r, u_th, 0.0, 0.0), 0.0, reset, refractory_period, (0,), moving_threshold=1)


def _silent(shape: Shape) -> tuple[float, ...]:
    return (0.0,) * (4 if shape == "alpha" else 2)


def _inputs(y: Array, tau_exc: float, tau_inh: float) -> list[float]:
    """Return the derivatives of the inputs: decays, and alpha functions w*s/tau*exp(1 - s/tau) that they drive."""
    if len(y) == 2:
        return [-y[0] / tau_exc, -y[1] / tau_inh]
    exc, inh, alpha_exc, alpha_inh = y
    return [-exc / tau_exc, -inh / tau_inh, (e * exc - alpha_exc) / tau_exc, (e * inh - alpha_inh) / tau_inh]
