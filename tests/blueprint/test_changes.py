"""Every field of every record is changed in turn, and every sequence permuted: what do comparison and digests say?"""

import dataclasses

import pytest

from engram.blueprint import records
from engram.blueprint.codec import from_json, to_json
from engram.blueprint.compare import compare
from engram.blueprint.digests import digest_of_blueprint, fingerprints
from engram.blueprint.fields import Concern
from engram.blueprint.records import BesideRecord, Blueprint, ListRecord, RankSeries, RunsRecord, SideRecord
from engram.errors import DamagedFile
from engram.storage.contract import Comparison
from tests.blueprint.changes import changes
from tests.blueprint.example import EXAMPLE
from tests.cases import check_each

NOTHING = Comparison()
AGREED = (Concern.STRUCTURE, Concern.RULE)


def all_changes():
    seen = set()
    found = {one.place: (one,) for one in changes(EXAMPLE, Blueprint, seen=seen) if one.table is None}
    return found, seen


def said(comparison):
    """Return the names of what a comparison has something in."""
    return {
        one.name
        for one in dataclasses.fields(comparison)
        if getattr(comparison, one.name) != getattr(NOTHING, one.name)
    }


def check_change(change):
    found = compare(EXAMPLE, change.value)
    is_of_monitor = change.place.startswith(".monitors")
    is_of_network = change.place.startswith(".settings") or change.place.endswith(" permuted")
    words = {
        Concern.STRUCTURE: {"unmatched"} if is_of_monitor else {"lines", "helps", "unfit"},
        Concern.RULE: {"notes" if is_of_network else "model_changed"},
        Concern.RECIPE: {"recipes"},
    }

    beside = {"notes", "taken"} if is_of_monitor else set()  # which say what differs there
    found_words = said(found) - beside - {"renames"}
    assert found_words == words.get(change.concern, set()), found
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

    assert found.model_changed == {"populations/exc": "refractory_input drop in the file, keep in the network"}
    assert said(found) == {"model_changed"}
    assert wrong_kind.lines == ("projections/forth: kind synapse in the file, neuron in the network",)


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

    line = "populations/exc was created before populations/inh in the file, after it in the network"

    assert compare(EXAMPLE, swapped) == Comparison(notes=(f"{line}: they act in that order",))


def with_first(section, **changed):
    first, *rest = getattr(EXAMPLE, section)
    return dataclasses.replace(EXAMPLE, **{section: (dataclasses.replace(first, **changed), *rest)})


def test_lines_name_both_values_and_say_what_to_type():
    other = dataclasses.replace(EXAMPLE.populations[0], geometry=(5000,))
    settings = dataclasses.replace(EXAMPLE.settings, dt_ms=1.0, backend="numpy")
    found = compare(EXAMPLE, dataclasses.replace(EXAMPLE, populations=(other,), settings=settings))

    assert found.lines == (
        "dt 0.5 ms in the file, 1.0 ms in the network",
        "populations/exc: geometry (100, 50) in the file, (5000,) in the network",
        "populations/inh: in the file only",
    )
    assert found.helps[:2] == (
        "Network(dt=0.5), or setup(dt=0.5) for the implicit one.",
        "build population 'exc' with geometry (100, 50), or assign what fits: eg.read(FILE) has the values.",
    )
    assert found.notes == ("backend c in the file, numpy in the network",)


RANKS = {
    "all": (None, "all"),
    "one run": (RunsRecord((RankSeries(0, 10, 1),)), "0-9"),
    "strides": (RunsRecord((RankSeries(0, 10, 2), RankSeries(90, 1, 1))), "0-18 in steps of 2, 90"),
    "backwards": (RunsRecord((RankSeries(9, 10, -1),)), "9-0 in steps of -1"),
    "many runs": (RunsRecord(tuple(RankSeries(20 * k, 10, 1) for k in range(8))),
                  "0-9, 20-29, 40-49, 60-69, 80-89, ... (80 ranks)"),
    "list": (ListRecord((3, 1, 7)), "3, 1, 7"),
    "long list": (ListRecord((3, 1, 7, 5, 0, 9)), "3, 1, 7, 5, 0, ... (6 ranks)"),
    "none": (ListRecord(()), "none"),
    "beside": (BesideRecord("<i8", (5000,), "0123456789abcdef" * 2), "5,000 in an order of their own"),
}  # fmt: skip


def check_ranks(ranks, words):
    pre = SideRecord(EXAMPLE.projections[0].pre.population, ranks)
    found = compare(with_first("projections", pre=pre), EXAMPLE)

    assert found.lines[0].startswith(f"projections/forth: pre ranks {words} in the file, ")


def test_ranks_are_named_as_people_would():
    check_each(RANKS, check_ranks)


def test_only_objects_that_take_part_are_compared_and_those_without_values_are_not_in_the_file():
    other = with_first("populations", geometry=(5000,))

    assert compare(EXAMPLE, other, lambda path: path != "populations/exc") == NOTHING
    assert compare(EXAMPLE, EXAMPLE, has_values=lambda path: path != "populations/inh").lines == (
        "populations/inh: not in the file",
    )


def test_zero_and_minus_zero_have_other_digests():
    forth = EXAMPLE.projections[0]
    weights = [
        with_first("projections", connector=dataclasses.replace(forth.connector, weights=zero)) for zero in (0.0, -0.0)
    ]

    assert digest_of_blueprint(weights[0]) != digest_of_blueprint(weights[1])
