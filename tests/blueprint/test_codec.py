"""Blueprints as JSON: read again they are the same, and whatever else is read is refused by its place."""

import copy
import json
import random
import sys
from dataclasses import dataclass

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import engram as eg
from engram.blueprint import codec
from engram.blueprint.checks import BLOCKS
from engram.blueprint.codec import from_json, to_json
from engram.blueprint.digests import canonical
from engram.errors import DamagedFile
from tests.blueprint.example import EXAMPLE
from tests.cases import check_each
from tests.strategies import examples

GONE = object()
LONG = "x" * 201
DEEPER = []
for _ in range(100_000):
    DEEPER = [DEEPER]

# place, what stands there, what the message says of it (after the place, unless it names another)
HOSTILE = [
    ("", [], "all of it: expected an object, got a list of 0"),
    ("", None, "all of it: expected an object, got null"),
    ("color", "red", "all of it: expected the fields settings, models"),
    ("notes", GONE, "notes: expected this field, got none"),
    ("notes", [1], "notes[0]: expected text, got 1"),
    ("notes", ["\ud800"], "notes[0]: expected text of Unicode's characters"),
    ("notes", DEEPER, "notes[0]: expected text, got a list of 1"),
    ("settings", GONE, "settings: expected this field"),
    ("settings.dt_ms", 1, "expected a finite float, got 1"),
    ("settings.dt_ms", 0.0, "expected 2.2250738585072014e-308 to"),
    ("settings.dt_ms", float("nan"), "expected a finite float, got nan"),
    ("settings.dt_ms", 1e999, "expected a finite float, got inf"),
    ("settings.dt_ms", {"float": "inf"}, "expected a finite float, got an object"),
    ("settings.seed", True, "expected a whole number, got true"),
    ("settings.seed", -1, "expected 0 to"),
    ("settings.seed", 10**6000, "got a whole number of 19932 bits"),
    ("settings.seed", 1.0, "expected a whole number, got 1.0"),
    ("settings.method", "rk5", "expected one of 'explicit'"),
    ("settings.method", "", "expected one of 'explicit'"),
    ("settings.backend", "cuda", "expected one of 'c', 'numpy', got 'cuda'"),
    ("settings.dtype", "float32", None),  # that of synapses is float32: it fits
    ("models", [], "populations[0].model: expected the number of a model"),
    ("models[0].kind", "input", "expected one of 'neuron', 'synapse'"),
    ("models[0].kind", "synapse", "models[0].drops_input: expected false, of a synapse"),
    ("models[0].event_clock", "exact", "expected '', of a neuron"),
    ("models[0].blocks.pre_spike", "w += 1", "models[0].blocks: expected texts of a neuron"),
    ("models[0].blocks.__class__", "x", "models[0].blocks: expected texts of a neuron"),
    ("models[0].blocks.equations", None, "expected text, got null"),
    ("models[0].constants[0]", "gamma", "expected the name of a constant of the blueprint, got 'gamma'"),
    ("models[0].constants[1]", "alpha", "expected another than models[0].constants[0], got 'alpha'"),
    ("models[0].limits[0].rule", "negative", "expected one of 'positive'"),
    ("models[1]", "models[0]", "models[1]: expected another than models[0], got the same"),
    ("populations[0].name", "", "expected a name of 1 to 200"),
    ("populations[0].name", LONG, "expected a name of 1 to 200 printable"),
    ("populations[0].name", "a/b", "expected a name"),
    ("populations[0].name", "e\u0301", "expected a name"),
    ("populations[0].name", "a\u200b", "expected a name"),
    ("populations[0].name", "inh", "populations[1].name: expected another than populations[0].name, got 'inh'"),
    ("populations[1].uid", 7, "expected another than populations[0].uid, got 7"),
    ("projections[0].uid", 7, "expected another than populations[0].uid, got 7"),
    ("populations[0].geometry", [], "expected 1 to 32 of them"),
    ("populations[0].geometry", [1] * 33, "expected 1 to 32 of them"),
    ("populations[0].geometry[1]", 0, "expected 1 to 4294967295, got 0"),
    ("populations[0].geometry[1]", False, "expected a whole number, got false"),
    ("populations[0].geometry", [2**31, 2], "expected at most 2^32 - 1 neurons, got 4294967296"),
    ("populations[0].geometry", [2**32 - 1] * 32, "expected at most 2^32 - 1 neurons, got a whole number of 1024 bits"),
    ("populations[0].model", 2, "expected the number of a model"),
    ("populations[1].model", 2, "expected the number of a model"),
    ("populations[1].model", 0, "projections[0].model: expected the number of a model"),
    ("populations[0].stop", 3, "expected text or null"),
    ("populations[0].start.values.tau", {"float": "1.0"}, 'expected a float, or {"float": "inf"}'),
    ("populations[0].start.values.tau", {"float": 1.0}, 'expected a float, or {"float": "inf"}'),
    ("populations[0].start.values.tau", {"sum": 1}, "or 'distribution' or 'beside'"),
    ("populations[0].start.values.no name", 1.0, "as the name of a field, got 'no name'"),
    ("populations[0].start.refractory_ms", -1.0, "expected 0.0 or more, got -1.0"),
    ("populations[0].start.refractory_ms", {"float": "nan"}, "expected 0.0 or more, got nan"),
    ("populations[0].start.refractory_ms", {"float": "inf"}, None),
    ("populations[0].start.refractory_ms.beside.shape[0]", 3, "expected floats of shape (100, 50)"),
    ("populations[0].start.values.u.beside.digest", "0" * 31, "expected 32 hexadecimal digits"),
    ("populations[0].start.values.u.beside.dtype", "|O", "expected one of '<f8'"),
    ("populations[0].start.values.v.distribution.name", "eval", "expected a distribution that can be"),
    ("populations[0].start.values.v.distribution.name", "Distribution", "there is no distribution of that name"),
    ("populations[0].start.values.v.distribution.arguments.sigma", -1.0, "sigma must not be negative"),
    ("populations[0].start.values.v.distribution.arguments.sigma", 1, "arguments that are not of their types"),
    ("populations[0].start.values.v.distribution.arguments.rng", 1, "Normal has the arguments max, min, mu"),
    ("projections[0].pre.population", "nobody", "expected the name of a population of the blueprint, got 'nobody'"),
    ("projections[0].pre.ranks.runs.runs[0].first", 5000, "projections[0].pre.ranks: expected ranks from 0 to 4999"),
    ("projections[0].pre.ranks.runs.runs[0].count", 4_000_000_000, "projections[0].pre.ranks: expected ranks from 0"),
    ("projections[0].pre.ranks.runs.runs[0].stride", -9, "projections[0].pre.ranks: expected ranks from 0 to 4999"),
    ("projections[0].pre.ranks.runs.runs[0].stride", 0, "projections[0].pre.ranks: expected runs as long as"),
    ("projections[0].pre.ranks.runs.runs[1].first", 20, "projections[0].pre.ranks: expected runs as long as they can"),
    ("projections[0].pre.ranks.runs.runs[1].first", 21, "projections[0].pre.ranks: expected runs that don't interlock"),
    ("projections[0].pre.ranks.runs.runs", [], "expected 1 to 4096 of them"),
    ("projections[0].pre.ranks.runs.runs", [{"first": 0, "count": 3, "stride": 1}], "a list where that is shorter"),
    ("projections[0].post.ranks.list.ranks[0]", 200, "projections[0].post.ranks: expected ranks below 200, got 200"),
    ("projections[0].post.ranks.list.ranks[0]", 2, "projections[0].post.ranks: expected each rank once"),
    ("projections[0].post.ranks.list.ranks", [1, 2, 3, 4], "projections[0].post.ranks: expected runs, got a list"),
    ("projections[0].post.ranks.list.ranks", [*range(5000)], "expected 0 to 4096 of them, got a list of 5000"),
    ("projections[1].post.ranks.beside.shape[0]", 5001, "projections[1].post.ranks: expected int64, more than 4096"),
    ("projections[1].post.ranks.beside.dtype", "<f8", "projections[1].post.ranks: expected int64"),
    ("projections[0].post.ranks", {"list": {"ranks": [1]}, "runs": []}, "or 'list' or 'beside'"),
    ("projections[0].targets", [], "expected 1 to 4096 of them"),
    ("projections[0].targets[0]", "a-b", "expected a name as equations have it, got 'a-b'"),
    ("projections[0].targets[0]", "nmda", "projections[0].targets[1]: expected another than projections[0].targets[0]"),
    ("projections[0].connector.pattern", "Sizes", "there is no connector of that name, only AllToAll"),
    ("projections[0].connector.arguments.p", 1.5, "FixedProbability: probability must lie in [0, 1]"),
    ("projections[0].connector.arguments.p", 1, "FixedProbability: p is no float"),
    ("projections[0].connector.arguments.q", 1.0, "FixedProbability has the arguments p"),
    ("projections[0].connector.weights", {"float": "inf"}, "expected a finite float or 'distribution'"),
    ("projections[0].connector.delays_ms", -1.0, "expected 0.0 to"),
    ("projections[0].connector.delays_ms.distribution.arguments.max", 0.5, "min must be less than max"),
    ("projections[0].start.learning_offset_ms", 2.0, "expected less than the period of 2.0 ms, got 2.0"),
    ("monitors[0].population", "nobody", "expected the name of a population"),
    ("monitors[0].projection", "nobody", "expected the name of a projection that ends there"),
    ("monitors[0].variables[0]", "v", "monitors[0].variables[1]: expected another than monitors[0].variables[0]"),
    ("monitors[0].variables[0]", "v\x00", "expected text without hidden characters"),
    ("monitors[0].offset_ms", 1.0, "expected less than the period of 1.0 ms"),
    ("monitors[1].name", "spikes", "expected another than monitors[0].name"),
    ("constants[0].name", "gamma", "constants[1].name: expected constants in the order of their names"),
    ("constants[1].name", "alpha", "expected another than constants[0].name"),
    ("constants[0].value", "1.5", "expected a finite float, got '1.5'"),
]  # fmt: skip


def steps(place):
    parts = place.replace("]", "").replace("[", ".#").split(".")
    return [int(part[1:]) if part.startswith("#") else part for part in parts]


def edited(place, value):
    """Return the example as JSON with something else at a place; a place as a value means what stands there."""
    data = to_json(EXAMPLE)
    if not place:
        return value
    if isinstance(value, str) and value.startswith("models["):
        value = copy.deepcopy(data["models"][0])
    *outer, last = steps(place)
    inner = data
    for step in outer:
        inner = inner[step]
    if value is GONE:
        del inner[last]
    else:
        inner[last] = value
    return data


def check_refused(place, value, message):
    data = edited(place, value)
    if message is None:
        assert canonical(to_json(from_json(data))) == canonical(data)
        return
    with pytest.raises(DamagedFile) as caught:
        from_json(data)
    text = str(caught.value)
    where = text.removeprefix("the blueprint can't be read: ").split(": expected")[0]
    assert text.startswith("the blueprint can't be read: ")
    assert len(text) < 1000
    assert message in text, text
    assert where == "all of it" or place.startswith(where) or message.startswith(where), text


def test_what_can_not_be_is_refused_by_its_place():
    check_each({f"{k}: {place}": (place, value, said) for k, (place, value, said) in enumerate(HOSTILE)}, check_refused)


def places(data, place=()):
    """Give the ways to everything inside JSON data."""
    yield place
    inside = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    for step, one in inside:
        yield from places(one, (*place, step))


SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5)
VALUES = st.recursive(SCALARS, lambda v: st.lists(v, max_size=3) | st.dictionaries(st.text(max_size=5), v, max_size=3))
EVERYWHERE = [place for place in places(to_json(EXAMPLE)) if place]


@st.composite
def edits(draw):
    """Valid JSON in which one to three places have got another value, one from elsewhere, or are gone."""
    data = to_json(EXAMPLE)
    for _ in range(draw(st.integers(1, 3))):
        place, other = draw(st.sampled_from(EVERYWHERE)), draw(st.sampled_from(EVERYWHERE))
        how = draw(st.sampled_from(["value", "value", "from elsewhere", "gone", "twice", "a little"]))
        try:
            inner = [data, *_along(data, place)][-2]
            there = _along(data, other)[-1]
        except (KeyError, IndexError, TypeError):  # an earlier edit took it away
            continue
        if not isinstance(inner, dict | list):  # an earlier edit put a text there, which has places, too
            continue
        last = place[-1]
        if how == "value":
            inner[last] = draw(VALUES)
        elif how == "from elsewhere":
            inner[last] = copy.deepcopy(there)
        elif how == "gone":
            del inner[last]
        elif how == "twice" and isinstance(inner, list):
            inner.append(copy.deepcopy(inner[last]))
        elif type(inner[last]) in (int, float):
            inner[last] += draw(st.integers(-2, 2))
    return data


def _along(data, place):
    found = []
    for step in place:
        data = data[step]
        found.append(data)
    return found


@settings(max_examples=examples(150), deadline=None)
@given(edits())
def test_edited_json_is_refused_or_read_as_it_stands(data):
    try:
        read = from_json(data)
    except DamagedFile as error:
        message = str(error)
    else:
        message = "the blueprint can't be read: " if canonical(to_json(read)) == canonical(data) else "it is another"

    assert message.startswith("the blueprint can't be read: ")


def test_record_of_an_older_file_has_what_networks_had_without_a_later_field():
    @dataclass(frozen=True)
    class Later:
        first: bool
        loud: bool = True

    its = codec._record(Later)

    assert its.read({"first": False}) == Later(False, True)
    assert its.read(its.write(Later(True, False))) == Later(True, False)
    for wrong in ({"loud": False}, {"first": True, "color": 1}, {"first": True, "loud": 1}):
        with pytest.raises(codec._Wrong):
            its.read(wrong)


def test_what_is_written_is_json():
    data = to_json(EXAMPLE)

    assert json.loads(json.dumps(data, allow_nan=False)) == data
    assert repr(from_json(json.loads(canonical(data)))) == repr(EXAMPLE)


def test_order_of_fields_in_json_counts_for_nothing():
    def shuffled(data):
        if isinstance(data, list):
            return [shuffled(one) for one in data]
        if not isinstance(data, dict):
            return data
        names = list(data)
        random.Random(3).shuffle(names)
        return {name: shuffled(data[name]) for name in names}

    assert repr(from_json(shuffled(to_json(EXAMPLE)))) == repr(EXAMPLE)


def test_large_sizes_cost_no_memory():
    """What a blueprint speaks of is never made: only its text counts."""
    data = to_json(EXAMPLE)
    data["populations"][0]["geometry"] = [2**32 - 1]
    data["populations"][0]["start"]["refractory_ms"] = None
    data["projections"][0]["pre"]["ranks"]["runs"]["runs"] = [{"first": 0, "count": 2**32 - 1, "stride": 1}]

    assert from_json(data).populations[0].geometry == (2**32 - 1,)


def test_blocks_are_those_of_models():
    synapse, neuron = eg.Synapse(pruning="w < 0.0", creating="pre.r > 1.0"), eg.Neuron(equations="r = 1.0")

    assert BLOCKS["synapse"] == {*synapse._texts}
    assert BLOCKS["neuron"] == {*neuron._texts} - {"refractory_input"}
    assert sys.getrecursionlimit() < 100_000
