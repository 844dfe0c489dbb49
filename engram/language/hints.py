"""What to type next: hints for text that other languages know and this one doesn't.

In: what the parser or the resolver could not make sense of. Out: a hint, or ``""`` where there is none.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection

from engram.language.nodes import Expr, Name
from engram.language.vocabulary import (
    DISTRIBUTIONS,
    FUNCTIONS,
    GLOBAL_OPS,
    LOCALITIES,
    METHOD_FLAGS,
    NUMBERS,
    RESTING,
    UNITS,
)
from engram.state.spelling import is_hidden

__all__ = ["assignment_hint", "character_hint", "function_hint", "name_hint", "table_hint", "token_hint"]

_CONDITIONAL = "write 'if condition: value else: other'"
_CHARACTERS = {
    "\\": "a line without an assignment continues the one before; no '\\' is needed.",
    "!": "write 'not'.",
    "~": "write 'not'.",
    "%": "write 'modulo(a, b)'.",
    "?": f"{_CONDITIONAL}.",
    "{": "write parentheses, ( and ).",
    "'": "a name in quotes can be the value of a parameter; a derivative is written 'dx/dt'.",
    '"': "a name in quotes can be the value of a parameter.",
    "\N{MINUS SIGN}": "write '-', the one of ASCII.",
    "\N{EN DASH}": "write '-', the one of ASCII.",
    "\N{MULTIPLICATION SIGN}": "write '*'.",
    "\N{MIDDLE DOT}": "write '*'.",
    "\N{DOT OPERATOR}": "write '*'.",
    "\N{DIVISION SIGN}": "write '/'.",
    "\N{SUPERSCRIPT TWO}": "write '^2'.",
    "\N{SUPERSCRIPT THREE}": "write '^3'.",
    "\N{SQUARE ROOT}": "write 'sqrt(x)'.",
    "\N{INFINITY}": "a parameter can be infinite: 'tau = inf'.",
    "\N{LESS-THAN OR EQUAL TO}": "write '<='.",
    "\N{GREATER-THAN OR EQUAL TO}": "write '>='.",
    "\N{NOT EQUAL TO}": "write '!='.",
    "\N{NO-BREAK SPACE}": "this blank is not the one of ASCII: type it again.",
}
_WRITTEN_AS = {
    "ln": "log(x)",
    "log2": "log(x)/log(2)",
    "log1p": "log(1 + x)",
    "expm1": "exp(x) - 1",
    "exp2": "2^x",
    "square": "x^2",
    "cbrt": "x^(1/3)",
    "sign": "ite(x > 0, 1, ite(x < 0, -1, 0))",
    "sgn": "ite(x > 0, 1, ite(x < 0, -1, 0))",
    "heaviside": "ite(x > 0, 1, 0)",
    "step": "ite(x > 0, 1, 0)",
    "relu": "pos(x)",
    "sigmoid": "1/(1 + exp(-x))",
    "logistic": "1/(1 + exp(-x))",
    "arcsin": "asin(x)",
    "arccos": "acos(x)",
    "arctan": "atan(x)",
    "arctan2": "atan2(y, x)",
    "hypot": "sqrt(x^2 + y^2)",
    "mod": "modulo(a, b)",
    "fmod": "modulo(a, b)",
    "maximum": "max(a, b)",
    "minimum": "min(a, b)",
    "fmax": "max(a, b)",
    "fmin": "min(a, b)",
    "where": "ite(condition, a, b)",
    "int": "floor(x)",
    "trunc": "ite(x > 0, floor(x), ceil(x))",
    "rand": "Uniform(0, 1)",
    "random": "Uniform(0, 1)",
    "avg": "mean(x), over the population",
    "average": "mean(x), over the population",
    "randn": "Normal(0, 1)",
    "sqr": "x^2",
    "fabs": "abs(x)",
    "clamp": "clip(x, low, high)",
    "sine": "sin(x)",
    "cosine": "cos(x)",
    "tangent": "tan(x)",
    "cot": "1/tan(x)",
    "sec": "1/cos(x)",
    "csc": "1/sin(x)",
    "coth": "1/tanh(x)",
    "sech": "1/cosh(x)",
    "csch": "1/sinh(x)",
    "asinh": "log(x + sqrt(x^2 + 1))",
    "acosh": "log(x + sqrt(x^2 - 1))",
    "atanh": "log((1 + x)/(1 - x))/2",
    "arcsinh": "log(x + sqrt(x^2 + 1))",
    "arccosh": "log(x + sqrt(x^2 - 1))",
    "arctanh": "log((1 + x)/(1 - x))/2",
    "exprel": "ite(x == 0, 1, (exp(x) - 1)/x)",
    "sinc": "ite(x == 0, 1, sin(pi*x)/(pi*x))",
    "heavyside": "ite(x > 0, 1, 0)",
    "theta": "ite(x > 0, 1, 0)",
    "softplus": "log(1 + exp(x))",
    "elu": "ite(x > 0, x, exp(x) - 1)",
    "gauss": "exp(-x^2/2); a random number is Normal(0, 1)",
    "gaussian": "exp(-x^2/2); a random number is Normal(0, 1)",
    "erf": "tanh(1.1284*x + 0.1009*x^3), which differs by less than 0.0004",
    "logit": "log(x/(1 - x))",
    "timestep": "round(t/dt)",
}
_OPERATORS = {
    "and": "write 'and'.",
    "or": "write 'or'.",
    "not": "write 'not (...)', before the comparison.",
    "xor": "write '!=' between conditions in parentheses.",
    "in": "there are no collections: compare with '==', and join by 'or'.",
    "div": "write 'floor(a/b)'.",
    "mod": "write 'modulo(a, b)'.",
}
_LIBRARIES = ("np", "numpy", "math", "ann", "eg", "engram")
_STATEMENT = re.compile(r"\s*(while|for|def|import|from|return|print|class|with|if|elif|else|lambda)\b")


def character_hint(text: str, at: int, block: str) -> str:
    """Return what to write instead of a character that no token begins with, in a block."""
    character = text[at]
    if character == ".":
        return _dot_hint(text, at)
    if character in _CHARACTERS:
        return _CHARACTERS[character]
    name = unicodedata.name(character, "")
    greek = re.fullmatch(r"GREEK (SMALL|CAPITAL) LETTER ([A-Z]+)", name)
    if greek:
        word = greek[2].lower() if greek[1] == "SMALL" else greek[2].capitalize()
        return f"names have letters, digits and '_' of ASCII only: write '{word}'."
    if is_hidden(character):
        return "it can't be seen: delete it."
    if character.isalpha() or unicodedata.combining(character):
        return "names have letters, digits and '_' of ASCII only."
    return "an equation has names, numbers, parentheses, commas, and + - * / ^ < > = & |."


def token_hint(text: str, start: int, token: str, kind: str, expected: set[str], block: str) -> str:
    """Return what to write where the token ``text[start:]`` begins with can't stand.

    Args:
        kind: the name of the token in the grammar; ``$END`` at the end of the text.
        expected: names of the tokens that could stand there; TIMES is one after a value.
        block: where the text stands.
    """
    before = text[:start].rstrip()
    if "\n" in text[len(before) : start] and "TIMES" in expected and token != "elif":
        return _line_hint(text[start:], block)
    if flag := _flag_in_parentheses(text[start:]):
        return f"a flag stands behind a colon, without parentheses: ': {flag}'."
    if token == "[" and block == "parameters":
        return "values for each neuron or synapse are set on the population or projection: pop.a = [...]."
    if token == "[":
        return "entries are those of a table, 'name[k]', and there are no lists: each neuron computes for itself."
    if kind == "DIVIDE" and before.endswith("/"):
        return "write 'floor(a/b)'."
    if token == "elif":
        return "write 'else: if condition: value else: other'."
    if "COLON" in expected and re.search(r"\belse\Z", before):
        return "write 'else: if condition: value else: other'." if kind == "IF" else "write 'else:'."
    if kind == "IF":
        if "TIMES" in expected:
            return "Python's 'a if c else b' is written 'if c: a else: b'; in an expression it stands in parentheses."
        return "a conditional inside of an expression stands in parentheses: '1 + (if condition: value else: other)'."
    flags = before.rpartition(":")[2] if _is_in_flags(before) else None
    if flags is not None and re.match(r"\(?\s*((unless|while)\s+)?re?f", text[start:], re.IGNORECASE):
        return "write 'unless refractory' if the equation holds meanwhile, 'while refractory' if it goes on."
    if flags is not None and kind == "COLON":
        return "one colon stands before all flags; they are separated by commas."
    if flags is not None and kind == "NAME" and "COMMA" in expected:
        return "flags are separated by commas."
    if flags is not None and not flags.strip():
        return "after ':' stand flags, such as init=0.0 or exponential; there are no units."
    if kind == "COMMA":
        if re.search(r"[0-9]\Z", before) and re.match(r",[0-9]", text[start:]):
            return "a number is written with a point: 1.5."
        name = re.match(r",\s*([A-Za-z_][A-Za-z0-9_]*)\s*=", text[start:])
        if name and name[1] not in ("init", "min", "max"):
            return "';' or a new line begins a new statement."
        return f"flags stand after a colon: ': {name[1]}=...'." if name else ""
    previous = re.search(r"(\^|\*\*|<)\s*\Z", before)
    if previous and token in ("^", "*", ">"):
        return "write '!='." if token == ">" else "write '^'."
    if flags is None and re.match(r"\(?\s*(unless|while)\s+re?f", text[start:], re.IGNORECASE):
        return "a flag stands behind a colon: ': unless refractory'."
    if kind == "NAME" and (python := _STATEMENT.match(token)):
        return f"'{python[1]}' is Python: a statement is 'name = expression', and each neuron or synapse runs them all."
    if token.lower() in _OPERATORS and "TIMES" in expected:
        return _OPERATORS[token.lower()]
    if "TIMES" not in expected or kind not in ("NAME", "NUMBER", "LPAR", "NEIGHBOUR"):
        return ""
    return _operator_hint(text, start, token, block)


def assignment_hint(text: str, block: str) -> str:
    """Return what to write in place of a statement that assigns nothing."""
    first = re.match(r"\s*([A-Za-z_][A-Za-z0-9_]*)", text)
    name = first[1] if first else "name"
    python = _STATEMENT.match(text)
    if python and python[1] == "if":
        return "the conditional stands on the right: 'name = if condition: value else: other'."
    if python:
        return f"'{python[1]}' is Python: a statement is 'name = expression', and each neuron or synapse runs them all."
    changed = re.match(r"\s*([A-Za-z_][A-Za-z0-9_]*)\s*(\+\+|--)", text)
    if changed:
        return f"write '{changed[1]} {changed[2][0]}= 1'."
    if re.match(r"[^=]*(==|:=|<-|->|=>)", text):
        return f"write '{name} = ...', with a single '='."
    derivative = re.search(r"\bd[A-Za-z_][A-Za-z0-9_]*\s*/\s*dt\b", text)
    if derivative:
        return f"write '{derivative[0]} = ...'."
    if block == "functions":
        return "a function is written 'f(x, y) = expression'."
    if block == "parameters":
        return f"write '{name} = value'."
    return "write 'name = expression'."


def function_hint(name: str) -> str:
    """Return what to write for a function that other languages have."""
    if name in NUMBERS:
        return f"'{name}' is a number: write it without parentheses."
    if name in ("pre.sum", "post.sum"):
        return f"it takes the name of a target: '{name}(exc)'."
    if name.lower() in ("std", "var", "median", "sd", "variance"):
        return "over a population there are mean, min, max, norm1 and norm2."
    side, _, operation = name.partition(".")
    if operation in GLOBAL_OPS:
        return f"the operation stands outside: '{operation}({side}.r)' is over all neurons."
    return f"write {_WRITTEN_AS[name.lower()]}." if name.lower() in _WRITTEN_AS else ""


def table_hint(name: str, arguments: tuple[Expr, ...]) -> str:
    """Return what to write for Brian2's ``I(t)`` and ``I(t, i)``, a table that is read at a time."""
    times = [one for one in arguments if isinstance(one, Name)]
    if not times or times[0].id != "t" or len(times) != len(arguments):
        return ""
    shared, given = (", population", "a value for each step") if len(times) == 1 else ("", "rows: steps by neurons")
    text = f"'{name} = 0.0 : table{shared}' in `parameters`"
    return f"values over time are a table, {text}, read as '{name}[round(t/dt)]'; give it pop.{name} = {given}."


def name_hint(name: str, known: Collection[str] = ()) -> str:
    """Return what to write for a name that other languages have, or that misses something.

    Args:
        known: names that stand for something, which are not taken for units.
    """
    if name in FUNCTIONS or name in GLOBAL_OPS or name in DISTRIBUTIONS or name == "sum":
        return f"'{name}' is a function: write '{name}(...)'."
    if name in UNITS and name.lower() not in {one.lower() for one in known}:
        given = f"; a value of that name is given in `parameters`: '{name} = ...'" if len(name) == 1 else ""
        return f"there are no units: times are in ms, everything else in what the equations mean{given}."
    if f"d{name}" in known:
        return f"a differential equation is written 'd{name}/dt = ...'; 'd{name}' is a value of its own."
    if name in ("i", "j"):
        return "equations know no ranks: give each neuron its own value, 'x = 0.0' in `parameters`, pop.x = [...]."
    if name == "size":
        return "equations know no sizes: give the number in `parameters`, 'n = 100.0 : population'."
    if name.lower() in ("inf", "infinity"):
        return "parameters alone can be infinite: 'tau = inf'. isfinite(x) asks for it."
    if name.lower() == "nan":
        return "no number stands for it; isnan(x) and isfinite(x) ask for it."
    if name in ("None", "null"):
        return "a value is a number, True or False."
    if name == "e":
        return "Euler's number is E, and its powers are exp(x)."
    return ""


def _is_in_flags(before: str) -> bool:
    """Whether the text ends after the colon before the flags, which is no colon of a conditional."""
    words = re.findall(r"\b(?:if|else)\b|:", before)
    return words.count(":") > words.count("if") + words.count("else")


def _dot_hint(text: str, at: int) -> str:
    """Return the hint for a dot that belongs to no number and no ``pre.x``."""
    owner = re.search(r"([A-Za-z_][A-Za-z0-9_]*)\s*\Z", text[:at])
    name = re.match(r"\.\s*([A-Za-z_][A-Za-z0-9_]*)", text[at:])
    if owner and owner[1] in _LIBRARIES and name:
        function = re.findall(r"\.\s*(\w+)", re.split(r"[^.\w\s]", text[at:], maxsplit=1)[0])[-1]
        if function in ("True_", "False_"):
            return f"truth values stand for themselves: write '{function[:-1]}'; in an f-string {{bool(x)}} gives that."
        if function in NUMBERS:
            return f"numbers stand for themselves: write '{function}'."
        if re.fullmatch(r"(float|int|uint)\d+", function):
            return "values stand for themselves, without their kind."
        return function_hint(function) or f"functions stand for themselves: write '{function}(...)'."
    if owner and owner[1] in ("pre", "post"):
        return f"write '{owner[1]}.{name[1]}'." if name else f"name an attribute: '{owner[1]}.r'."
    if owner and name:
        near = next((side for side in ("pre", "post") if owner[1][:2].lower() == side[:2]), None)
        if near:
            return f"did you mean '{near}.{name[1]}'?"
    return "only pre.x and post.x have a dot."


def _flag_in_parentheses(text: str) -> str:
    """Return the flag that a text begins with, as Brian2's ``(event-driven)``; ``""`` if it doesn't."""
    found = re.match(r"\(\s*([a-z][a-z -]*?)\s*\)", text) or re.match(r"([a-z-]+)\s*\Z", text)
    return found[1] if found and found[1] in (*METHOD_FLAGS, *LOCALITIES, *RESTING) else ""


def _line_hint(line: str, block: str) -> str:
    """Return the hint for a line that begins with what can't continue the one before."""
    hint = assignment_hint(line, block)
    if hint.startswith("write 'name = ") or hint.endswith("/dt = ...'."):
        hint = "a line without an assignment continues the one before; a statement is 'name = expression'."
    return hint


def _operator_hint(text: str, start: int, token: str, block: str) -> str:
    """Return the hint for two values with no operator between them."""
    before = text[:start].rstrip()
    condition = re.search(r"\bif\b[^:]*\Z", before)
    if condition and "else" in text[start:]:
        return "a ':' stands between condition and value: 'if condition: value else: other'."
    last = re.search(r"[A-Za-z0-9_.]+\Z", before)
    if last is None:
        return ""
    if re.match(r"[A-Za-z_][A-Za-z0-9_]*\s*[-+*/]?=(?!=)", text[start:]) and "=" in before:
        return "';' or a new line begins a new statement."
    if last[0] == "lambda" or (block == "functions" and "=" not in before):
        return "a function is written 'f(x, y) = expression'."
    if re.search(r"\bd\w+\s*/\s*d\Z", before) and token == "t":
        return "write 'dx/dt' without blanks."
    if re.search(r"\bd\s*/\s*dt\Z", before):
        return f"write 'd{token}/dt'."
    if token == "(":
        return f"'*' stands before a parenthesis: '{last[0]}*(...)'."
    if not text[start - 1].isspace() and last[0][0].isdigit():
        return _number_hint(last[0], token)
    if "=" not in before and "=" in text:
        return f"a name has no blanks: '{last[0]}_{token}'."
    if token in UNITS:
        return name_hint(token)
    if last[0] in FUNCTIONS:
        return f"write '{last[0]}({token})'."
    return f"'*' stands between factors: '{last[0]}*{token}'."


def _number_hint(number: str, rest: str) -> str:
    """Return the hint for a number that goes on in a way no number does."""
    if number == "0" and re.match(r"[xXbBoO][0-9A-Fa-f]", rest):
        return "numbers are decimal."
    if rest.startswith("_"):
        return "write the digits without '_'."
    if rest.startswith("."):
        return "a number has one point."
    if rest in ("e", "E"):
        return "an exponent has digits: 1e-3."
    return f"'*' stands between factors: '{number}*{rest}'."
