"""Random models, for tests that compare two ways of running them. Every new feature of the language joins here."""

from dataclasses import dataclass

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st

__all__ = [
    "EVERYDAY",
    "NIGHTLY",
    "ROUNDED",
    "NeuronText",
    "conditions",
    "examples",
    "expressions",
    "neurons",
    "repeatable",
    "traces",
]

VARIABLES = ("a", "b", "c")
PARAMETERS = ("p", "q")
CONSTANTS = ("0.5", "2.0", "3", "1.7", "0.1", "1e-3", "7", "12.25")
EXACT = ("abs", "sqrt", "floor", "ceil", "round", "pos", "neg")
EVERYDAY, NIGHTLY = 50, 250  # examples of a property that says no number
# the same to an ulp or so, whoever computes it
ROUNDED = (
    "exp",
    "log",
    "log10",
    "sin",
    "cos",
    "tan",
    "asin",
    "acos",
    "atan",
    "sinh",
    "cosh",
    "tanh",
)  # to an ulp or so


@dataclass(frozen=True)
class NeuronText:
    """The arguments of ``eg.Neuron``."""

    parameters: str
    equations: str
    spike: str | None
    reset: str | None
    refractory: float | None


def examples(number):
    """Return how many examples of a property to try: ``number``, and five times as many in `make test-all`."""
    return number * settings.default.max_examples // EVERYDAY


def repeatable(number):
    """The same models in every run, so that a second run compiles nothing; and to shrink would compile a lot."""
    everything, phases = list(HealthCheck), [Phase.generate]
    return settings(
        max_examples=examples(number),
        deadline=None,
        derandomize=True,
        database=None,
        phases=phases,
        suppress_health_check=everything,
    )


@st.composite
def expressions(draw, names, depth=3):
    """An expression over ``names``: + - * / , functions, comparisons, conditionals."""
    if depth == 0 or draw(st.integers(0, 5)) == 0:
        return draw(st.sampled_from([*names, *CONSTANTS]))
    sub = expressions(names, depth - 1)
    kind = draw(st.sampled_from(["binary"] * 4 + ["function"] * 2 + ["condition", "clip", "power", "minus"]))
    if kind == "binary":
        return f"({draw(sub)} {draw(st.sampled_from('+-*/'))} {draw(sub)})"
    if kind == "function":
        return f"{draw(st.sampled_from(EXACT))}({draw(sub)})"
    if kind == "condition":
        return f"ite({draw(conditions(names, depth - 1))}, {draw(sub)}, {draw(sub)})"
    if kind == "clip":
        return f"clip({draw(sub)}, -2.0, {draw(sub)})"
    if kind == "power":
        return f"({draw(sub)})^{draw(st.sampled_from(['2', '3', '5', '-1']))}"
    return f"(-{draw(sub)})"


@st.composite
def conditions(draw, names, depth=2):
    """A condition over ``names``."""
    sub = expressions(names, max(depth - 1, 0))
    one = f"{draw(sub)} {draw(st.sampled_from(['<', '<=', '>', '>=', '==', '!=']))} {draw(sub)}"
    how = draw(st.sampled_from(["{0}", "not ({0})", "({0}) and ({1} < 2.0)", "({0}) or ({1} > 0.25)"]))
    return how.format(one, names[0])


@st.composite
def neurons(draw):
    """A neuron with a global variable, local ones in assignments and ODEs, clamps, draws, perhaps spikes."""
    is_spiking = draw(st.booleans())
    refractory = draw(st.sampled_from([None, 3.0])) if is_spiking else None
    resting = ["", "", "unless refractory", "while refractory"] if refractory else [""]
    lines = [f"g = {draw(expressions(('p', 't', 'dt'), 2))} : population"]
    for name in draw(st.permutations(VARIABLES)):
        text = draw(expressions((*VARIABLES, *PARAMETERS, "g", "t")))
        kinds = ["{0} = {1}{2}", "d{0}/dt = {1}{2}", "{0} = 0.5*{0} + 0.1*{1}{2}"]
        clamp = draw(st.sampled_from(["", "", "min = -10.0, max = 10.0", "max = p"]))
        flags = ", ".join(filter(None, (clamp, draw(st.sampled_from(resting)))))
        lines.append(draw(st.sampled_from(kinds)).format(name, text, flags and f" : {flags}"))
    lines.append("k += 1 + ite(a > b, 1, 0) : int")
    lines.append(f"flag = {draw(conditions(VARIABLES))} : bool")
    lines.append("noise = 0.1*Uniform(0.0, 1.0) - 0.01*Normal(0.0, 1.0)")
    if not is_spiking:
        lines.append(f"dr/dt = ite(flag, noise, 0.0) - r/{draw(st.sampled_from(['3.0', 'q']))}")
    parameters = "p = 1.5 : population\n q = 0.75"
    if not is_spiking:
        return NeuronText(parameters, "\n".join(lines), None, None, None)
    spike = draw(conditions((*VARIABLES, "noise")))
    reset = f"a = {draw(expressions((*VARIABLES, *PARAMETERS), 1))} ; k = 0"
    return NeuronText(parameters, "\n".join(lines), spike, reset, refractory)


@st.composite
def traces(draw):
    """The texts of a synapse whose event-driven variables read each other, the weight, shared and own parameters."""
    names = ("x", "y", "z")
    shared, own = ("p", "1.0", "0.25", "t"), ("w", "own", "gain")
    taus = ("tau", "slow", "2.0*tau", "own_tau")
    equations = []
    for name in names:
        tau = draw(st.sampled_from(taus[:3] if draw(st.integers(0, 3)) else taus))
        steady = draw(st.sampled_from(["", "", "p - ", "0.5*own - "]))
        bound = draw(st.sampled_from(["", ", max = 3.0", ", min = -own"]))
        equations.append(
            f"{tau}*d{name}/dt = {steady}{name} : event-driven{bound}"
            if steady
            else f"{tau}*d{name}/dt = -{name} : event-driven{bound}"
        )

    def statements(targets):
        lines = []
        for _ in range(draw(st.integers(1, 4))):
            target = draw(st.sampled_from(targets))
            readable = (*names, *shared, *(own if draw(st.integers(0, 2)) == 0 or target == "w" else ()))
            value = f"clip({draw(expressions(readable, 1))}, -2.0, 2.0)"
            flag = draw(st.sampled_from(["", "", "", " : unless_post"])) if "g_target" in targets else ""
            lines.append(f"{target} {draw(st.sampled_from(['=', '+=', '-=']))} {value}{flag}")
        return "\n".join(lines)

    return {
        "parameters": "p = 0.5 : projection\n tau = 5.0 : projection\n slow = 40.0 : projection\n"
        "own = 0.75\n own_tau = 8.0\n gain = 1.5 : postsynaptic",
        "equations": "\n".join(equations),
        "pre_spike": f"g_target += 0.1*w*x\n{statements(('x', 'x', 'y', 'w', 'g_target'))}",
        "post_spike": statements(("z", "z", "y", "w")),
        "pre_axon_spike": draw(st.sampled_from(["", "x += 1.0", "x = 0.5*y"])),
    }
