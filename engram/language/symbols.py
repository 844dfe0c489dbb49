"""Names -> symbols of LaTeX: ``tau_m`` is a Greek letter with a subscript.

In: identifiers of models. Out: text for mathematics in LaTeX and Markdown.
"""

from __future__ import annotations

import re

__all__ = ["GREEK", "symbol"]

GREEK = frozenset(
    "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi pi rho sigma tau upsilon phi chi psi "
    "omega Gamma Delta Theta Lambda Xi Pi Sigma Upsilon Phi Psi Omega".split()
)
"""Names of letters that LaTeX has commands for."""

_TIMES = {"t": "t", "dt": r"\Delta t"}
_NUMBERED = re.compile(r"([A-Za-z]+?)([0-9]+)")


def symbol(name: str) -> str:
    """Return the symbol of an identifier: ``\\tau_m`` for ``tau_m``, ``v_1`` for ``v1``, ``\\mathrm{noise}``.

    What stands after an underscore is a subscript. Neither a comma nor a backslash before a punctuation mark is made
    where it can be helped, since Markdown reads those too.
    """
    if name in _TIMES:
        return _TIMES[name]
    head, *below = name.split("_")
    if not head or not all(below):  # _x, x_, x__y: no part that could be a subscript
        return r"\mathrm{" + name.replace("_", r"\_") + "}"
    numbered = _NUMBERED.fullmatch(head)
    if numbered and (numbered[1] in GREEK or len(numbered[1]) == 1):
        head, below = numbered[1], [numbered[2], *below]
    if not below:
        return _part(head)
    subscript = ",".join(map(_part, below))
    return f"{_part(head)}_{subscript}" if len(subscript) == 1 else f"{_part(head)}_{{{subscript}}}"


def _part(word: str) -> str:
    if word in GREEK:
        return "\\" + word
    return word if len(word) == 1 or word.isdigit() else rf"\mathrm{{{word}}}"
