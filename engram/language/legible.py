"""Whether the text of one condition can be read, asked where it is written, before there is a model of it.

In: ``eg.Pruning("w < 0.1")``'s text. Out: nothing, or the errors that a model would raise, under the call that was
typed. What needs to know the model, as names do, is left to that.
"""

from __future__ import annotations

import re

__all__ = ["check_condition"]

_COMMENT = re.compile(r"#[^\n]*")
_TOKEN = re.compile(
    r"""\s*(?:(?P<not>not\b)
    |(?P<infix>and\b|or\b|&&?|\|\|?|<=|>=|==|!=|<|>|\*\*|[*/^])
    |(?P<sign>[-+])
    |(?P<value>(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?|(?:(?:pre|post)\s*\.\s*)?(?!(?:if|else|is)\b)[A-Za-z_]\w*)
    |(?P<open>\()|(?P<close>\))|(?P<comma>,)|(?P<other>\S))""",
    re.VERBOSE | re.ASCII,
)


def check_condition(call: str, text: str) -> None:
    """Refuse a text that is no expression.

    Args:
        call: how messages call what the text was given to: ``Pruning``.

    Raises:
        LanguageError: with a caret under what is wrong.
    """
    if _is_plain(text):
        return
    from engram.language.source import Block, Source  # with the grammar, which most scripts never need
    from engram.language.syntax import read_expression

    source = Source(call, "", {call: Block(call, text)})
    source.check_size()
    if not source.problems:
        read_expression(source, call)
    for problem in source.problems:  # one at most
        raise problem


def _is_plain(text: str) -> bool:
    """Say whether values and operators take turns, and parentheses close: nearly all conditions, which then need no
    grammar. It alone says what is wrong with the others, if anything is.
    """
    wants_value, depth, before = True, 0, ""
    for token in _TOKEN.finditer(_COMMENT.sub("", text).rstrip()):
        kind = token.lastgroup or "other"
        if wants_value:
            is_right = kind in ("value", "open", "not", "sign")
        else:
            is_right = kind in ("infix", "sign", "close", "comma") or (kind == "open" and before == "value")
        depth += (kind == "open") - (kind == "close")
        if not is_right or depth < 0 or (kind == "comma" and not depth):
            return False
        wants_value, before = kind not in ("value", "close"), kind
    return not wants_value and depth == 0
