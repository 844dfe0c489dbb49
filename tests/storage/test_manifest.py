import copy
import json

import numpy as np
import pytest

from engram.errors import DamagedFile, UnsupportedFile
from engram.state.slots import Layout, Role
from engram.storage.described import MOST_SLOTS
from engram.storage.document import decode
from engram.storage.manifest import all_blocks, draft_of, from_json, to_document, to_json
from tests.contracts.format_contract import few, leaf, manifest_of

DEEP = []
for _ in range(62):  # and the dictionary itself
    DEEP = [DEEP]


def document():
    return to_document(manifest_of(few()), b"")


def changed(path, value):
    result = copy.deepcopy(document())
    *parents, last = path
    place = result
    for name in parents:
        place = place[name]
    if value is ...:
        del place[last]
    else:
        place[last] = value
    return result


def test_manifest_survives_json_and_is_stable():
    leaves = [
        leaf("monitors/m/v", np.zeros((4, 3), "<f4"), role=Role.RECORD, layout=Layout.BLOCKS, free_length=True),
        *few(),
        leaf("populations/inh/history/rank", np.arange(5, dtype="<u4"), hidden=True, layout=Layout.SPIKES, below=9),
        leaf("projections/ee/row_start", np.arange(3), role=Role.WIRING, offsets=True),
        leaf("projections/ee/w", np.float64(2.0), role=Role.PARAMETER, may_be_single=True),
    ]
    manifest = manifest_of(leaves)
    found = from_json(to_json(manifest), 200, all_blocks(manifest))

    assert found == manifest
    assert to_json(found) == to_json(manifest)
    assert "µ" in to_json(manifest).decode("utf-8")


def test_slots_of_one_kind_are_described_once_whatever_their_sizes():
    leaves = [leaf(f"populations/p{k}/{name}", np.zeros(k), below=k) for k in range(9) for name in "uv"]
    text = to_json(manifest_of(leaves))
    found = json.loads(text)

    assert len(found["slots"]) == 1
    assert found["owners"][7] == {"path": "populations/p7", "slots": 0, "lengths": [7, 7], "below": [7, 7]}
    assert text.count(b"\n") == len(found) + 1 + sum(len(value) + 1 for value in found.values() if type(value) is list)


@pytest.mark.parametrize(
    ("path", "value", "text"),
    [
        (["kind"], "zoo", "one of network"),
        (["kind"], ..., "'kind' is missing"),
        (["extra"], 1, "unknown fields.*extra"),
        (["step"], True, "expected int .*, got bool"),
        (["step"], -1, "an integer in"),
        (["seed"], 2**64, "an integer in"),
        (["version"], "1", "expected int"),
        (["blueprint"], [], "expected dict"),
        (["parameters"], ..., "'parameters' is missing"),
        (["parameters"], [], "expected dict"),
        (["parameters", "x"], 1e999, "expected finite numbers, got inf"),
        (["parameters", "x"], ["\ud800"], "half of a pair of surrogates"),
        (["parameters", "x\ud800"], 1, "half of a pair of surrogates"),
        (["parameters", "x"], DEEP, "nested more than 63 deep"),
        (["seed"], -1, "seed in the manifest: expected an integer in"),
        (["not_saved"], [3], "expected str"),
        (["blocks"], ..., "'blocks' is missing"),
        (["slots"], [], r"slots in the manifest: expected an integer in \[0, 0\)"),
        (["slots", 0], {}, "expected list"),
        (["slots", 0], [], "an empty list"),
        (["slots", 0, 0], [], "expected dict"),
        (["slots", 0, 0, "name"], "a//b", "impossible path"),
        (["slots", 0, 0, "name"], "\x1b[2J", r"impossible path.*\\x1b"),
        (["slots", 0, 0, "name"], "\ud800", "impossible path"),
        (["slots", 0, 0, "dtype"], "|O", "dtype"),
        (["slots", 0, 0, "dtype"], "<M8[s]", "dtype"),
        (["slots", 0, 0, "dtype"], ">f8", "dtype"),
        (["slots", 0, 0, "dtype"], "|V8", "dtype"),
        (["slots", 0, 0, "dtype"], [["a", "<f8"]], "expected str"),
        (["slots", 0, 0, "role"], "boss", "one of parameter"),
        (["slots", 0, 0, "layout"], "spiral", "one of plain"),
        (["slots", 0, 0, "axes"], -1, "an integer in"),
        (["slots", 0, 0, "axes"], 33, "an integer in"),
        (["slots", 0, 0, "axes"], 1, "lengths and below in the manifest: expected 1 and 0 numbers"),
        (["slots", 0, 0, "below"], True, "expected 0 and 1 numbers"),
        (["slots", 0, 0, "hidden"], 1, "expected bool"),
        (["slots", 0, 0, "more"], 1, "unknown fields.*more"),
        (["owners", 0], [], "expected dict"),
        (["owners", 0, "path"], "populations/exc", "twice, or not in order"),
        (["owners", 0, "path"], "zzz/a", "not in order"),
        (["owners", 0, "path"], "network/a", "impossible path"),
        (["owners", 0, "path"], "step", "impossible path"),
        (["owners", 0, "path"], "network\x1b", r"impossible path.*\\x1b"),
        (["owners", 0, "slots"], 1, r"an integer in \[0, 1\)"),
        (["owners", 1, "slots"], 2, r"an integer in \[0, 2\)"),
        (["owners"], [], "slots that nobody has"),
        (["owners", 1, "lengths"], [-1], "integers >= 0"),
        (["owners", 1, "lengths"], [1.0], "integers >= 0"),
        (["owners", 1, "lengths"], [True], "integers >= 0"),
        (["owners", 1, "lengths"], [2**63], "integers >= 0"),
        (["owners", 1, "lengths"], [3, 1], "expected 1 and 0 numbers"),
        (["owners", 1, "lengths"], [2**40], "exc/v: shape in the manifest: .*what the file can hold"),
        (["owners", 1, "lengths"], [24], "promises"),
        (["owners", 1, "below"], [3], "expected 1 and 0 numbers"),
        (["owners", 1, "more"], 1, "unknown fields.*more"),
    ],
)
def test_impossible_field_is_refused_and_named(path, value, text):
    with pytest.raises(DamagedFile, match=text):
        draft_of(changed(path, value), 100)


def test_shape_that_overflows_is_refused_although_a_zero_makes_it_empty():
    found = to_document(manifest_of([leaf("populations/exc/v", np.zeros((0, 3, 3)))]), b"")
    found["owners"][0]["lengths"] = [2**62, 2**62, 0]

    with pytest.raises(DamagedFile, match="what the file can hold"):
        draft_of(found, 100)


def test_few_bytes_that_describe_many_values_are_refused_before_these_take_memory():
    names = [{**document()["slots"][0][0], "name": f"v{k:05}"} for k in range(10_000)]
    owners = [{"path": f"populations/p{k:03}", "slots": 0, "lengths": [], "below": []} for k in range(900)]

    with pytest.raises(DamagedFile, match=f"more than {MOST_SLOTS} values"):
        draft_of(document() | {"slots": [names], "owners": owners}, 2**40)


def test_digests_of_blocks_are_those_that_the_manifest_seals():
    manifest = manifest_of(few())
    blocks = all_blocks(manifest)

    with pytest.raises(DamagedFile, match="has another length than the values"):
        from_json(to_json(manifest), 100, blocks[:8])
    with pytest.raises(DamagedFile, match="block digests is damaged"):
        from_json(to_json(manifest), 100, blocks[8:] + blocks[:8])


def test_two_values_at_one_place_of_a_single_object_are_refused():
    leaves = [leaf(f"populations/exc/{name}", np.zeros(2), hidden=True) for name in ("internal/v", "v")]
    manifest = manifest_of(leaves, kind="population")

    with pytest.raises(DamagedFile, match="two values at one place"):
        from_json(to_json(manifest), 100, all_blocks(manifest))


def test_other_version_says_what_to_do():
    with pytest.raises(UnsupportedFile, match=r"(?s)version 7; .*written by: engram '0.1.0'.*help: pip install"):
        draft_of(changed(["version"], 7) | {"new field": 1}, 100)


@pytest.mark.parametrize(("path", "value"), [(["owners"], ...), (["blueprint"], ...), (["objects"], [])])
def test_file_of_an_earlier_development_version_is_refused_with_the_reason(path, value):
    with pytest.raises(UnsupportedFile, match=r"(?s)development version of engram \('0.1.0'\).*help: run the script"):
        draft_of(changed(path, value), 100)


@pytest.mark.parametrize(
    "text",
    [
        *(b"", b"[]", b"{", b'{"a": 1, "a": 2}', b'{"a": NaN}', b'{"a": Infinity}', b"\xff", b"{}x", b'{"a": 01}'),
        *(b"[" * 100_000, b'{"a":' * 100_000, b'{"a": ' + b"9" * 5000 + b"}"),
    ],
    ids=range(12),
)
def test_text_that_is_no_document_is_refused(text):
    with pytest.raises(DamagedFile):
        draft_of(decode(text), 100)


def test_total_size_is_bounded_by_the_file():
    leaves = [leaf(f"populations/p{k}/v", np.zeros(10)) for k in range(3)]

    draft_of(decode(to_json(manifest_of(leaves))), 240)
    with pytest.raises(DamagedFile, match="promises 240 bytes of values, the file can hold at most 239"):
        draft_of(decode(to_json(manifest_of(leaves))), 239)


def test_number_that_overflows_is_refused():
    text = to_json(manifest_of(few())).replace(b"2.5", b"1e999")

    assert json.loads(text)["parameters"]["lesson"][1] == float("inf")
    with pytest.raises(DamagedFile, match="expected finite numbers"):
        draft_of(decode(text), 100)
