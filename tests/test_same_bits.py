"""``tools/same_bits.py`` finds one bit that differs, and what is missing on one side; options say what is meant."""

from zipfile import ZipFile

import numpy as np
import pytest

from tools.networks.run import CASES
from tools.same_bits import Intended, compare, read_leaves

LEAVES = {
    "populations/späti/v": np.linspace(0.0, 1.0, 6).reshape(2, 3),
    "populations/a/history/rank": np.arange(4),
    "projections/p/w": np.float32(0.25),
}


def written(file, leaves):
    """Read what a file like engram's holds."""
    with ZipFile(file, "w") as members:
        for path, value in {**leaves, "engram/blocks": np.arange(len(leaves))}.items():
            with members.open(path.replace("ä", "%C3%A4") + ".npy", "w") as member:
                np.save(member, value)
        members.writestr("engram/manifest.json", str(file))
    return read_leaves(file)


def problems(tmp_path, other, **intended):
    """Compare a file of :data:`LEAVES` with one of ``other``."""
    meant = Intended(**intended)
    report = compare(written(tmp_path / "a.engram", LEAVES), written(tmp_path / "b.engram", other), meant)
    return report.problems, report.n_same, dict(meant.seen)


def test_equal_values_are_counted_and_descriptions_left_out(tmp_path):
    assert problems(tmp_path, LEAVES) == ([], 3, {})


def test_one_bit_is_found_and_named(tmp_path):
    other = LEAVES["populations/späti/v"].copy()
    other[0, 0] = -0.0
    other[1, 2] = np.nextafter(1.0, 2.0)

    found, n_same, _ = problems(tmp_path, {**LEAVES, "populations/späti/v": other})

    assert n_same == 2
    assert found == [
        "populations/späti/v: [0, 0] is 0.0 (0000000000000000) in A, -0.0 (8000000000000000) in B; "
        "2 of 6 elements differ"
    ]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (np.float64(0.25), "float32 () in A, float64 () in B"),
        (np.full(1, 0.25, np.float32), "float32 () in A, float32 (1,) in B"),
        (np.float32(0.5), "[] is 0.25 (3e800000) in A, 0.5 (3f000000) in B; 1 of 1 elements differ"),
    ],
)
def test_type_and_shape_count(tmp_path, value, text):
    assert problems(tmp_path, {**LEAVES, "projections/p/w": value})[0] == [f"projections/p/w: {text}"]


def test_what_one_side_lacks_is_a_problem_unless_it_is_meant(tmp_path):
    other = {**LEAVES, "network/room": np.arange(3)}
    del other["projections/p/w"]

    assert problems(tmp_path, other)[0] == ["projections/p/w: only in A", "network/room: only in B"]
    assert problems(tmp_path, other, gone=["*/p/w"], new=["network/*"]) == (
        [],
        2,
        {"--gone */p/w": 1, "--new network/*": 1},
    )


def test_renamed_paths_are_compared_under_the_new_name(tmp_path):
    other = dict(LEAVES)
    other["populations/a/spikes/rank"] = other.pop("populations/a/history/rank") + 1
    names = [("populations/*/history", "populations/*/spikes")]

    found, n_same, seen = problems(tmp_path, other, renamed=names)

    assert n_same == 2
    assert found[0].startswith("populations/a/spikes/rank: [0] is 0 (")
    assert seen == {"--renamed populations/*/history=populations/*/spikes": 1}
    assert problems(tmp_path, other)[0] == [
        "populations/a/history/rank: only in A",
        "populations/a/spikes/rank: only in B",
    ]


def test_two_paths_that_get_one_name_are_a_problem(tmp_path):
    found, _, _ = problems(tmp_path, LEAVES, renamed=[("projections/p/w", "populations/a/history/rank")])

    assert "projections/p/w and populations/a/history/rank of A have one name in B: populations/a/history/rank" in found


def test_there_are_networks_of_all_kinds():
    assert len(CASES) >= 30
    assert {way for case in CASES.values() for way in case.ways} == {"c1", "c3", "numpy"}
