import copy
import json

import numpy as np
import pytest

from engram.errors import DamagedFile, UnsupportedFile
from engram.storage.manifest import decode, from_document, from_json, to_document, to_json
from tests.contracts.format_contract import few, leaf, manifest_of


def document():
    return to_document(manifest_of(few()))


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
    manifest = manifest_of(few())

    assert from_json(to_json(manifest), 100) == manifest
    assert to_json(from_json(to_json(manifest), 100)) == to_json(manifest)
    assert "µ" in to_json(manifest).decode("utf-8")


@pytest.mark.parametrize(
    ("path", "value", "text"),
    [
        (["kind"], "zoo", "one of network"),
        (["kind"], ..., "'kind' is missing"),
        (["extra"], 1, "unknown fields.*extra"),
        (["dt_ms"], 1, "expected float .*, got int"),
        (["dt_ms"], 0.0, "a positive number"),
        (["step"], True, "expected int .*, got bool"),
        (["step"], -1, "an integer in"),
        (["seed"], 2**64, "an integer in"),
        (["version"], "1", "expected int"),
        (["objects"], {}, "expected list"),
        (["objects", 0], [], "expected dict"),
        (["objects", 0, "path"], 7, "expected str"),
        (["objects"], [{"path": "a/b", "type": "x"}] * 2, "twice"),
        (["not_saved"], [3], "expected str"),
        (["slots", 0, "path"], "network//step", "impossible path"),
        (["slots", 0, "path"], "network/\x1b[2J", r"impossible path.*\\x1b"),
        (["slots", 0, "path"], "network/\ud800", "impossible path"),
        (["slots", 1, "path"], "network/step", "twice|key"),
        (["slots", 0, "path"], "zzz", "key|order"),
        (["slots", 0, "key"], "other", "key in the manifest"),
        (["slots", 0, "dtype"], "|O", "dtype"),
        (["slots", 0, "dtype"], "<M8[s]", "dtype"),
        (["slots", 0, "dtype"], ">f8", "dtype"),
        (["slots", 0, "dtype"], "|V8", "dtype"),
        (["slots", 0, "dtype"], [["a", "<f8"]], "expected str"),
        (["slots", 0, "shape"], [-1], "numbers >= 0"),
        (["slots", 0, "shape"], [1.0], "numbers >= 0"),
        (["slots", 0, "shape"], [True], "numbers >= 0"),
        (["slots", 0, "shape"], [1] * 33, "numbers >= 0"),
        (["slots", 0, "shape"], [2**62, 2**62, 0], "what the file can hold"),
        (["slots", 0, "shape"], [2**40], "what the file can hold"),
        (["slots", 0, "shape"], [12], "promises"),
        (["slots", 0, "role"], "boss", "one of parameter"),
        (["slots", 0, "layout"], "spiral", "one of plain"),
        (["slots", 0, "below"], -1, "an integer in"),
        (["slots", 0, "below"], 1.5, "expected int"),
        (["slots", 0, "hidden"], 1, "expected bool"),
        (["slots", 0, "digest"], "xyz", "32 hexadecimal"),
        (["slots", 0, "digest"], ..., "missing"),
    ],
)
def test_impossible_field_is_refused_and_named(path, value, text):
    with pytest.raises(DamagedFile, match=text):
        from_document(changed(path, value), 100)


def test_other_version_says_what_to_do():
    with pytest.raises(UnsupportedFile, match=r"(?s)version 7; .*written by: engram '0.1.0'.*help: pip install"):
        from_document(changed(["version"], 7) | {"new field": 1}, 100)


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
        from_document(decode(text), 100)


def test_total_size_is_bounded_by_the_file():
    leaves = [leaf(f"populations/p{k}/v", np.zeros(10)) for k in range(3)]

    assert from_json(to_json(manifest_of(leaves)), 240)
    with pytest.raises(DamagedFile, match="promises 240 bytes of values, the file can hold at most 239"):
        from_json(to_json(manifest_of(leaves)), 239)


def test_number_that_overflows_is_refused():
    text = to_json(manifest_of(few())).replace(b'"dt_ms": 0.1', b'"dt_ms": 1e999')

    assert json.loads(text)["dt_ms"] == float("inf")
    with pytest.raises(DamagedFile, match="dt_ms"):
        from_json(text, 100)
