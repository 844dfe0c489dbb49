"""Models as users of ANNarchy paste them: unusual, and right. (title, texts) and (title, spiking, texts)."""

from __future__ import annotations

from typing import Any

import engram as eg

__all__ = ["NEURONS", "SYNAPSES"]

NEURONS: tuple[tuple[str, dict[str, Any]], ...] = (
    (
        "leaky",
        {
            "parameters": """
        tau = 10.0 : population  # time constant
        baseline = 0.2
    """,
            "equations": """
        noise = Uniform(-0.1, 0.1)
        tau * dmp/dt  + mp = sum(exc) - sum(inh) + baseline + noise
        r = pos(mp) : max=1.0
    """,
        },
    ),
    ("dmp/dt on the right", {"equations": "0.1*sum(exc) - mp = 10.0*dmp/dt : init=0.3\nr=mp"}),
    ("sum all", {"equations": "r = sum() + sum(exc)*2 - sum(inh)"}),
    (
        "izh",
        {
            "parameters": """noise = 5.0 : population
a=0.02;b=0.2;c=-65.0;d=8.0
v_thresh=30.0
i_offset=0""",
            "equations": """
   I = g_exc - g_inh + noise * Normal(0.0,1.0) + i_offset
   dv/dt = 0.04 * v^2 + 5.0 * v + 140.0 - u + I : init = -65.0
   du/dt = a * (b*v - u) : init= -13.0""",
            "spike": "v > v_thresh",
            "reset": "v = c\nu += d",
            "refractory": 0.0,
        },
    ),
    (
        "izh midpoint list",
        {
            "equations": [
                "dv/dt = 0.04 * v^2 + 5.0 * v + 140.0 - u + 10.0 : midpoint, init=-60",
                "du/dt = 0.02 * (0.2*v - u) : midpoint",
            ],
            "spike": "v > 30",
            "reset": ["v = -65", "u += 8"],
        },
    ),
    (
        "if cond",
        {
            "parameters": """
    El = -60.0  : population; Vr = -60.0  : population; Erev_exc = 0.0  : population
    Erev_inh = -80.0  : population ; Vt = -50.0   : population; tau = 20.0   : population
    tau_exc = 5.0   : population; tau_inh = 10.0  : population
    I = 20.0 : population
""",
            "equations": """
    tau * dv/dt = (El - v) + g_exc * (Erev_exc - v) + g_inh * (Erev_inh - v ) + I
    tau_exc * dg_exc/dt = - g_exc
    tau_inh * dg_inh/dt = - g_inh
""",
            "spike": "v > Vt",
            "reset": "v = Vr",
            "refractory": 5.0,
        },
    ),
    (
        "hh",
        {
            "parameters": {
                "C": 1.0,
                "VL": -59.387,
                "VK": -82.0,
                "VNa": 45.0,
                "gK": 36.0,
                "gNa": 120.0,
                "gL": 0.3,
                "vt": 30.0,
                "I": eg.Parameter(0.0, "local"),
            },
            "equations": """
    prev_v = v
    an = 0.01 * (v + 60.0) / (1.0 - exp(-0.1* (v + 60.0) ) )
    am = 0.1 * (v + 45.0) / (1.0 - exp (- 0.1 * ( v + 45.0 )))
    ah = 0.07 * exp(- 0.05 * ( v + 70.0 ))
    bn = 0.125 * exp (- 0.0125 * (v + 70.0))
    bm = 4.0 *  exp (- (v + 70.0) / 80.0)
    bh = 1.0/(1.0 + exp (- 0.1 * ( v + 40.0 )) )
    dn/dt = an * (1.0 - n) - bn * n : init = 0.3, exponential
    dm/dt = am * (1.0 - m) - bm * m : init = 0.0, midpoint
    dh/dt = ah * (1.0 - h) - bh * h : init = 0.6, exponential
    C * dv/dt = gL * (VL - v ) + gK * n**4 * (VK - v) + gNa * m**3 * h * (VNa - v) + I : exponential, init=-65
""",
            "spike": "(v > vt) and (prev_v <= vt)",
            "reset": "",
        },
    ),
    (
        "nested if multi line",
        {
            "equations": """
    mp = sum(exc) + t
    r = if mp < 0.0:
            0.0
        else:
            if mp < 1.0:
                mp
            else:
                1.0
"""
        },
    ),
    ("ite in condition", {"equations": "r = ite((t > 1) and not(t > 2) or (t >= 4.5), 1, 0)"}),
    (
        "booleans",
        {
            "equations": """on = t > 1.0 : bool
off = not on : bool
r = on*2.0 + off*1.0
n = n + on : int"""
        },
    ),
    (
        "int params",
        {"parameters": "n = 3 : int, population\nflag = True", "equations": "k += n : int\nr = if flag: k/n else: 0"},
    ),
    ("weird spacing", {"equations": "  tau   *   dr / dt=-r;;; ; tau=2.0;\n\n\n\t r+=0.1 # x = 3 ; y"}),
    ("continuation", {"equations": "r = 1.0 +\n  2.0\n   + 3.0 *\n (4.0\n)"}),
    (
        "flag continuation",
        {"equations": "tau*dr/dt = -r + 1.0 :\n init=0.5,\n min=0.0,\n exponential\n", "parameters": "tau=10"},
    ),
    ("trailing semicolon spike", {"equations": "v += 0.5", "spike": "v > 1.0;", "reset": "v = 0;"}),
    ("bare number spike", {"equations": "v = t", "spike": "modulo(t, 3)", "reset": ""}),
    ("is / is not", {"equations": "n = n+1 : int\nr = if n is 3: 1 else: if n is not 4: 2 else: 3"}),
    ("chain compare", {"equations": "r = 0 < t <= 2"}),
    ("& |", {"equations": "r = (t>1)&(t<3) | (t>4)"}),
    ("power forms", {"equations": "r = 2^3 + 2**3 + pow(2,3) + power(2,3) - t^2.5"}),
    ("unary", {"equations": "r = -t^2 + - - 3 + +1 * -2"}),
    ("sci", {"parameters": "a=1e-3; b=.5; c=5.; d=1E+2; e=-0.0", "equations": "r = a+b+c+d+e"}),
    ("pi E", {"equations": "r = cos(pi*t) + log(E) + exp(1)-E"}),
    ("E hidden", {"parameters": "E=-65.0", "equations": "r = E"}),
    (
        "global ops",
        {
            "equations": """r = t + Uniform(0,1)
m = mean(r) : population
s = max(r) - min(r) + norm1(r)+norm2(r)"""
        },
    ),
    ("gmean", {"equations": "mp = sum(exc) + Normal(0.,0.1)\nr = pos(mp - mean(r))"}),
    ("init names", {"parameters": "r0=0.7", "equations": "dr/dt = -r : init=r0, rk4\ndx/dt = r : init=True, rk4"}),
    ("min expr", {"parameters": "lo=0.1\nhi=0.5", "equations": "r = sin(t) : min=lo-0.05, max=2*hi"}),
    ("min max order", {"equations": "r = t : max=1.0, min=0.2, init=0.1"}),
    (
        "Variable objs",
        {
            "equations": [
                eg.Variable("tau*dr/dt = -r + 1", init=0.3, method="exponential", min=0),
                eg.Variable("n = 1 + n", type="int", locality="global"),
            ],
            "parameters": {"tau": eg.Parameter(10.0, "local")},
        },
    ),
    (
        "param dist",
        {
            "parameters": {
                "a": eg.Parameter(eg.Uniform(0, 1), "local"),
                "b": eg.Parameter(eg.Normal(0, 1, min=-1), "population"),
            },
            "equations": "r = a + b",
        },
    ),
    (
        "param dist text",
        {"parameters": "a = Uniform(0.0, 1.0)\nb = Normal(0,1) : population", "equations": "r = a + b"},
    ),
    (
        "functions",
        {
            "functions": """
    logistic(x) = 1 / (1 + exp(-x))
    piecewise(x, a, b) = if x < a: a else: if x > b: b else: x : double, double, double, double
""",
            "equations": "r = piecewise(logistic(t), 0.6, 0.9)",
        },
    ),
    (
        "fn of fn linear",
        {
            "functions": "leak(x, e) = (e - x)/tauf(0)\ntauf(x) = 10 + x",
            "equations": "dr/dt = leak(r, 1.0) : exponential",
        },
    ),
    ("t_last", {"equations": "v = v + 0.5\nisi = t - t_last", "spike": "v > 1", "reset": "v = 0"}),
    ("reset uses draw", {"equations": "dv/dt = 1.0", "spike": "v > 1", "reset": "v = Uniform(0, 0.5)"}),
    (
        "reset cond",
        {"equations": "dv/dt = 1.0\nn = n : int", "spike": "v > 1", "reset": "v = if n > 1: 0.0 else: 0.5\nn += 1"},
    ),
    (
        "refractory name",
        {
            "parameters": "tau_ref = 2.0",
            "equations": "v += 0.5\ndu/dt = 1 : population",
            "spike": "v >= 1",
            "reset": "v = 0",
            "refractory": "tau_ref",
        },
    ),
    (
        "refractory var",
        {"equations": "v += 0.5\nref = 1.0 + t", "spike": "v >= 1", "reset": "v = 0", "refractory": "ref"},
    ),
    ("g only read in spike", {"equations": "v = 0.0", "spike": "g_exc > 0.1", "reset": ""}),
    (
        "alpha synapse",
        {
            "parameters": "tau=5.0",
            "equations": """
    tau * dalpha_exc/dt = exp((tau - dt/2.0)/tau) * g_exc - alpha_exc : exponential
    tau * dg_exc/dt = -g_exc : exponential
    dv/dt = alpha_exc - v + 2.0""",
            "spike": "v>1",
            "reset": "v=0",
        },
    ),
    ("implicit pair", {"equations": "dx/dt = y - x : implicit\ndy/dt = -x : implicit, init=1\nr=x"}),
    ("semiimplicit", {"equations": "10*dr/dt = (1 - r)*sum(exc) + 0.3 - r : semiimplicit"}),
    (
        "linear",
        {
            "parameters": {"a": -0.1, "b": 0.2},
            "equations": "dx/dt = a*x + b*y : linear, init=1\ndy/dt = -b*x + 0.5 : linear\nr = x",
        },
    ),
    ("r param", {"parameters": "r = 0.5", "equations": "x = r"}),
    ("r only param", {"parameters": "r = 0.5"}),
    (
        "dist expr args",
        {
            "parameters": "s=0.1:population\nm=0.5",
            "equations": "r = Normal(m*2, s^2) + Gamma(2.0, 1.0)*0.1 + Binomial(10, 0.3) + Poisson(2.0)\n"
            " + Exponential(2.0) + LogNormal(0,0.1) + DiscreteUniform(1, 6)",
        },
    ),
    (
        "poisson neuron",
        {
            "parameters": "rates = 100.0",
            "equations": "p = Uniform(0.0, 1.0) * 1000.0 / dt",
            "spike": "p <= rates",
            "reset": "p = 0.0",
        },
    ),
    (
        "clip modulo",
        {"equations": "r = clip(t, 0.5, 1.5) + modulo(7, 3) + modulo(-7,3) + floor(-1.5)+ceil(1.2)+round(2.5)"},
    ),
    ("isnan", {"equations": "x = 0/0\nr = if isnan(x): 1 else: isfinite(x)"}),
    (
        "names of C",
        {
            "parameters": "I=1;double_=2;int8=3;main=4;for_=2;int=2;new=3;class=3",
            "equations": "r = I+double_+int8+main+for_+int+new+class",
        },
    ),
    (
        "noise before",
        {
            "parameters": "tau=10;sigma=0.1",
            "equations": "tau*dr/dt = -r + 1 + sigma*sqrt(dt)*Normal(0,1)*sqrt(2*tau)/dt : init=0.5",
        },
    ),
    ("true div", {"equations": "r = 7/2 + 1/3"}),
    ("long comment", {"equations": "# only a comment\n # another\nr = 1.0 # trailing : min=3\n#r = 2"}),
    ("tabs crlf", {"equations": "\tr = 1.0\r\n\tx = 2.0\r\n"}),
    ("empty reset", {"equations": "v = t", "spike": "v>2", "reset": None}),
    ("paren cond", {"equations": "r = 2 * (if t > 1: 3 else: 4) + ite(t>1, (if t>2: 1 else: 2), 3)"}),
    (
        "bold-like",
        {
            "parameters": "phi=1.0;kappa=0.65;gamma=0.41;E0=0.34",
            "equations": """ds/dt = (phi*sum(exc) - kappa*s - gamma*(f - 1))/1000.0
df/dt = s/1000.0 : init=1, min=0.01
E = 1 - (1 - E0)**(1/f) : init=0.34
r = E""",
        },
    ),
)

SYNAPSES: tuple[tuple[str, bool, dict[str, Any]], ...] = (
    (
        "oja",
        False,
        {"parameters": "tau=5000\nalpha=8.0", "equations": "tau*dw/dt = pre.r*post.r - alpha*post.r^2*w : min=0.0"},
    ),
    (
        "oja dict",
        False,
        {
            "parameters": {"tau": 5000, "alpha": 8.0},
            "equations": eg.Variable("tau*dw/dt = pre.r*post.r - alpha*post.r^2*w", min=0.0),
        },
    ),
    (
        "ibcm",
        False,
        {
            "parameters": "eta=0.01:projection\ntau=2000.0:projection",
            "equations": """tau*dtheta/dt + theta = post.r^2 : postsynaptic, exponential
dw/dt = eta*post.r*(post.r - theta)*pre.r : min=0.0, explicit""",
        },
    ),
    (
        "covariance",
        False,
        {"parameters": "eta=100.0", "equations": "eta*dw/dt = (pre.r - mean(pre.r))*(post.r - mean(post.r)) : min=0"},
    ),
    (
        "cond",
        False,
        {
            "parameters": "eta=10.0",
            "equations": """eta*dw/dt = if (pre.r > mean(pre.r)) or (post.r > mean(post.r)):
                    (pre.r - mean(pre.r))*(post.r - mean(post.r))
                else: 0.0 : max=1.0
            """,
        },
    ),
    ("psp nonlinear", False, {"psp": "w*log(pre.r + 1.0)"}),
    ("psp max", False, {"psp": "w*pre.r", "operation": "max"}),
    ("psp if", False, {"psp": "if w*pre.r > 0.01: w*pre.r else: 0.0"}),
    (
        "dopamine",
        False,
        {"parameters": "K=1.0", "equations": "x = pre.x\ndw/dt = K*post.sum(exc)*pre.r*0.001 : min=0, max=2"},
    ),
    (
        "stdp online",
        True,
        {
            "parameters": "tau_plus=20:projection;tau_minus=20:projection;A_plus=0.01:projection;"
            "A_minus=0.01:projection;w_min=0.0:projection;w_max=1.0:projection",
            "equations": "tau_plus*dx/dt = -x : event-driven\ntau_minus*dy/dt = -y : event-driven",
            "pre_spike": "g_target += w\nx += A_plus*w_max\nw = clip(w + y, w_min, w_max)",
            "post_spike": "y -= A_minus*w_max\nw = clip(w + x, w_min, w_max)",
        },
    ),
    (
        "stdp exact",
        True,
        {
            "parameters": "tau_plus=20",
            "equations": "tau_plus*dx/dt = -x : exact",
            "pre_spike": "g_target += w; x += 1",
            "post_spike": "w += 0.01*x : max=1.0",
        },
    ),
    (
        "stp",
        True,
        {
            "parameters": "tau_rec=100;tau_facil=10;U=0.5",
            "equations": """dx/dt = (1 - x)/tau_rec : init=1.0, event-driven
du/dt = (U - u)/tau_facil : init=0.5, event-driven""",
            "pre_spike": "g_target += w*u*x\nx *= (1-u)\nu += U*(1-u)",
        },
    ),
    (
        "simple stdp by t",
        True,
        {
            "parameters": "tau=20;A=0.01",
            "pre_spike": "g_target += w\nw = w - A*exp((t_post - t)/tau) : min=0, unless_post",
            "post_spike": "w += A*exp((t_pre - t)/tau) : max=1",
        },
    ),
    (
        "nmda",
        True,
        {
            "parameters": "tau=80",
            "equations": "tau*dg/dt = -g\ntau*dx/dt = -x",
            "psp": "w*g*0.1",
            "pre_spike": "x += w",
            "post_spike": "g = 0",
        },
    ),
    ("gap", True, {"psp": "w*(pre.v - post.v)"}),
    ("g clamp", True, {"pre_spike": "g_target += w : max=0.5"}),
    ("post only", True, {"post_spike": "w += 0.1"}),
    ("weight dep", True, {"pre_spike": "g_target += w*post.v\nw *= 0.99"}),
    (
        "homeo",
        True,
        {
            "parameters": "T=10;R0=1",
            "equations": "K = post.r_mean*2 : postsynaptic\nw += 0.001*K*pre.r_mean : min=0",
            "pre_spike": "g_target += w",
        },
    ),
    ("functions", False, {"psp": "f(w, pre.r)", "functions": "f(x, y) = x*y/(1+y)"}),
    ("delayed", False, {"equations": "dw/dt = 0.001*pre.r*post.r : min=0, max=1\nlocalv = pre.x + w\n"}),
    ("random plasticity", False, {"equations": "w += 0.001*Normal(0,1)*pre.r : min=0, max=1"}),
    ("int counter", True, {"pre_spike": "g_target += w\ncount += 1 : int, init=5", "post_spike": "count -= 1"}),
    ("projection counter", False, {"equations": "n = n + 1 : projection, int, init=0\nw += 0.0001*n"}),
    ("list pre_spike", True, {"pre_spike": ["g_target += w", "w *= 0.9"], "post_spike": ["w += 0.01"]}),
)
