"""Whether the text of one condition can be read, asked where it is written, before there is a model of it.

In: ``eg.Pruning("w < 0.1")``'s text. Out: nothing, or the errors that a model would raise, under the call that was
typed. What needs to know the model, as names do, is left to that.
"""

from __future__ import annotations

__all__ = ["check_condition"]


def check_condition(call: str, text: str) -> None:
    """Refuse a text that is no expression.

    Args:
        call: how messages call what the text was given to: ``Pruning``.

    Raises:
        LanguageError: with a caret under what is wrong.
    """
    from engram.language.source import Block, Source  # with the grammar, which most scripts never need
    from engram.language.syntax import read_expression

    source = Source(call, "", {call: Block(call, text)})
    source.check_size()
    if not source.problems:
        read_expression(source, call)
    for problem in source.problems:  # one at most
        raise problem
