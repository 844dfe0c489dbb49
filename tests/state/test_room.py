"""Arrays grow and shrink where they stand, unless somebody looks at their memory."""

import numpy as np
import pytest

from engram.state.residence import WholeArray, aligned
from engram.state.room import in_place, roomy, spare_bytes


def _owner(n=1000, dtype=np.float64):
    array = roomy(n, dtype)
    array[:] = np.arange(n)
    return WholeArray(array)


def test_array_grows_and_shrinks_where_it_stands():
    owner = _owner()
    for n in (1100, 900):
        array = in_place(owner.views, n)

        assert array.shape == (n,)
        assert array.ctypes.data == owner.array.ctypes.data
        assert array[:900].tolist() == owner.array[:900].tolist()
        array = None  # who looks at it
    assert owner.array.ctypes.data % 64 == 0
    assert spare_bytes(owner.array) >= 1000


@pytest.mark.parametrize("n", [1200, 500], ids=["no room", "far too much"])
def test_array_needs_other_memory_where_its_own_does_not_fit(n):
    assert in_place(_owner().views, n) is None


@pytest.mark.parametrize(
    "look",
    [
        lambda owner: owner.array,
        lambda owner: owner.shown,
        lambda owner: owner.arena[5:7],
        lambda owner: owner.shown.view(np.recarray),
        lambda owner: memoryview(owner.array),
        lambda owner: owner.array.base,
    ],
)
def test_memory_at_which_somebody_looks_stays(look):
    owner = _owner()
    looked_at = look(owner)
    assert in_place(owner.views, 1000) is None
    del looked_at
    assert in_place(owner.views, 1000) is not None


def test_memory_of_others_stays():
    arena = aligned((128,), np.float64)
    assert in_place([np.arange(9.0)], 9) is None  # NumPy's own
    first = WholeArray(arena[:64], arena, 0)
    assert in_place(first.views, 64) is None
    assert spare_bytes(np.arange(9.0)) == 0
