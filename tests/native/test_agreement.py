import ctypes

import pytest

from engram.errors import CompileError
from engram.native.agreement import agreed
from engram.native.bandwidth import Pointer
from engram.native.structures import I64, OF_ENGINE, structure
from engram.wiring.kinds import NUMBERS

pytestmark = pytest.mark.cc


def eg_tally(*fields):
    return {"eg_tally": structure("eg_tally", *fields)}


def test_structures_that_both_have_alike_are_let_pass():
    assert agreed("engine", OF_ENGINE).eg_run


@pytest.mark.parametrize(
    ("structures", "expected"),
    [
        (
            eg_tally(("seen", Pointer), ("spikes", Pointer)),
            [
                "eg_tally.seen: 8 bytes at 8 in C, 8 bytes at 0 in Python",
                "eg_tally.spikes: 8 bytes at 0 in C, 8 bytes at 8 in Python",
            ],
        ),
        (
            eg_tally(("spikes", Pointer), ("seen", ctypes.c_int32)),
            ["eg_tally.seen: 8 bytes at 8 in C, 4 bytes at 8 in Python"],
        ),
        (
            eg_tally(("spikes", Pointer), ("seen", Pointer), ("more", I64)),
            [
                "eg_tally: 16 bytes at 0 in C, 24 bytes at 0 in Python",
                "eg_tally.more: missing in C, 8 bytes at 16 in Python",
            ],
        ),
        (
            eg_tally(("spikes", Pointer)),
            [
                "eg_tally: 16 bytes at 0 in C, 8 bytes at 0 in Python",
                "eg_tally.seen: 8 bytes at 8 in C, missing in Python",
            ],
        ),
        ({"eg_sieve": structure("eg_sieve", ("n", I64))}, ["eg_sieve: missing in C, 8 bytes at 0 in Python"]),
    ],
    ids=["order", "width", "more", "fewer", "unknown"],
)
def test_each_difference_is_named_before_anything_is_called(structures, expected):
    with pytest.raises(CompileError) as raised:
        agreed("engine", structures)

    head, *lines = str(raised.value).splitlines()
    assert head.startswith("engram/native/c/engine.c has other structures than Python")
    assert [line for line in lines if line.strip() in expected] == ["  " + line for line in expected]
    assert lines[-1].startswith("  help: ")


def test_numbers_that_only_one_side_knows_are_named():
    with pytest.raises(CompileError, match=r"\n  EG_ALL: 0 in C, 1 in Python\n  EG_NEW: missing in C, 7 in Python\n"):
        agreed("wiring", {}, {**NUMBERS, "EG_ALL": 1, "EG_NEW": 7})
    with pytest.raises(CompileError, match=r"\n  EG_TOTAL: 4 in C, missing in Python\n"):
        agreed("wiring", {}, {name: number for name, number in NUMBERS.items() if name != "EG_TOTAL"})
