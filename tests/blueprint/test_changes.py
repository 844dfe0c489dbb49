"""Every field of every record is changed in turn, and every sequence permuted: what do comparison and digests say?"""

import dataclasses

import pytest

from engram.blueprint import records
from engram.blueprint.codec import from_json, to_json
from engram.blueprint.compare import Comparison, compare
from engram.blueprint.digests import digest_of_blueprint, fingerprints
from engram.blueprint.fields import Concern
from engram.blueprint.records import Blueprint
from engram.errors import DamagedFile
from tests.blueprint.changes import changes
from tests.blueprint.example import EXAMPLE
from tests.cases import check_each

NOTHING = Comparison((), (), (), ())
AGREED = (Concern.STRUCTURE, Concern.RULE)


def all_changes():
    seen = set()
    found = {one.place: (one,) for one in changes(EXAMPLE, Blueprint, seen=seen) if one.table is None}
    return found, seen


def said(comparison):
    """Return the names of what a comparison has something in."""
    return {one.name for one in dataclasses.fields(comparison) if getattr(comparison, one.name)}


def check_change(change):
    found = compare(EXAMPLE, change.value)
    is_of_monitor = change.place.startswith(".monitors")
    words = {
        Concern.STRUCTURE: {"unmatched" if is_of_monitor else "refused"},
        Concern.RULE: {"rules"},
        Concern.RECIPE: {"recipes"},
    }

    assert said(found) == words.get(change.concern, set()), found
    assert (fingerprints(change.value) != fingerprints(EXAMPLE)) == (change.concern in AGREED)
    assert (digest_of_blueprint(change.value) != digest_of_blueprint(EXAMPLE)) == (change.concern is not None)


def test_each_change_of_a_field_says_what_its_concern_says():
    check_each(all_changes()[0], check_change)


def test_changes_are_of_every_record_and_every_sequence():
    """A record, or a sequence of two elements, that the example lacks fails."""
    kinds = [kind for kind in vars(records).values() if getattr(kind, "__module__", "") == records.__name__]
    every = {kind for kind in kinds if dataclasses.is_dataclass(kind)}
    sequences = {(kind, one.name) for kind in every for one in dataclasses.fields(kind) if "tuple[" in one.type}

    assert all_changes()[1] == (every | sequences) - {(records.ConnectorRecord, "arguments")}  # none has two


def test_example_can_be():
    assert repr(from_json(to_json(EXAMPLE))) == repr(EXAMPLE)


def renumbered(section, number, model):
    some = list(getattr(EXAMPLE, section))
    some[number] = dataclasses.replace(some[number], model=model)
    return dataclasses.replace(EXAMPLE, **{section: tuple(some)})


def test_another_model_is_what_differs_between_the_models():
    found = compare(EXAMPLE, renumbered("populations", 0, 1))
    wrong_kind = compare(EXAMPLE, renumbered("projections", 0, 0))

    assert said(found) == {"rules"}
    assert "populations/exc: model.drops_input true in the file, false in the network" in found.rules
    assert wrong_kind.refused == ('projections/forth: model.kind "synapse" in the file, "neuron" in the network',)


def test_numbers_of_models_count_for_nothing_but_have_one_order():
    flipped = dataclasses.replace(EXAMPLE, models=EXAMPLE.models[::-1])
    for section in ("populations", "projections"):
        some = (dataclasses.replace(one, model=3 - one.model) for one in getattr(flipped, section))
        flipped = dataclasses.replace(flipped, **{section: tuple(some)})

    assert compare(EXAMPLE, flipped) == NOTHING
    assert fingerprints(flipped) == fingerprints(EXAMPLE)
    with pytest.raises(DamagedFile, match=r"populations\[0\].model: expected the number of a model"):
        from_json(to_json(flipped))


def test_order_of_creation_names_the_first_two_that_are_swapped():
    swapped = dataclasses.replace(EXAMPLE, populations=EXAMPLE.populations[::-1])

    assert compare(EXAMPLE, swapped) == Comparison(
        (), ("populations: 'exc' was created before 'inh' in the file, after it in the network",), (), ()
    )


def test_lines_name_both_values():
    other = dataclasses.replace(EXAMPLE.populations[0], geometry=(5000,))
    found = compare(EXAMPLE, dataclasses.replace(EXAMPLE, populations=(other,)))

    assert found.refused == (
        "populations/exc: geometry [100,50] in the file, [5000] in the network",
        "populations/inh: in the file only",
    )


def test_zero_and_minus_zero_differ():
    forth = EXAMPLE.projections[0]
    weights = [
        dataclasses.replace(
            EXAMPLE,
            projections=(
                dataclasses.replace(forth, connector=dataclasses.replace(forth.connector, weights=zero)),
                EXAMPLE.projections[1],
            ),
        )
        for zero in (0.0, -0.0)
    ]

    assert compare(*weights).recipes == ("projections/forth",)
    assert digest_of_blueprint(weights[0]) != digest_of_blueprint(weights[1])
