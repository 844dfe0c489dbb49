"""Which of some names is almost certainly meant by another: help names it only then.

In: what a user typed, and what there is. Out: one of these, or None. Called for mistakes only. Nothing else compares
names by their letters.
"""

from __future__ import annotations

from collections.abc import Iterable

__all__ = ["NEARER", "SLIP", "is_slip", "most_alike", "nearest", "nearest_path"]

LONGEST = 200  # characters of a name that is looked at
NEAR = 0.7  # of 1: a name, or a word of it, that is farther from another is not meant by it
NEARER = 0.85  # where one has a word more, or another beginning: "set" isn't "reset"; of names that nobody need know
SLIP = 0.8  # where more follows than a question: what was typed is refused, or nothing else is offered


def nearest(name: str, known: Iterable[str], least: float = NEAR) -> str | None:
    """Return the known name that ``name`` was almost certainly meant to be, or None.

    Capitals and ``_`` apart it is the same, its letters are in another order, or most are the same, word by word:
    ``set_all`` isn't near ``save_all``, which does something else.

    Args:
        least: how much of both must be the same, of 1.
    """
    typed = _folded(name)
    folded = {one.lower(): one for one in reversed([*known])}
    if name.lower() in folded:
        return folded[name.lower()]
    if len(name) > LONGEST:
        return None
    same = [one for one in folded if _folded(one) == typed and typed] or [
        one for one in folded if len(typed) > 2 and sorted(_folded(one)) == sorted(typed)
    ]
    may_be = [one for one in folded if len(one) > 1]  # 't' is near any short name
    from difflib import get_close_matches  # importing engram must be quick

    close = same or get_close_matches(name.lower(), may_be, 3, least)
    return next((folded[one] for one in close if same or _is_word_by_word(name.lower(), one)), None)


def is_slip(name: str, other: str, least: float = SLIP) -> bool:
    """Say whether a name is another but for a slip of the fingers or the capitals.

    Args:
        least: how much of both must be the same, of 1.
    """
    return _likeness(name.lower(), other.lower()) >= least


def most_alike(name: str, known: Iterable[str]) -> str:
    """Return of some names, at least one, that which is most alike, however little that is."""
    from difflib import get_close_matches  # as above

    return get_close_matches(name, known, 1, 0.0)[0]


def nearest_path(path: str, known: Iterable[str]) -> str | None:
    """Return the known path that ``path`` was almost certainly meant to be, or None: each of its parts is near."""
    parts = path.split("/")
    left = [one.split("/") for one in known if one.count("/") == path.count("/")]
    for k, part in enumerate(parts):
        there = sorted({one[k] for one in left})
        twice = part[:1] if part == 2 * part[:1] else part  # names of one letter are near none: 'ww'
        meant = next((one for one in (part, twice) if one in there), None) or nearest(part, there)
        left = [one for one in left if one[k] == meant]
    return "/".join(left[0]) if left else None


def _folded(name: str) -> str:
    return name.lower().replace("_", "")


def _is_word_by_word(name: str, other: str) -> bool:
    """Say whether of two names that are alike all words are."""
    if name.count("_") != other.count("_"):
        return _likeness(name, other) >= NEARER
    return all(map(_is_near, name.split("_"), other.split("_")))


def _is_near(word: str, other: str) -> bool:
    """Say whether one word begins the other, or most letters are the same, and the first if not nearly all are."""
    if word.startswith(other) or other.startswith(word):
        return True
    return _likeness(word, other) >= (NEAR if word[:1] == other[:1] else NEARER)


def _likeness(name: str, other: str) -> float:
    from difflib import SequenceMatcher  # as above

    return SequenceMatcher(None, other, name).ratio()
