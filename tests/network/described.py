"""A small network with something of everything that a report describes."""

from __future__ import annotations

import engram as eg

__all__ = ["HOSTILE", "network"]

HOSTILE = (
    "</script><img src=x onerror=alert(1)> a_b%$#~^\\{}&|\"'`*_x_*[x](http://e.vil) www.e.vil --,, τ é 日本 \u202e "
    "\\input{/etc/passwd} $$x$$ \\end{document} <!-- --> ${7*7} :smile:"
)


def network() -> eg.Network:
    """Return the network, not yet compiled."""
    cell = eg.Neuron(
        parameters="""
            tau_m = 20.0 : population
            E_L = -60.0 : population
            v_thresh = -50.0
            k = 6.6e-05 : population
            n_max = 5 : population, int
        """,
        equations="""
            tau_m*dv/dt + v = E_L + drive(g_exc) - k*(v - E_L)^2 : init = E_L, min = -90.0, max = v_thresh + 100.0
            dg_exc/dt = -g_exc/5.0 : exponential
            I = if v > v_thresh: 1.0 else: if v < E_L and not (t > 5.0): -2.0 else: 0.0
            n += 1 : int
            slow = mean(v) + Normal(0.0, 1.0) : population
        """,
        functions="drive(x) = sqrt(pos(x))",
        spike="v > v_thresh",
        reset="v = E_L ; n -= 1",
        refractory=2.0,
        name="cell",
        description="Leaky, with a quadratic term.",
    )
    rule = eg.Synapse(
        parameters="tau_x = 20.0 : projection\nA = 0.01 : projection\nw_max = 1.0 : projection",
        equations="dx/dt = -x/tau_x : event-driven",
        pre_spike="x += A ; g_target += w ; w = clip(w + x, 0.0, w_max) : unless_post",
        post_spike="w = clip(w - x, 0.0, w_max)",
        name="rule",
    )
    net = eg.Network(dt=0.1, seed=7)
    net.constant("G", 0.5)
    exc = net.create((4, 5), cell, name="exc_cells")
    inh = net.create(6, cell, name="inh")
    inh.tau_m = 10.0
    exc.v_thresh = eg.Uniform(-52.0, -48.0)
    net.connect(exc, inh, "exc", rule, name="learning").fixed_probability(0.5, eg.Uniform(0.0, 0.5), eg.Uniform(0.1, 2))
    net.connect(exc, inh, "exc", name="near").fixed_number_pre(2, weights=0.1)
    net.connect(exc, inh, "exc", name="far").all_to_all(weights=0.2, delays=1.5)
    return net
