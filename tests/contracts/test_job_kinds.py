"""Every kind of job of the engine says all there is to say of it, and C has its function and its structures."""

import importlib
import pkgutil

import pytest

from engram import ir
from engram.ir.arguments import Field, Told
from engram.ir.jobs import EngineJob
from engram.native.bound_jobs import TOLD, function_of
from tests.cases import each

for module in pkgutil.iter_modules(ir.__path__):  # wherever in `ir` a kind stands
    importlib.import_module(f"{ir.__name__}.{module.name}")


def kinds_of(base):
    for kind in base.__subclasses__():
        yield from kinds_of(kind) or ()
        if not kind.__name__.startswith("_"):  # what kinds have in common
            yield kind


KINDS = sorted(kinds_of(EngineJob), key=lambda kind: kind.__name__)


@each("kind", KINDS)
def test_each_kind_says_what_it_touches_means_and_did(kind):
    missing = [name for name in ("accesses", "interpret", "label", "count") if _is_abstract(getattr(kind, name, None))]

    assert (missing, kind.name != "", all(isinstance(field, Field) for field in kind.fields)) == ([], True, True)


def _is_abstract(method):
    return method is None or getattr(method, "__isabstractmethod__", False)


@pytest.mark.cc
@each("kind", KINDS)
def test_c_has_the_function_of_each_kind_and_its_structures(kind):
    assert function_of(kind).__name__.startswith("eg_")


def test_each_thing_that_a_field_may_say_has_a_row():
    assert TOLD.keys() == {*Told} - {Told.EACH}
