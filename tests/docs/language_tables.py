"""The tables of docs/language.md, each made of the table in the code that it is about.

What a word does stands here in a few words beside what engram computes with it; a word of the code without such words
is an error of the test.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

import engram as eg
from engram.language.flags import _GROUPS, ALLOWED
from engram.language.methods import DEFAULT, METHODS
from engram.language.vocabulary import (
    ALIASES,
    DISTRIBUTIONS,
    FUNCTIONS,
    GLOBAL_OPS,
    LOCALITIES,
    NUMBERS,
    RESERVED,
    RESERVED_IN_SYNAPSES,
    TIMES,
    TYPES,
    VALUE_DISTRIBUTIONS,
)

__all__ = ["TABLES"]

EXAMPLES = {  # function -> what it does, arguments of an example
    "exp": ("e to the x", "1.0"),
    "log": ("natural logarithm", "E"),
    "log10": ("logarithm to base 10", "100.0"),
    "sqrt": ("square root", "2.0"),
    "sin": ("sine, of radians like all of these", "pi/2.0"),
    "cos": ("cosine", "pi"),
    "tan": ("tangent", "pi/4.0"),
    "asin": ("inverse sine", "1.0"),
    "acos": ("inverse cosine", "-1.0"),
    "atan": ("inverse tangent", "1.0"),
    "sinh": ("hyperbolic sine", "1.0"),
    "cosh": ("hyperbolic cosine", "1.0"),
    "tanh": ("hyperbolic tangent", "1.0"),
    "abs": ("without its sign", "-2.5"),
    "floor": ("next whole number below", "-2.5"),
    "ceil": ("next whole number above", "-2.5"),
    "round": ("nearest whole number", "2.6"),
    "pos": ("x where it is above 0, else 0", "-2.5"),
    "neg": ("x where it is below 0, else 0", "-2.5"),
    "isnan": ("whether it is not a number", "1.0"),
    "isfinite": ("whether it is a number and not infinite", "1.0"),
    "atan2": ("angle of the point (x, y)", "1.0, 1.0"),
    "pow": ("x to any power, as `x^exponent`", "2.0, 0.5"),
    "power": ("x to a whole power, by multiplying", "2.0, 10"),
    "modulo": ("rest of a divided by b, with the sign of a", "-7.0, 3.0"),
    "min": ("the smallest; also of three and more", "2.0, 1.0"),
    "max": ("the largest; also of three and more", "2.0, 1.0"),
    "clip": ("x, held between two bounds", "7.0, 0.0, 5.0"),
    "ite": ("`if condition: then else: otherwise`", "2.0 > 1.0, 5.0, 6.0"),
}
OPERATORS = (  # weakest first: as it is written, what it does, an example
    ("`if a: b else: c`", "b where a is true, else c", "if 1.0 > 2.0: 3.0 else: 4.0"),
    ("`a or b`, `a \\| b`", "at least one is true", "1.0 > 2.0 or 2.0 > 1.0"),
    ("`a and b`, `a & b`", "both are true", "1.0 > 2.0 and 2.0 > 1.0"),
    ("`not a`", "a is false", "not 1.0 > 2.0"),
    ("`<` `<=` `>` `>=` `==` `!=` `is` `is not`", "comparisons; `a < b < c` is both", "1.0 < 2.0 < 3.0"),
    ("`+` `-`", "sum, difference", "1.0 - 2.0 - 3.0"),
    ("`*` `/`", "product, quotient: never of whole numbers, as Python's", "7/2"),
    ("`-a` `+a`", "sign, weaker than a power", "-2.0^2"),
    ("`a^b`, `a**b`", "power, from the right", "2.0^3.0^2.0"),
)
MEANT = {  # flag -> what it says
    "local": "a value for each neuron or synapse: the default",
    "global": "one value for all neurons, or all synapses",
    "population": "one value for all neurons",
    "projection": "one value for all synapses",
    "semiglobal": "one value for all synapses of a post neuron",
    "postsynaptic": "one value for all synapses of a post neuron",
    "float": "a number: the default",
    "double": "a number: the default",
    "int": "a whole number",
    "bool": "true or false",
    "table": "any number of entries, read as `x[k]`",
    "init": "`init=-65.0`: value before the first step",
    "min": "`min=0.0`: never below",
    "max": "`max=1.0`: never above",
    "method": "`method=rk4`, the same as `rk4`",
    "while refractory": "goes on while the neuron is refractory",
    "unless refractory": "holds while the neuron is refractory",
    "unless_post": "is left out where the post neuron spikes in the same step",
}
OF = {"table": "neuron", "refractory": "neuron", "unless_post": "synapse"}
BLOCKS = {"reset": "neuron", "axon_reset": "neuron"} | dict.fromkeys(
    ("pre_spike", "post_spike", "pre_axon_spike"), "synapse"
)
GLOBALS = {
    "mean": "mean",
    "min": "smallest",
    "max": "largest",
    "norm1": "sum without signs",
    "norm2": "root of the sum of squares",
}
TIMED = {
    "t": "ms since the beginning, at the start of the step",
    "dt": "ms of a step",
    "t_last": "when the neuron spiked last",
    "t_pre": "when the last spike of the pre neuron arrived",
    "t_post": "when the post neuron spiked last",
}


def _computed(texts: Iterable[str]) -> list[str]:
    """What engram computes for each expression."""
    listed = list(texts)
    equations = "\n".join(f"x{k} = {text}" for k, text in enumerate(listed))
    net = eg.Network(dt=1.0, seed=1)
    pop = net.create(1, eg.Neuron(equations=f"{equations}\nr = 0.0"))
    net.compile()
    net.simulate(1.0)
    return [f"{float(pop.get(f'x{k}')[0]):.6g}" for k in range(len(listed))]


def _table(head: str, rows: Iterable[Iterable[str]]) -> str:
    titles = head.split(" | ")
    lines = [titles, ["---"] * len(titles), *rows]
    return "".join(f"| {' | '.join(cells)} |\n" for cells in lines)


def _code(words: Iterable[str]) -> str:
    return ", ".join(f"`{word}`" for word in words)


def functions() -> str:
    """Built-in functions."""
    calls = {name: f"{name}({EXAMPLES[name][1]})" for name in FUNCTIONS}
    found = _computed(calls.values())
    others = {name: [other for other, meant in ALIASES.items() if meant == name] for name in FUNCTIONS}
    return _table(
        "function | is | for example",
        (
            [_code([f"{name}({', '.join(args)})", *others[name]]), EXAMPLES[name][0], f"`{calls[name]}` is {value}"]
            for (name, args), value in zip(FUNCTIONS.items(), found, strict=True)
        ),
    )


def operators() -> str:
    """Operators, weakest first."""
    found = _computed(example for *_, example in OPERATORS)
    return _table(
        "operator | is | for example",
        (
            [text, what, f"`{example}` is {value}"]
            for (text, what, example), value in zip(OPERATORS, found, strict=True)
        ),
    )


def flags() -> str:
    """Flags: what they say, and in which blocks of text they may stand."""
    groups = {group: names for group, names in _GROUPS.items() if group != "method"}
    rows = []
    for group, names in {**groups, "method": ("method",)}.items():
        for name in names:
            kind = OF.get(group) or (LOCALITIES[name][1] if name in LOCALITIES else None)
            blocks = [block for block, allowed in ALLOWED.items() if group in allowed]
            places = _code(block for block in blocks if kind is None or BLOCKS.get(block, kind) == kind)
            rows.append([f"`{name}`", MEANT[name], f"{kind}s" if kind else "both", places])
    return _table("flag | says | of | stands in", rows)


def methods() -> str:
    """Methods of differential equations."""
    return _table(
        "method | also | order | remarks",
        (
            [
                f"`{method.name}`" + (" (default)" if method.name == DEFAULT else ""),
                _code(method.other_names),
                "exact for what it accepts" if method.order is None else str(method.order),
                "; ".join(
                    text
                    for holds, text in (
                        (method.is_explicit, "dt below the time constants"),
                        (method.is_joint, "all equations of a block as one system"),
                        (method.needs_slope, "for what is linear in the variable"),
                        (not method.in_steps, "of synapses: computed when a spike comes along"),
                    )
                    if holds
                ),
            ]
            for method in METHODS.values()
        ),
    )


def distributions() -> str:
    """Distributions: as a draw in each step, and as a value."""
    rows = []
    for name, (arguments, by_position) in VALUE_DISTRIBUTIONS.items():
        in_equations = f"`{name}({', '.join(DISTRIBUTIONS[name])})`"
        named = [*arguments[:by_position], *(f"{argument}=" for argument in arguments[by_position:])]
        rows.append([in_equations, f"`{name}({', '.join(named)})`"])
    return _table("in equations: a draw in each step | as a value: `init=`, parameters, weights, delays", rows)


def globals_() -> str:
    """Operations over all neurons."""
    return _table("operation | over all neurons of the population", ([f"`{op}(x)`", GLOBALS[op]] for op in GLOBAL_OPS))


def names() -> str:
    """Names that stand for numbers and times."""
    rows = [[f"`{name}`", f"{value:.6g}", "all models"] for name, value in NUMBERS.items()]
    kinds = {name: [kind for kind, times in TIMES.items() if name in times] for name in TIMED}
    rows += [[f"`{name}`", TIMED[name], " and ".join(f"{kind}s" for kind in kinds[name])] for name in TIMED]
    return _table("name | is | known to", rows)


def reserved() -> str:
    """Names that no parameter, variable or function may have."""
    shown = {*FUNCTIONS, *ALIASES, *DISTRIBUTIONS, *GLOBAL_OPS}
    return (
        f"The functions, operations and distributions above, and {_code(sorted(RESERVED - shown))}.\n"
        f"In synapses also {_code(sorted(RESERVED_IN_SYNAPSES))}.\n"
    )


def types() -> str:
    """Types."""
    return f"Types are {_code(TYPES)}; `double` is `float`.\n"


TABLES: dict[str, Callable[[], str]] = {
    "operators": operators,
    "functions": functions,
    "globals": globals_,
    "distributions": distributions,
    "names": names,
    "flags": flags,
    "types": types,
    "methods": methods,
    "reserved": reserved,
}
