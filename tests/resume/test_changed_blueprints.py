"""Each field is changed in turn in the network that loads: structure is refused, rules are named, all else goes on.

The changes are made from the fields of the records, so that a new field is among them.
"""

import re
from collections import Counter
from dataclasses import replace

import numpy as np
import pytest

import engram as eg
from engram.blueprint.codec import from_json, to_json
from engram.blueprint.fields import Concern
from engram.blueprint.records import Blueprint
from engram.errors import EngramError, StateMismatch
from engram.network.blueprinting import blueprint_of, model_record
from engram.network.copies import arrays_beside
from engram.network.opening import definition_of, network_of
from engram.network.starts import Arrays
from tests.blueprint.changes import Change, changes
from tests.cases import check_each
from tests.network.unusual import unusual

MODEL_TEXTS = (".blocks", ".constants", ".drops_input", ".fingerprint")


def all_changes(blueprint):
    """Every change of a field, and every permutation; of models, those of their texts that there can be."""
    for one in changes(blueprint, Blueprint):
        is_text = one.place.startswith(".models[") and any(text in one.place for text in MODEL_TEXTS)
        if one.table is None and not is_text:
            yield replace(one, value=renumbered(one.value))
    for k, model in enumerate(blueprint.models):
        for name, _ in model.blocks:
            blocks = tuple((n, other_text(t) if n == name else t) for n, t in model.blocks)
            yield from of_model(blueprint, k, f".models[{k}].blocks.{name}", replace(model, blocks=blocks))
        if model.kind == "neuron":
            dropping = replace(model, drops_input=not model.drops_input)
            yield from of_model(blueprint, k, f".models[{k}].drops_input", dropping)


def other_text(text):
    """The text with another number in it, or another operation."""
    found = {"sum": "max", "max": "sum"}.get(text)
    return found or re.sub("[0-9]", lambda digit: str((int(digit[0]) + 1) % 10), text, count=1)


def of_model(blueprint, k, place, model):
    try:
        other = model_record(definition_of(replace(model, fingerprint=fingerprint_of(model))))
    except EngramError:
        return
    if other.fingerprint != blueprint.models[k].fingerprint:
        models = (*blueprint.models[:k], replace(other, method=model.method), *blueprint.models[k + 1 :])
        yield Change(place, Concern.RULE, replace(blueprint, models=models))


def fingerprint_of(model):
    kind = eg.Neuron if model.kind == "neuron" else eg.Synapse
    texts = dict(model.blocks) | ({"refractory_input": "drop"} if model.drops_input else {})
    made = kind.recorded(model.name, model.description, texts, model.constants, (), model.event_clock or "exact")
    return made.spec.fingerprint


def renumbered(blueprint):
    """The blueprint with models in the order of their first use."""
    users = [*blueprint.populations, *blueprint.projections]
    numbers = {number: k for k, number in enumerate(dict.fromkeys(one.model for one in users))}
    if sorted(numbers) != list(range(len(blueprint.models))):
        return blueprint
    populations, projections = (
        tuple(replace(one, model=numbers[one.model]) for one in some)
        for some in (blueprint.populations, blueprint.projections)
    )
    models = tuple(blueprint.models[number] for number in numbers)
    return replace(blueprint, models=models, populations=populations, projections=projections)


def built(blueprint, arrays):
    """The network of a blueprint, compiled; None if it can't be."""
    try:
        net = network_of(from_json(to_json(blueprint)), arrays)
        net.compile(backend=blueprint.settings.backend)
    except (EngramError, KeyError):
        return None
    return net


def with_others(arrays, path):
    """The arrays, but one, whose elements stand in another order; nobody asks for its digest."""
    return Arrays({**arrays, path: np.roll(arrays[path], 1)}.__getitem__, is_checked=False)


def went_on(net):
    """What becomes of a network: as it is, after both kinds of reset, and where it is saved."""
    found = []
    for how in (None, {}, {"synapses": True}):
        if how is not None:
            net.reset(**how)
        net.simulate(5.0)
        found.append(net.digest())
    return found


@pytest.mark.cc
@pytest.mark.filterwarnings("ignore")  # what networks warn of is tested elsewhere
def test_each_change_of_a_field_is_refused_named_or_goes_on_to_the_bit(tmp_path):
    net = unusual()
    blueprint, arrays = blueprint_of(net), arrays_beside(net)
    net.compile()
    net.simulate(5.0)
    file = tmp_path / "a.engram"
    net.save(file)
    expected = went_on(net)
    eg.clear()
    counts = Counter()

    def check(place, concern, value, its_arrays):
        loading = built(value, its_arrays)
        counts[concern if loading is not None else None] += 1
        if loading is None:
            return
        before, is_monitor = loading.digest(), "monitors" in place
        if concern is Concern.STRUCTURE and not is_monitor:
            with pytest.raises(StateMismatch):
                loading.load(file)
            assert loading.digest() == before
        elif concern in (Concern.RULE, Concern.STRUCTURE):
            with pytest.raises(StateMismatch):
                loading.load(file, exact=True)
            assert loading.digest() == before
            report = loading.load(file)
            assert not report.exact
            assert report.model_changed or report.notes or is_monitor
        else:
            assert loading.load(file, exact=True).exact
            assert went_on(loading) == expected

    cases = {
        one.place: (one.place, one.concern or Concern.LABEL, one.value, Arrays(arrays.__getitem__))
        for one in all_changes(blueprint)
    }
    for path in arrays:
        concern = Concern.START if "init/" in path or path.startswith("populations/") else Concern.STRUCTURE
        cases[f"array {path}"] = (path, concern, blueprint, with_others(arrays, path))
    check_each(cases, check)
    assert min(counts[concern] for concern in Concern) >= 10, counts
