"""The message of every error, against a golden file; ``ENGRAM_GOLDEN=1 pytest`` rewrites it."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from engram.errors import LanguageError
from engram.language import errors
from engram.language.errors import ModelErrors
from tests.cases import check_each
from tests.language.wrong_models import WRONG_MODELS

GOLDEN = Path(__file__).parent.parent / "golden" / "language_errors.txt"


def _raised(call: Callable[[], object]) -> LanguageError:
    with pytest.raises(LanguageError) as caught:
        call()
    return caught.value


def _everything() -> str:
    entries = []
    for title, call in WRONG_MODELS:
        error = _raised(call)
        entries.append(f"--- {title}\n{type(error).__name__}: {error}\n")
    return "\n".join(entries)


def test_messages_equal_the_golden_file() -> None:
    written = _everything()
    if os.environ.get("ENGRAM_GOLDEN"):
        GOLDEN.write_text(written, encoding="utf-8")

    assert written == GOLDEN.read_text(encoding="utf-8")


def test_every_class_of_error_has_a_message_in_the_golden_file() -> None:
    raised = {type(e) for _, call in WRONG_MODELS for e in _flatten(_raised(call))}
    families = {errors.TextError, errors.NotAvailable}  # which lowering raises, for what parsing lets pass

    assert {getattr(errors, n) for n in errors.__all__ if n[0].isupper()} - families - raised == {ModelErrors}


def test_messages_are_printable_and_have_a_place() -> None:
    check_each(dict(WRONG_MODELS), _check_message)


def _check_message(call: Callable[[], object]) -> None:
    for error in _flatten(_raised(call)):
        assert all(line.isprintable() for line in str(error).split("\n"))
        assert max(len(line) for line in str(error).split("\n")) < 320
        assert error.place is not None
        assert "\n  in " in str(error)


def test_three_typos_give_three_errors() -> None:
    error = _raised(dict(WRONG_MODELS)["three typos give three errors"])

    assert isinstance(error, ModelErrors)
    assert [type(e).__name__ for e in error.errors] == ["UnknownName", "UnknownName", "UnknownFunction"]
    assert [e.identifier for e in error.errors] == ["E_L", "tua", "exp2"]


def _flatten(error: LanguageError) -> list[errors.TextError]:
    found = error.errors if isinstance(error, ModelErrors) else (error,)
    return [e for e in found if isinstance(e, errors.TextError)]
