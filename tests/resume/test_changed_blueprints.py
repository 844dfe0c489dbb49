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
from engram.blueprint.records import Blueprint, DistributionRecord
from engram.errors import EngramError, StateMismatch
from engram.persistence.blueprinting import blueprint_of, model_record
from engram.persistence.copies import arrays_beside
from engram.persistence.keeper import Keeper
from engram.persistence.opening import definition_of, program_of
from engram.persistence.starts import Arrays
from tests.blueprint.changes import Change, changes
from tests.cases import check_each, sometimes
from tests.network.unusual import unusual

MODEL_TEXTS = (".blocks", ".constants", ".drops_input", ".fingerprint")


def network_of(*given):
    return eg.Network._of(Keeper(program_of(*given)))


def fields_changed(blueprint):
    """Every change of a field, and every permutation, but those of the texts of models."""
    for one in changes(blueprint, Blueprint):
        is_text = one.place.startswith(".models[") and any(text in one.place for text in MODEL_TEXTS)
        if one.table is None and not is_text:
            yield replace(one, value=renumbered(one.value))


def texts_changed(blueprint):
    """Of the texts of models, those changes that there can be."""
    for k, model in enumerate(blueprint.models):
        for name, _ in model.blocks:
            blocks = tuple((n, other_text(t) if n == name else t) for n, t in model.blocks)
            yield from of_model(blueprint, k, f".models[{k}].blocks.{name}", replace(model, blocks=blocks))
        if model.kind == "neuron":
            dropping = replace(model, drops_input=not model.drops_input)
            yield from of_model(blueprint, k, f".models[{k}].drops_input", dropping)


def by_hand(blueprint):
    """Changes that need others beside them, or a value that nobody would guess."""
    settings, (p, q, r) = blueprint.settings, blueprint.populations
    c, d, f, e = blueprint.projections
    m, n = blueprint.monitors
    rk4 = tuple(replace(one, method="rk4" if one.method else "") for one in blueprint.models)
    renamed = replace(q, name="other")

    def moved(one):
        sides = (replace(side, population="other") if side.population == "q" else side for side in (one.pre, one.post))
        return replace(one, **dict(zip(("pre", "post"), sides, strict=True)))

    connectors = {
        "pattern": replace(c.connector, pattern="FixedNumberPre"),
        "distribution": replace(c.connector, weights=DistributionRecord("Uniform", (("max", 1.0), ("min", 0.0)))),
        "no distribution": replace(c.connector, delays_ms=2.0),
    }
    ruled = replace(f, connector=d.connector)
    double = replace(settings, dtype="float64", synapse_dtype="float64")
    yield Change("dt", Concern.STRUCTURE, replace(blueprint, settings=replace(settings, dt_ms=0.25)))
    listed = replace(f.connector, weights=replace(f.connector.weights, dtype="<f8"))
    doubled = (c, d, replace(f, connector=listed), e)
    yield Change("dtype", Concern.RULE, replace(blueprint, settings=double, projections=doubled))
    yield Change("method", Concern.RULE, replace(blueprint, settings=replace(settings, method="rk4"), models=rk4))
    yield Change("geometry", Concern.STRUCTURE, replace(blueprint, populations=(p, replace(q, geometry=(100, 100)), r)))
    parts = {"populations": (p, renamed, r), "projections": (moved(c), moved(d), moved(f), e)}
    parts["monitors"] = (replace(m, population="other"), n)
    yield Change("name", Concern.STRUCTURE, replace(blueprint, **parts))
    for stop, one in (("v > 2.0 : any", p), ("v > 2.0 : any", q)):
        others = tuple(replace(x, stop=stop) if x is one else x for x in blueprint.populations)
        yield Change(f"stop of {one.name}", Concern.RULE, replace(blueprint, populations=others))
    for what, connector in connectors.items():
        yield Change(what, Concern.RECIPE, replace(blueprint, projections=(replace(c, connector=connector), d, f, e)))
    yield Change("a rule, no list", Concern.RECIPE, replace(blueprint, projections=(c, d, ruled, e)))
    for what, change in {
        "post": {"post": replace(c.post, population="p", ranks=None), "start": replace(c.start, values=())},
        "pre": {"pre": replace(c.pre, ranks=None)},
    }.items():
        yield Change(what, Concern.STRUCTURE, replace(blueprint, projections=(replace(c, **change), d, f, e)))
    late = replace(c, start=replace(c.start, learning_offset_ms=1.0))
    yield Change("offset", Concern.START, replace(blueprint, projections=(late, d, f, e)))
    plain = replace(c, start=replace(c.start, values=()))
    yield Change("no values", Concern.START, replace(blueprint, projections=(plain, d, f, e)))
    started = replace(
        r,
        start=replace(
            r.start, values=(("b", 0.75), ("u", DistributionRecord("Uniform", (("max", 1.0), ("min", 0.0)))))
        ),
    )
    yield Change("values", Concern.START, replace(blueprint, populations=(p, q, started)))
    yield Change("offset of a monitor", Concern.START, replace(blueprint, monitors=(replace(m, offset_ms=1.0), n)))
    yield Change("variables", Concern.STRUCTURE, replace(blueprint, monitors=(replace(m, variables=("spike",)), n)))


def other_text(text):
    """The text with another number in it, or another operation."""
    found = {"sum": "max", "max": "sum"}.get(text)
    return found or re.sub("[0-9]", lambda digit: str((int(digit[0]) + 1) % 10), text, count=1)


def of_model(blueprint, k, place, model):
    try:
        other = model_record(definition_of(replace(model, fingerprint=fingerprint_of(model))))
    except EngramError:
        return
    concern = Concern.LABEL if other.fingerprint == blueprint.models[k].fingerprint else Concern.RULE
    models = (*blueprint.models[:k], replace(other, method=model.method), *blueprint.models[k + 1 :])
    yield Change(place, concern, replace(blueprint, models=models))


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
    blueprint, arrays = blueprint_of(net._core), arrays_beside(net._core)
    net.compile()
    net.simulate(5.0)
    file = tmp_path / "a.engram"
    net.save(file)
    expected = went_on(net)
    eg.clear()
    counts, built_ones = Counter(), set()

    def check(place, concern, value, its_arrays):
        loading = built(value, its_arrays)
        counts[concern if loading is not None else None] += 1
        if loading is None:
            return
        built_ones.add((place, concern))
        before, is_monitor = loading.digest(), "monitors" in place or place == "variables"
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
        one.place: (
            one.place,
            one.concern or Concern.LABEL,
            one.value,
            Arrays(arrays.__getitem__, is_checked=one.place not in ("dt", "dtype")),  # whose arrays have other digests
        )
        for one in (*sometimes(fields_changed(blueprint), 2), *by_hand(blueprint), *texts_changed(blueprint))
    }
    for path in arrays:
        concern = Concern.START if "init/" in path or path.startswith("populations/") else Concern.STRUCTURE
        if "/given/" in path:
            concern = Concern.RECIPE
        cases[f"array {path}"] = (path, concern, blueprint, with_others(arrays, path))
    check_each(cases, check)
    by_hand_too = {one.place for one in by_hand(blueprint)} - {place for place, concern in built_ones}
    assert not by_hand_too, "these were built by nobody"
    assert min(counts[concern] for concern in Concern) >= 10, counts
