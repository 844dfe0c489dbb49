"""Wrong models, one for each rule of the language: (title, call that raises)."""

from __future__ import annotations

from collections.abc import Callable

from engram.language import check_connection, parse_functions, parse_neuron, parse_synapse

__all__ = ["WRONG_MODELS"]

_SPIKING = parse_neuron(name="lif", parameters="tau = 10.0", equations="dv/dt = (g_exc - v)/tau", spike="v > 1.0")
_RATE = parse_neuron(
    name="leaky", equations="gain = 1.0 : population\n dr/dt = gain*sum(exc) - r", parameters="tau = 10.0"
)


def _neuron(equations: str = "r = 1.0", **texts: object) -> Callable[[], object]:
    arguments = {"name": "adex", "equations": equations, **texts}
    return lambda: parse_neuron(**arguments)  # type: ignore[arg-type]


def _spiking(equations: str = "dv/dt = -v", **texts: object) -> Callable[[], object]:
    return _neuron(equations, **{"spike": "v > 1.0", **texts})


def _synapse(**texts: object) -> Callable[[], object]:
    arguments = {"name": "stdp", **texts}
    return lambda: parse_synapse(**arguments)  # type: ignore[arg-type]


def _connection(pre: object, post: object, **texts: object) -> Callable[[], object]:
    arguments = {"name": "hebb", **texts}
    targets = {"pre_targets": ("exc",), "post_targets": ("exc",)}
    return lambda: check_connection(parse_synapse(**arguments), pre, post, "exc", **targets)  # type: ignore[arg-type]


WRONG_MODELS: tuple[tuple[str, Callable[[], object]], ...] = (
    # names
    ("unknown name", _spiking("dv/dt = (E_l - v)/tau", parameters="E_L = -70.0\ntau = 10.0")),
    ("unknown name in a condition", _spiking(spike="vv > 1.0")),
    ("unknown name in a bound", _neuron("r = 1.0 : max=r_max")),
    ("unknown function", _neuron("r = exq(1.0)")),
    ("unknown conductance in a rate-coded neuron", _neuron("r = g_exc")),
    ("unknown name as value", _neuron(parameters="tau = tau_m")),
    ("unknown name as initial value", _neuron("r = 1.0 : init=r_0", parameters="r0 = 1.0")),
    ("unknown name in reset", _spiking(reset="u += 1.0")),
    ("pre in a neuron", _neuron("r = pre.r")),
    ("pre.sum in a neuron", _neuron("r = pre.sum(exc)")),
    ("t_pre in a neuron", _neuron("r = t - t_pre")),
    ("t_last in a rate-coded neuron", _neuron("r = t - t_last")),
    ("t_last in a synapse", _synapse(psp="w*t_last")),
    ("sum in a synapse", _synapse(psp="w*sum(exc)")),
    ("g_target in a rate-coded synapse", _synapse(psp="g_target")),
    ("g_target in equations", _synapse(equations="g_target += 1.0", pre_spike="g_target += w")),
    ("g_target in post_spike", _synapse(post_spike="g_target += w")),
    ("attribute of the neurons alone", _synapse(equations="x = post")),
    ("conductance in pre_spike", _synapse(pre_spike="g_exc += w")),
    ("conductance in a right side of pre_spike", _synapse(pre_spike="g_target += w*g_exc")),
    ("function without its argument", _neuron("r = exp*2.0")),
    ("units", _neuron("r = 5*mV")),
    ("not a number", _neuron("r = Poisson(nan)")),
    ("function of other languages", _neuron("r = sigmoid(t)")),
    ("attribute that is called", _neuron("r = tau(t - 1.0)", parameters="tau = 1.0")),
    ("three typos give three errors", _spiking("dv/dt = (E_L - v)/tua + exp2(v)", parameters="tau = 10.0\nE_l = 1.0")),
    # definitions
    ("reserved name", _neuron(parameters="size = 3.0")),
    ("name of a function", _neuron("exp = 1.0\nr = 1.0")),
    ("leading underscores", _neuron(parameters="__class__ = 3.0")),
    ("parameter twice", _neuron(parameters="tau = 1.0\ntau = 2.0")),
    ("variable twice", _neuron("r = 1.0\nr = 2.0")),
    ("ODE and assignment of one variable", _neuron("dr/dt = 1.0\nr = 2.0")),
    ("assigned parameter", _neuron("r = 1.0\ntau += 1.0", parameters="tau = 10.0")),
    ("assigned parameter in an event", _synapse(parameters="tau = 20.0", pre_spike="tau = tau + 0.1")),
    ("assigned time", _spiking(reset="t = 0.0")),
    ("no r in a rate-coded neuron", _neuron("v = 1.0")),
    ("a difference in place of a derivative", _neuron("dr = -r*dt")),
    ("broken definition of r gives one error", _neuron("dv/dt = -v\nr = pos(v")),
    ("broken definition of r, what it was to be is open", _neuron("d2r/dt2 = -r")),
    (
        "broken definition of v gives one error",
        _spiking("tau*dv/dt = -v +* I\ndu/dt = v - u", parameters="tau = 10.0; I = 1.0", reset="v = 0.0"),
    ),
    ("broken left side gives one error", _spiking("2*v +* u = 3.0\nx = v + u", spike="v > 1.0")),
    ("broken function gives one error", _neuron("r = f(t)", functions="f(x) = x +")),
    ("r in a spiking neuron", _spiking("dv/dt = -v\nr = v")),
    ("r in reset", _spiking(reset="r = 0.0")),
    # syntax
    ("parenthesis never closed", _neuron("r = (1.0 + 2.0")),
    ("parenthesis closes nothing", _neuron("r = 1.0) + 2.0")),
    ("no assignment", _neuron("r = 1.0 ; foo")),
    ("two assignments", _neuron("r = a = 1.0")),
    ("assignment in a condition", _spiking(spike="v = 1.0")),
    ("two statements on one line", _neuron("r = 1.0 s = 2.0")),
    ("ends too early", _neuron("r = 1.0 +")),
    ("operator missing", _neuron("r = 2.0 t")),
    ("conditional without else", _neuron("r = if t > 1.0: 2.0")),
    ("nested conditional without else", _neuron("r = if t > 1.0: 2.0 else: if t > 0.0: 1.0")),
    ("index", _neuron("r = x[0]")),
    ("remainder", _neuron("r = t % 10")),
    ("floor division", _neuron("r = t // 10")),
    ("elif", _neuron("r = if t > 1: 2 elif t > 3: 3 else: 4")),
    ("conditional of Python", _neuron("r = 1 if t > 2 else 3")),
    ("conditional in an expression", _neuron("r = 1 + if t > 1: 2 else: 3")),
    ("conditional of C", _neuron("r = t > 1 ? 2 : 3")),
    ("conditional as a statement", _neuron("r = 0\nif t > 1: r = 2")),
    ("conditional without its first colon", _neuron("r = if t > 1 2 else: 3")),
    ("conditional without its last colon", _neuron("r = if t > 1: 2 else 3")),
    ("statement of Python", _neuron("import os\nr = 1")),
    ("comparison in place of an assignment", _neuron("r == 1")),
    ("increment of C", _neuron("r = 1\nr++")),
    ("misspelt pre", _synapse(psp="w*pree.r")),
    ("pre without an attribute", _synapse(psp="w*mean(pre.)")),
    ("function of NumPy", _neuron("r = np.exp(t)")),
    ("derivative with a prime", _neuron("r' = -r")),
    ("quotes in an equation", _neuron("r = 'tau'")),
    ("quotes without an extra value", _neuron(parameters="tau = 'tau_m'", extra_values={"tau_n": 1.0})),
    ("decimal comma", _neuron("r = 1,5")),
    ("factors without an operator", _neuron("r = 2t")),
    ("argument without parentheses", _neuron("r = exp t")),
    ("unit after a number", _neuron(parameters="tau = 10 ms")),
    ("blank in a name", _neuron(parameters="tau m = 10")),
    ("minus of typesetting", _neuron("r = 1 \u2212 t")),
    ("square of typesetting", _neuron("r = t\u00b2")),
    ("unit of an equation", _neuron("dr/dt = -r/10 : 1")),
    ("flags without a comma", _neuron("r = 1 : min=0 max=1")),
    ("flags without a colon", _neuron("r = 1, init=2")),
    ("flags with a semicolon", _neuron("r = 1 : min=0; max=1")),
    ("two conditions", _spiking("dv/dt = -v", spike="v > 1\nt > 2")),
    ("assignment in psp", _synapse(psp="g_target += w*pre.r")),
    ("named argument", _neuron("r = Normal(0, 1, min=0)")),
    ("letter that is not ASCII", _neuron("r = 1.0\nτ = 2.0")),
    ("control characters", _neuron("r = \x1b[31m1.0")),
    ("expression on the left", _neuron("2*r = 1.0")),
    # values and flags
    ("unknown flag", _neuron("r = 1.0 : populaton")),
    ("unknown method", _neuron("dr/dt = 1.0 : method=euler")),
    ("flag of the other kind", _neuron("r = 1.0 : projection")),
    ("flag of the other kind in a synapse", _synapse(equations="x = 1.0 : population")),
    ("init in reset", _spiking(reset="v = 0.0 : init=1.0")),
    ("min of a parameter", _neuron(parameters="tau = 1.0 : min=0.0")),
    ("flag without value", _neuron("r = 1.0 : init")),
    ("flag with a needless value", _neuron("r = 1.0 : population=1")),
    ("unless_refractory outside reset", _synapse(post_spike="w += 1.0 : unless_refractory")),
    ("unless_post outside pre_spike", _synapse(post_spike="x += 1.0 : unless_post")),
    ("method of an assignment", _neuron("r = 1.0 : exponential")),
    ("two methods", _neuron("dr/dt = 1.0 : rk4, midpoint")),
    ("two different bounds", _neuron("r = 1.0 : min=0.0\nr += 1.0 : min=1.0")),
    ("expression as initial value", _neuron("r = 1.0 : init=2*b", parameters="b = 1.0")),
    ("half an integer", _neuron(parameters="n = 1.5 : int")),
    ("distribution as value that is empty", _neuron(parameters="a = Uniform(2, 1)")),
    ("Uniform, empty", _neuron("r = Uniform(2, 1)")),
    ("DiscreteUniform, not whole", _neuron("r = DiscreteUniform(0.5, 2)")),
    ("Normal, negative", _neuron("r = Normal(0, -1)")),
    ("LogNormal, negative", _neuron("r = LogNormal(0, -2*3)")),
    ("Exponential of 0", _neuron("r = Exponential(0)")),
    ("Gamma of 0", _neuron("r = Gamma(0, 1)")),
    ("Binomial, negative", _neuron("r = Binomial(-1, 0.5)")),
    ("Binomial, no probability", _neuron("r = Binomial(10, 1.5)")),
    ("Poisson, negative", _neuron("r = Poisson(-1)")),
    ("Poisson, not finite", _neuron("r = Poisson(1/0)")),
    ("division by zero", _neuron(parameters="n = 1/0")),
    ("number too large", _neuron("r = 1e999")),
    ("huge power", _neuron(parameters="n = 9^9^9^9")),
    ("negative refractory period", _spiking(refractory=-1.0)),
    ("refractory period unknown", _spiking(refractory="tau_ref", parameters="tau_refrac = 2.0")),
    # functions
    ("too few arguments", _neuron("r = clip(t, 0.0)")),
    ("too many arguments", _neuron("r = Normal(0.0, 1.0, 2.0)")),
    ("maximum of two values", _neuron("r = max(t, 0.0)")),
    ("wrong call of a user function", _neuron("r = f(1.0)", functions="f(x, y) = x*y")),
    ("function of an attribute", _neuron("r = f(1.0)", functions="f(x) = x*tau", parameters="tau = 1.0")),
    ("function that calls itself", lambda: parse_functions("f(x) = g(x)\ng(x) = f(x)")),
    ("types of a function", lambda: parse_functions("f(x) = x : double, double, int")),
    ("flag of a function", lambda: parse_functions("f(x) = x : init=1")),
    (
        "function that was never declared",
        _neuron("r = f(t)", shared_functions=parse_functions("f(x) = g(x)\ng(x) = h(x)", is_open=True)),
    ),
    ("function with the name of another", lambda: parse_functions("exp(x) = x")),
    ("random function", lambda: parse_functions("f(x) = x*Uniform(0.0, 1.0)")),
    ("no function at all", lambda: parse_functions("f = 2.0")),
    # differential equations
    ("ODE in reset", _spiking(reset="dv/dt = 0.0")),
    ("ODE in pre_spike", _synapse(pre_spike="dx/dt = -x")),
    ("ODE in parameters", _neuron(parameters="dv/dt = 1.0")),
    ("two derivatives", _neuron("dr/dt + dv/dt = 1.0")),
    ("derivative twice", _neuron("dr/dt = -dr/dt")),
    ("derivative under a function", _neuron("exp(dr/dt) = 1.0")),
    ("derivative with +=", _neuron("dr/dt += 1.0")),
    ("derivative of a derivative", _neuron("r = 1\nd2v/dt2 = 1.0")),
    ("derivative by something else", _neuron("r = 1\ndv/dx = 1.0")),
    ("derivative in a condition", _spiking(spike="dv/dt > 1.0")),
    ("exponential, not linear", _neuron("dr/dt = 1.0 - r*r : exponential")),
    ("coupled methods mixed", _neuron("dr/dt = v : rk4\ndv/dt = -r : implicit")),
    ("event-driven in a neuron", _neuron("dr/dt = -r : event-driven")),
    ("exponential, a function that is not linear", _neuron("dr/dt = f(r) : exponential", functions="f(x) = 1 - x^2")),
    ("event-driven, not linear", _synapse(equations="dx/dt = -x*x : event-driven")),
    ("event-driven of a variable", _synapse(equations="y = 1.0\ndx/dt = y - x : event-driven")),
    ("event-driven and changed in steps", _synapse(equations="dx/dt = -x : event-driven\nx += 1.0")),
    # locality
    ("global depends on local", _neuron("m = r*2.0 : population\nr = 1.0")),
    ("global depends on input", _neuron("m = sum(exc) : population\nr = m")),
    ("global depends on pre", _synapse(equations="m = pre.r : projection")),
    ("semi-global depends on pre", _synapse(equations="m = post.r*pre.r : postsynaptic")),
    ("global starts from local", _neuron("m = 1.0 : population, init=m0\nr = m", parameters="m0 = 1.0")),
    ("event assigns a global", _spiking("dv/dt = -v\nn = 1.0 : population", reset="n += 1.0")),
    ("global operation on a synapse", _synapse(psp="w*mean(w)")),
    ("global operation on pre", _synapse(psp="w*mean(pre)")),
    ("global operation on what is no attribute of the synapse", _synapse(psp="w*mean(rate)")),
    ("global operation on an unknown name", _neuron("r = mean(v)")),
    ("global operation on a global", _neuron("m = 1.0 : population\nr = mean(m)")),
    # whole models
    ("reset without spike", _neuron(reset="r = 0.0")),
    ("axon_reset without axon_spike", _spiking(axon_reset="v = 0.0")),
    ("operation of a spiking synapse", _synapse(pre_spike="g_target += w", operation="max")),
    ("unknown operation", _synapse(psp="w*pre.r", operation="median")),
    ("structural plasticity", _synapse(pruning="w < 0.0")),
    ("too deep", _neuron("r = " + "(1 + " * 250 + "1" + ")" * 250)),
    ("too many nodes", _neuron("r = f(f(f(f(f(t)))))", functions="f(x) = (x + x)*(x + x)*(x + x)*(x + x)*(x + x)")),
    ("too much text", _neuron("r = 1.0" + " " * 70000)),
    # connections
    ("pre.x does not exist", _connection(_RATE, _RATE, psp="w*pre.rate")),
    ("post.x does not exist", _connection(_SPIKING, _SPIKING, pre_spike="g_target += w*post.u")),
    ("pre.sum of an unknown target", _connection(_RATE, _RATE, psp="w*pre.sum(inh)")),
    ("events after a rate-coded neuron", _connection(_RATE, _SPIKING, pre_spike="g_target += w")),
    ("post_spike before a rate-coded neuron", _connection(_SPIKING, _RATE, post_spike="w += 1.0")),
    ("operation after a spiking neuron", _connection(_SPIKING, _SPIKING, psp="w", operation="max")),
    ("global operation on a global of pre", _connection(_RATE, _RATE, psp="w*mean(pre.gain)")),
    ("t_post of a rate-coded neuron", _connection(_SPIKING, _RATE, equations="x = t_post", pre_spike="x = 1.0")),
)
