"""The file of a study: what it takes over, what it cuts off, what it refuses."""

import json

import numpy as np
import pytest

from engram.errors import DamagedFile, InvalidArgument, SaveError, StateMismatch, UnsupportedFile
from engram.studies.journal import Journal
from engram.studies.runs import Run

RUNS = [Run(k, 10 + k, (), {"a": k}) for k in range(3)]
FACTS = {"method": "m.f", "network": "n"}


def opened(path, facts=FACTS, runs=RUNS, common=None):
    return Journal(path, facts, runs, common or {})


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "study.jsonl"
    journal = opened(path)
    assert journal.results == {}
    journal.write(RUNS[2], np.array([1.5]))
    journal.write(RUNS[0], {"r": (1,)})
    journal.close()
    return path


def test_file_remembers_what_has_finished(file):
    journal = opened(file)
    journal.write(RUNS[1], None)
    journal.close()
    again = opened(file)
    again.close()
    assert (again.results[0], again.results[1], again.results[2].tobytes()) == ({"r": (1,)}, None, b"\0" * 6 + b"\xf8?")
    lines = [json.loads(line) for line in file.read_text().splitlines()]
    assert lines[0]["engram study"] == 1
    assert {name: lines[3][name] for name in ("run", "seed", "parameters")} == {
        "run": 1,
        "seed": 11,
        "parameters": {"a": 1},
    }


def test_line_that_was_torn_is_cut_off_wherever(file):
    whole = file.read_bytes()
    last = whole.rindex(b"\n", 0, -1) + 1
    for end in (last + 1, len(whole) - 1):
        file.write_bytes(whole[:end])
        journal = opened(file)
        journal.close()
        assert (set(journal.results), file.read_bytes()) == ({2}, whole[:last])
    header = whole.index(b"\n") + 1
    for end in (0, 1, header - 1):
        file.write_bytes(whole[:end])
        opened(file).close()
        assert file.read_bytes() == whole[:header]


@pytest.mark.parametrize(
    ("other", "message"),
    [
        ({"facts": {**FACTS, "network": "m"}}, "network: 'n' in the file, 'm' here"),
        ({"facts": {**FACTS, "method": "m.g"}}, "method: 'm.f' in the file, 'm.g' here"),
        ({"runs": RUNS[:2]}, "runs: 3 in the file, 2 here"),
        ({"runs": [*RUNS[:2], Run(2, 12, (), {"a": 2.0})]}, "parameters: "),
        ({"runs": [Run(0, 9, (), {"a": 0}), *RUNS[1:]]}, "seed of run 0: 10 in the file, 9 here"),
        ({"common": {"b": 1}}, "parameters: "),
    ],
)
def test_file_of_another_study_is_refused_and_stays(file, other, message):
    before = file.read_bytes()
    with pytest.raises(StateMismatch, match=f"one of another study; nothing was run\n(?s:.*){message}"):
        opened(file, **other)
    assert file.read_bytes() == before


def test_other_files_are_refused_and_stay(file, tmp_path):
    notes = tmp_path / "notes.txt"
    for text in ("my notes", "my notes\n", "{}\n", "[]\n"):
        notes.write_text(text)
        with pytest.raises(UnsupportedFile, match="the file is there, and is no study"):
            opened(notes)
        assert notes.read_text() == text
    notes.write_text('{"engram study":2}\n')
    with pytest.raises(UnsupportedFile, match="a study of version 2, expected 1"):
        opened(notes)
    with pytest.raises(SaveError, match="can't be written: No such file"):
        opened(tmp_path / "none" / "study.jsonl")


@pytest.mark.parametrize("line", ["{", "1", '{"run":7,"result":1}', '{"run":0}', '{"run":0,"result":{"$":"?"}}', "["])
def test_line_in_the_middle_that_is_damaged_is_named(file, line):
    file.write_text(file.read_text() + line + "\n")
    with pytest.raises(DamagedFile, match=r"study.jsonl, line 4: can't be read"):
        opened(file)


def test_result_that_the_file_cannot_hold_is_refused_by_its_run(tmp_path):
    journal = opened(tmp_path / "study.jsonl")
    with pytest.raises(InvalidArgument, match=r"the result of run 1 \(a=1\)\[0\] is a value of type builtins.set"):
        journal.write(RUNS[1], [set()])
    journal.close()
    with pytest.raises(InvalidArgument, match=r"a of run 0 is a value of type builtins.set"):
        opened(tmp_path / "other.jsonl", runs=[Run(0, 1, (), {"a": set()})])
