"""Random models from the whole language, by its grammar: sound ones, spoilt ones, hostile ones.

``make_text(seed)`` is a pure function: the same number is the same text on every machine. Most texts are sound: what
the generator knows of scope and sharing keeps names where they may stand. A third of them is then spoilt by random
edits or is made of fragments that want to become code. Names are often those of C, of Python and of engram's own
kernels, since a user may call a gating variable ``h``, a gain ``I`` and a counter ``step``.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from engram.language.methods import NAMES
from engram.language.vocabulary import METHOD_FLAGS

__all__ = ["HOSTILE_NAMES", "ModelText", "make_text"]

PLAIN_NAMES = tuple("tau tau_m v u x y z w0 theta gain E_L c_1 alpha beta noise I_syn age trace_pre A_plus".split())
HOSTILE_NAMES = tuple(
    # C: keywords, headers, macros, functions of libm and libc
    "int long restrict double float register auto volatile inline _Bool _Complex sizeof struct goto asm typeof char "
    "main I errno NAN INFINITY NULL DBL_MAX HUGE_VAL M_PI EOF stdin signgam y0 y1 j0 gamma system abort printf memcpy "
    "signbit int64_t uint8_t uint32_t INT64_C bool_ true_ unix linux "
    # Python: keywords, builtins
    "lambda class None import def self while for_ del yield print eval exec object type id repr "
    # the kernels' own: arguments, locals, macros, slots
    "step clock run arg a n h k j0_ from_ from low high row list e d first last thread n_threads emitted spikes axons "
    "awake next next_v k0 at1 m factor input s0_v s1_v ps0_v r_0 drawn_0 best psp length segment slot key rows fill "
    "eg_exp eg_modulo eg_args EG_EXPORT EG_CHUNK shared propagator constants op rank count found uid last_pre "
    "last_post last_event transmission update plasticity period offset axon rate window name attributes get set delay "
    "geometry targets".split()
)
TARGETS = ("exc", "inh", "restrict", "int", "step")
FUNCTIONS_1 = (
    *"exp log log10 sqrt sin cos tan asin acos atan sinh cosh tanh abs fabs floor ceil round pos positive neg".split(),
    "negative",
)
PREDICATES = ("isnan", "isfinite")
FUNCTIONS_2 = ("atan2", "pow", "power", "modulo")
GLOBAL_OPS = ("mean", "min", "max", "norm1", "norm2")
METHODS = tuple(flag for flag, method in METHOD_FLAGS.items() if method in NAMES)
OF_ANY = tuple(name for name in NAMES if name != "linear")  # which asks for equations without other variables
NUMBERS = (
    *("0", "1", "2", "7", "0.5", "10.0", "-1", ".25", "3.", "1e-3", "2E5", "0.1", "1e308", "4.9e-324", "1e-400"),
    *(
        "9007199254740993",
        "9223372036854775808",
        "123456789012345678901234567890",
        "00",
        "007",
        "1.7976931348623157e308",
    ),
)
DRAWS = {
    "Uniform": ("0", "1"),
    "DiscreteUniform": ("1", "6"),
    "Normal": ("0.0", "1.0"),
    "LogNormal": ("0.0", "0.5"),
    "Exponential": ("2.0",),
    "Gamma": ("2.0", "0.5"),
    "Binomial": ("10", "0.3"),
    "Poisson": ("2.0",),
}
VALUES = ("Uniform(0, 1)", "Normal(0, 1, min=-1, max=1)", "Exponential(2.0)", "Gamma(2.0, 1.0)", "Binomial(10, 0.5)")
HOSTILE_TEXT = (
    *(
        "*/ system(1); /*",
        "# */ int x; /*",
        "# comment \\",
        "\\",
        "??/",
        "/* r = 1",
        "// r = 1",
        '"',
        "'",
        "`id`",
        "${r}",
    ),
    *("{", "}", "[0]", ";;", "::", "r = 1 \\\n#define r 2", "#include <stdio.h>", "%n", "\x00", "\x1b[31m", "\ufeff"),
    *(
        "\u202e",
        "τ = 1.0",
        "r = 1.0 # é ü 漢字",
        "x\u0301 = 1",
        "ｒ = 1",
        "\u2028 r = 1",
        "r＝1",
        "\x0c",
        "\x85",
        "\ud800",
    ),
    *("__import__('os')", "().__class__", "lambda: 0", "eval(1)", "0x10", "1_000", "1e999", "1e", "1..2", "1j", "0b1"),
    *("r := 1", "r == 1", "r = = 1", "r ++", "dr/dt/dt = 1", "ddr/dt = 1", "d/dt = 1", "dr/dr = 1", "r' = 1", "r! = 1"),
    *("pre.r = 1", "pre . r", "pre.pre.r", "pre.1", "post.", ".r", "sum(exc", "sum(1)", "sum(pre.r)", "Uniform(1, 0)"),
    *("Uniform()", "mean(mean(r))", "t = 1", "dt = 2", "w = w", "true = 1", "init = 1", "r = 1 : init", "r = 1 : max="),
    *("r = 1 : int, float", "r = 1 : population, int, bool", "r = 1 : rk4", "r = 1 : , ,", "r = if", "r = else: 1"),
    *(
        "r = if 1: 2",
        "r = 1 if 2 else 3",
        "r = if 1: 2 elif 2: 3 else: 4",
        "r = t // 2",
        "r = t % 2",
        "r = 'r'",
        "x = \"x\" : init='x'",
        "f(x) = x : double, int, bool, int",
        "r = Normal(0, -1) + Binomial(0.5, 2) + Poisson(1/0) + Gamma(0, 0)",
        "r = 0x10 + 1_000 + 1e",
        "r = sum('exc') + g(exc) + np.exp(1)",
        "g_exc += w",
        "f(f) = f(f)",
        "9^9^9^9",
        "2**-1074",
        "0/0",
        "r /= 0",
        "-0.0",
        "exp()",
        "(,)",
    ),
    *(
        "%(r)s",
        "{0}",
        "{r}",
        "r = {0}",
        "\t\tr\t=\t1",
        "\r\nr = 1\r",
        "r = 1" + " " * 300,
        "a" * 300 + " = 1",
        "#" * 99,
    ),
)


@dataclass(frozen=True)
class ModelText:
    """What is given to ``parse_neuron`` or ``parse_synapse``, and where a synapse stands.

    Args:
        kind: ``neuron`` or ``synapse``.
        arguments: by the names of the constructor.
        flavour: ``sound``, ``spoilt`` or ``hostile``.
        spiking: of a synapse: its populations are.
        single, delays, method: how a network may ask for the kernels.
    """

    kind: str
    arguments: dict[str, Any]
    flavour: str
    spiking: bool
    single: bool
    delays: str
    method: str


def make_text(seed: int) -> ModelText:
    """Return the text with that number."""
    rng = random.Random(seed)
    kind = rng.choice(("neuron", "neuron", "synapse"))
    spiking = rng.random() < 0.5
    maker = _Neuron(rng, spiking) if kind == "neuron" else _Synapse(rng, spiking)
    arguments = _embellished(random.Random(-1 - seed), maker.arguments())
    flavour = rng.choices(("sound", "spoilt", "hostile"), (60, 25, 15))[0]
    if flavour != "sound":
        arguments = (_spoil if flavour == "spoilt" else _poison)(rng, arguments)
    method = rng.choice((*["explicit"] * 5, *OF_ANY))
    return ModelText(
        kind, arguments, flavour, spiking, rng.random() < 0.3, rng.choice(("none", "uniform", "each")), method
    )


@dataclass
class _Names:
    """What an expression may read."""

    numbers: list[str]
    calls: dict[str, int] = field(default_factory=dict)
    draws: bool = False
    conditionals: bool = True


class _Maker:
    """Writes the texts of one model."""

    def __init__(self, rng: random.Random, spiking: bool) -> None:
        self.rng = rng
        self.spiking = spiking
        self.taken: set[str] = set()
        self.texts: dict[str, Any] = {}
        self.functions: dict[str, int] = {}

    # -- names -------------------------------------------------------------------------------------------

    def name(self) -> str:
        for _ in range(50):
            pool: Sequence[str] = HOSTILE_NAMES if self.rng.random() < 0.5 else PLAIN_NAMES
            name = self.rng.choice(pool)
            if name not in self.taken:
                break
        else:
            name = f"q{len(self.taken)}"
        self.taken.add(name)
        return name

    def number(self) -> str:
        rng = self.rng
        return rng.choice(NUMBERS) if rng.random() < 0.3 else f"{rng.uniform(0.01, 50):.{rng.randint(0, 5)}f}"

    # -- expressions -------------------------------------------------------------------------------------

    def expression(self, names: _Names, depth: int) -> str:
        rng = self.rng
        if depth <= 0 or rng.random() < 0.15:
            return rng.choice(names.numbers) if names.numbers and rng.random() < 0.65 else self.number()
        one = lambda: self.expression(names, depth - 1)  # noqa: E731  short for a table of productions
        choices: list[Any] = [
            *[lambda: f"{one()} {rng.choice('+-*/')} {one()}"] * 6,
            *[lambda: f"({one()} {rng.choice('+-*/')} {one()})"] * 3,
            lambda: f"{rng.choice('-+')}{one()}" if rng.random() < 0.5 else f"-({one()})",
            lambda: f"({one()}){rng.choice(('^', '**'))}{rng.choice(('2', '3', '-1', '0.5', '64', '65', one()))}",
            lambda: f"{rng.choice(FUNCTIONS_1)}({one()})",
            lambda: f"{rng.choice(FUNCTIONS_2)}({one()}, {one()})",
            lambda: f"clip({one()}, {self.number()}, {one()})",
            lambda: f"ite({self.condition(names, depth - 1)}, {one()}, {one()})",
            lambda: f"({self.condition(names, depth - 1)})*{self.number()}",
        ]
        if names.calls:
            choices += [lambda: self.call(names, depth)] * 2
        if names.draws:
            choices += [lambda: self.draw(names, depth)] * 2
        if names.conditionals and rng.random() < 0.1:
            return f"(if {self.condition(names, depth - 1)}: {one()} else: {one()})"
        return str(rng.choice(choices)())

    def call(self, names: _Names, depth: int) -> str:
        name = self.rng.choice(list(names.calls))
        return f"{name}({', '.join(self.expression(names, depth - 2) for _ in range(names.calls[name]))})"

    def draw(self, names: _Names, depth: int) -> str:
        name = self.rng.choice(list(DRAWS))
        if self.rng.random() < 0.6:
            return f"{name}({', '.join(DRAWS[name])})"
        return f"{name}({', '.join(self.expression(names, min(depth - 1, 1)) for _ in DRAWS[name])})"

    def condition(self, names: _Names, depth: int) -> str:
        rng = self.rng
        left, right = (self.expression(names, max(0, depth - 1)) for _ in range(2))
        plain = f"{left} {rng.choice(('<', '<=', '>', '>=', '==', '!=', 'is', 'is not'))} {right}"
        roll = rng.random()
        if depth <= 0 or roll < 0.6:
            return plain
        other = self.condition(names, depth - 1)
        if roll < 0.85:
            return f"{plain} {rng.choice(('and', 'or', '&', '|', '&&', '||'))} {other}"
        if roll < 0.9:
            return f"not ({other})"
        if roll < 0.95:
            return f"{rng.choice(PREDICATES)}({left})"
        return rng.choice((left, "True", "False", f"{plain} < {right}"))

    def right_side(self, names: _Names, depth: int = 3) -> str:
        """A right side; a conditional may stand at its beginning, spread over lines."""
        rng = self.rng
        if rng.random() < 0.12:
            gap = rng.choice((" ", "\n        "))
            then, otherwise = self.expression(names, depth - 1), self.right_side(names, depth - 1)
            return f"if {self.condition(names, 1)}:{gap}{then}{gap}else:{gap}{otherwise}"
        text = self.expression(names, depth)
        return text.replace(" + ", " +\n            ", 1) if rng.random() < 0.05 else text

    # -- statements --------------------------------------------------------------------------------------

    def ode(self, name: str, names: _Names, linear: bool) -> str:
        """An equation with dx/dt somewhere; with ``linear``, one that all methods take."""
        rng = self.rng
        others = [n for n in names.numbers if n != name]
        free = _Names(others, names.calls, names.draws, names.conditionals)
        tau, source = rng.choice((self.number(), *others[:2])), self.expression(free, 2)
        d = f"d{name}/dt"
        if linear:
            return rng.choice(
                (
                    f"{tau}*{d} = -{name}",
                    f"{tau}*{d} + {name} = {source}",
                    f"{d} = ({source} - {name})/{tau}",
                    f"{d} = -{name}/{tau} + {source}",
                    f"{d} = -({source})*{name}",
                    f"{d} = {source}",
                    f"({source}) - {name} = {tau} * {d}",
                )
            )
        return rng.choice((f"{d} = {self.right_side(names)}", f"{tau}*{d} = {self.right_side(names)}"))

    def flags(self, pairs: Sequence[tuple[float, str]]) -> str:
        chosen = [flag for chance, flag in pairs if self.rng.random() < chance]
        self.rng.shuffle(chosen)
        return f" : {', '.join(chosen)}" if chosen else ""

    def bounds(self, names: _Names) -> list[tuple[float, str]]:
        steady = _Names(names.numbers)
        return [(0.15, f"min={self.expression(steady, 1)}"), (0.15, f"max={self.expression(steady, 1)}")]

    def initial(self, parameters: Sequence[str]) -> str:
        return f"init={self.rng.choice((self.number(), *VALUES, *parameters[:1]))}"

    def parameters(self, localities: dict[str, str], count: int) -> dict[str, list[str]]:
        """Declare some; returns their names by locality."""
        rng = self.rng
        found: dict[str, list[str]] = {word: [] for word in localities}
        lines, table = [], {}
        as_dictionary = rng.random() < 0.3
        for _ in range(count):
            name, locality = self.name(), rng.choice(list(localities))
            if as_dictionary:
                found["global"].append(name)
                table[name] = rng.choice((1, 2.5, True, 0.1, -3))
                continue
            found[locality].append(name)
            roll = rng.random()
            flag = [localities[locality]] if localities[locality] else []
            if roll < 0.15:
                value, flag = str(rng.randint(-5, 9)), [*flag, "int"]
            elif roll < 0.25:
                value, flag = rng.choice(("True", "false")), [*flag, *rng.choice((["bool"], []))]
            else:
                value = rng.choice((self.number(), "-70.0", "1.0/3.0", "2*pi", VALUES[0] if not flag else "1.0"))
            lines.append(f"{name} = {value}" + (f" : {', '.join(flag)}" if flag else ""))
        self.texts["parameters"] = table if as_dictionary and table else rng.choice(("\n", " ; ")).join(lines)
        return found

    def some_functions(self) -> None:
        rng = self.rng
        lines = []
        for _ in range(rng.choice((0, 0, 0, 1, 2))):
            name, arguments = self.name(), [rng.choice(HOSTILE_NAMES + PLAIN_NAMES) for _ in range(rng.randint(1, 3))]
            arguments = list(dict.fromkeys(arguments))
            body = self.right_side(_Names(arguments, dict(self.functions)), 2)
            lines.append(f"{name}({', '.join(arguments)}) = {body}")
            self.functions[name] = len(arguments)
        if lines:
            self.texts["functions"] = "\n".join(lines)

    def block(self, lines: list[str]) -> str | list[str]:
        rng = self.rng
        lines = [line + ("  # it's */ a \\" if rng.random() < 0.03 else "") for line in lines]
        return lines if rng.random() < 0.1 else "\n".join(" " * rng.choice((0, 4)) + line for line in lines)

    def events(self, own: _Names, variables: Sequence[str], extra: Sequence[str] = (), flag: str = "") -> list[str]:
        """Statements of reset, pre_spike ...: assignments to some variables."""
        rng = self.rng
        lines = []
        for _ in range(rng.randint(1, 3)):
            targets = [*variables, *extra]
            if not targets:
                break
            name = rng.choice(targets)
            flags = f" : {flag}" if flag and rng.random() < 0.2 else ""
            lines.append(f"{name} {rng.choice(('=', '+=', '-=', '*=', '/='))} {self.right_side(own, 2)}{flags}")
        return lines


class _Neuron(_Maker):
    def arguments(self) -> dict[str, Any]:
        rng = self.rng
        self.taken |= {"r"}
        self.some_functions()
        known = self.parameters({"local": "", "global": "population"}, rng.randint(0, 4))
        shared = _Names([*known["global"], "t", "dt"], dict(self.functions), draws=True)
        lines: list[str] = []
        variables: list[str] = []
        # what is global first: the local ones may read it
        for _ in range(rng.choice((0, 0, 1))):
            name = self.name()
            text, method = self.equation(name, shared, allow_ode=True)
            lines.append(text + self.flags([(1.0, "population"), *method, (0.2, self.initial(known["global"]))]))
            shared.numbers.append(name)
        own = _Names([*shared.numbers, *known["local"]], dict(self.functions), draws=True)
        targets = rng.sample(TARGETS, rng.randint(0, 2))
        if self.spiking:
            own.numbers += [f"g_{x}" for x in targets] + ["t_last"]
        else:
            own.numbers += [f"sum({x})" for x in targets] + ["sum()"]
        count = rng.randint(1, 4)
        names = [self.name() for _ in range(count)]
        if not self.spiking:
            names[-1] = "r"
        if self.spiking and targets and rng.random() < 0.5:
            names.append(f"g_{targets[0]}")
        group = rng.choice((*OF_ANY, None, None)) if rng.random() < 0.5 else None
        for name in names:
            variables.append(name)
            lines.append(self.local_equation(name, own, variables, group, known["local"] + known["global"]))
            own.numbers.append(name)
            if rng.random() < 0.1:
                lines.append(f"{name} {rng.choice(('+=', '-=', '*=', '/='))} {self.right_side(own, 2)}")
        self.texts["equations"] = self.block(lines)
        if self.spiking:
            self.spiking_texts(own, variables, known)
        return self.texts

    def local_equation(
        self, name: str, own: _Names, variables: list[str], group: str | None, parameters: list[str]
    ) -> str:
        rng = self.rng
        with_ops = _Names(
            [*own.numbers, *(f"{rng.choice(GLOBAL_OPS)}({x})" for x in variables[:2])], own.calls, own.draws
        )
        text, method = self.equation(name, with_ops, allow_ode=True, group=group)
        kind = [(0.1, rng.choice(("int", "float"))), *self.bounds(own)] if rng.random() < 0.9 else [(1.0, "bool")]
        return text + self.flags([*method, *kind, (0.3, self.initial(parameters))])

    def equation(
        self, name: str, names: _Names, allow_ode: bool, group: str | None = None
    ) -> tuple[str, list[tuple[float, str]]]:
        """The text of one equation, and the flag of its method."""
        rng = self.rng
        if not allow_ode or rng.random() < 0.4:
            return f"{name} = {self.right_side(names)}", []
        method = group or rng.choice((None, None, *METHODS))
        linear = method in ("exponential", "semiimplicit", "implicit", "linear")
        constant = _Names([n for n in names.numbers if n in ("t", "dt")]) if method == "linear" else names
        return self.ode(name, constant, linear), [(1.0, method)] if method else []

    def spiking_texts(self, own: _Names, variables: list[str], known: dict[str, list[str]]) -> None:
        rng = self.rng
        self.texts["spike"] = self.condition(own, 2)
        if rng.random() < 0.8:
            self.texts["reset"] = self.block(self.events(own, variables))
        if rng.random() < 0.5:
            names = [*known["local"], *known["global"]]
            self.texts["refractory"] = rng.choice((2.0, 0.0, *names)) if names else 1.5
        if rng.random() < 0.2:
            self.texts["axon_spike"] = self.condition(own, 1)
            if rng.random() < 0.5:
                self.texts["axon_reset"] = self.block(self.events(own, variables))


class _Synapse(_Maker):
    def arguments(self) -> dict[str, Any]:
        rng = self.rng
        self.taken |= {"w", "r"}
        self.some_functions()
        known = self.parameters({"local": "", "semi": "postsynaptic", "global": "projection"}, rng.randint(0, 4))
        known.setdefault("semi", [])
        calls = dict(self.functions)
        post = ["post.v", "post.x", "post.n", "post.g", "post.flag"]
        pre = ["pre.v", "pre.x", "pre.n", "pre.g", "pre.flag"]
        ops = [f"{rng.choice(GLOBAL_OPS)}({side}.{x})" for side, x in (("pre", "x"), ("post", "v"))]
        shared = _Names([*known["global"], "t", "dt", *ops], calls, draws=True)
        lines: list[str] = []
        if rng.random() < 0.15:
            name = self.name()
            lines.append(self.line(name, shared, ["projection"]))
            shared.numbers.append(name)
        semi = _Names([*shared.numbers, *known["semi"], *post], calls, draws=True)
        if rng.random() < 0.25:
            name = self.name()
            lines.append(self.line(name, semi, ["postsynaptic"]))
            semi.numbers.append(name)
        own = _Names([*semi.numbers, *known["local"], "w", *pre], calls, draws=True)
        if not self.spiking:
            own.numbers += ["pre.r", "post.r", "pre.sum(exc)", "post.sum(exc)"]
        else:
            own.numbers += ["t_pre", "t_post", "g_target"] if rng.random() < 0.5 else ["t_pre", "t_post"]
        variables: list[str] = []
        for _ in range(rng.choice((0, 0, 1, 1, 2, 3))):
            name = self.name() if "w" in variables or rng.random() < 0.6 else "w"
            lines.append(self.line(name, own, []))
            variables.append(name)
            if name != "w":
                own.numbers.append(name)
        if self.spiking:
            self.spiking_texts(lines, own, variables, known)
        elif rng.random() < 0.5:
            self.texts["psp"] = self.right_side(own, 2)
            self.texts["operation"] = rng.choice(("sum", "sum", "max", "min", "mean"))
        if lines:
            self.texts["equations"] = self.block(lines)
        return self.texts

    def line(self, name: str, names: _Names, locality: list[str]) -> str:
        rng = self.rng
        method = rng.choice((None, None, *(flag for flag in METHODS if flag != "linear")))
        linear = method in ("exponential", "semiimplicit", "implicit")
        is_ode = rng.random() < 0.6
        text = self.ode(name, names, linear) if is_ode else f"{name} = {self.right_side(names)}"
        flags = [*locality, *([method] if method and is_ode else [])]
        return text + self.flags([*((1.0, f) for f in flags), *self.bounds(names), (0.2, f"init={self.number()}")])

    def spiking_texts(self, lines: list[str], own: _Names, variables: list[str], known: dict[str, list[str]]) -> None:
        rng = self.rng
        for _ in range(rng.choice((0, 0, 1, 2))):
            name = self.name()
            tau = rng.choice((self.number(), *known["local"], *known["global"]))
            lines.append(
                rng.choice((f"d{name}/dt = -{name}/{tau} : event-driven", f"{tau}*d{name}/dt + {name} = 2.0 : exact"))
            )
            variables.append(name)
            own.numbers.append(name)
        if rng.random() < 0.15:
            self.texts["psp"] = self.right_side(own, 2)
        if rng.random() < 0.8:
            self.texts["pre_spike"] = self.block(self.events(own, variables, ("g_target", "w"), "unless_post"))
        if rng.random() < 0.5:
            self.texts["post_spike"] = self.block(self.events(own, variables, ("w", self.name())))
        if rng.random() < 0.15:
            self.texts["pre_axon_spike"] = self.block(self.events(own, variables, ("g_target",)))


# -- what goes wrong ---------------------------------------------------------------------------------------


def _places(arguments: dict[str, Any]) -> list[str]:
    return [key for key, value in arguments.items() if isinstance(value, str) and value and key != "operation"]


def _embellished(rng: random.Random, arguments: dict[str, Any]) -> dict[str, Any]:
    """Add to a sound model what few models have: typed functions, names in quotes, very long sums."""
    changed = dict(arguments)
    if "functions" in changed and rng.random() < 0.5:
        lines = changed["functions"].split("\n")
        n = lines[0].partition(")")[0].count(",") + rng.choice((1, *[2] * 8, 3))
        types = ", ".join(rng.choice(("double", "double", "float", "int", "bool")) for _ in range(n))
        body = next((k for k, line in enumerate(lines[1:], 1) if "=" in line.partition("if ")[0]), len(lines)) - 1
        lines[body] += f" : {types}"
        changed["functions"] = "\n".join(lines)
    if isinstance(changed.get("parameters"), str) and rng.random() < 0.1:
        quoted = rng.choice(("'extra'", '"extra"'))
        changed["parameters"] += f"\nquoted = {quoted}"
        changed["extra_values"] = {rng.choice(("extra", "extra", "extra", "other")): rng.choice((1, 2.5, True, "tau"))}
    if isinstance(changed.get("equations"), str) and rng.random() < 0.04:
        signs = rng.choice((" + ", " - ", "\n    + "))
        changed["equations"] += "\nlong_sum = " + signs.join(["t", "0.5*dt"] * rng.choice((40, 100, 600)))
    return changed


def _spoil(rng: random.Random, arguments: dict[str, Any]) -> dict[str, Any]:
    """Edit a few characters or words of a sound model."""
    changed = dict(arguments)
    for _ in range(rng.randint(1, 3)):
        places = _places(changed)
        if not places:
            break
        key = rng.choice(places)
        text = changed[key]
        at, other = rng.randrange(len(text)), rng.randrange(len(text))
        roll = rng.randrange(6)
        if roll == 0:
            text = text[:at] + text[at + rng.randint(1, 4) :]
        elif roll == 1:
            text = text[:at] + rng.choice("()=:;,.+-*/^<>#\\\"' \n0aé_&|!") + text[at:]
        elif roll == 2:
            text = text[: min(at, other)] + text[max(at, other) :]
        elif roll == 3:
            text = text[:at] + text[min(at, other) : max(at, other)] + text[at:]
        elif roll == 4:
            words = text.split(" ")
            words[rng.randrange(len(words))] = rng.choice(
                (*HOSTILE_NAMES, *PLAIN_NAMES, *FUNCTIONS_1, "if", "else:", "=")
            )
            text = " ".join(words)
        else:
            text = text.replace(text[at], rng.choice("+-*/ ()=:"), 1)
        changed[key] = text
    return changed


def _poison(rng: random.Random, arguments: dict[str, Any]) -> dict[str, Any]:
    """Put fragments into a model that want to become code, or that are too much of something."""
    changed = dict(arguments)
    places = _places(changed) or ["equations"]
    key = rng.choice(places)
    text = str(changed.get(key, "r = 1"))
    roll = rng.randrange(8)
    if roll <= 3:
        at = rng.choice((0, len(text), rng.randrange(len(text) + 1)))
        text = (
            text[:at]
            + rng.choice(("", " ", "\n", " # "))
            + rng.choice(HOSTILE_TEXT)
            + rng.choice(("", "\n"))
            + text[at:]
        )
    elif roll == 4:
        n = rng.choice((50, 90, 150, 250))
        opened, closed = rng.choice(
            (("(", ")"), ("-(", ")"), ("exp(", ")"), ("1 + (", ")"), ("not (", ")"), ("2^", ""))
        )
        text += f"\nx_deep = {opened * n}1.0{closed * n}"
    elif roll == 5:
        text += "\nx_long = " + rng.choice((" + ", " * ", " - ", "/")).join(["1.5"] * rng.choice((100, 190, 400)))
    elif roll == 6:
        text = "".join(
            rng.choice("rvwx=+-*/()^:;,. \n0123456789dtif else\\#\"'é{}[]<>!&|") for _ in range(rng.randint(1, 80))
        )
    else:
        text = " ".join(rng.choice((*HOSTILE_TEXT, *HOSTILE_NAMES, *NUMBERS)) for _ in range(rng.randint(1, 8)))
    changed[key] = text
    if rng.random() < 0.2:
        changed["name"] = rng.choice(("*/ int x; /*", "a\\", "??/", "\n#error", "{name}", "é", "x" * 200, "\x00", "%s"))
    return changed
