"""Memory of arrays that were replaced is used again, unless somebody looks at it."""

import numpy as np

from engram.state.spares import Spares


def _taken(spares, n=1000):
    array = spares.take("w", n, np.float64)
    array[:] = np.arange(n)
    return array


def test_memory_that_nobody_looks_at_is_used_again():
    spares = Spares()
    spares.keeps = True
    array = _taken(spares)
    place = array.ctypes.data
    spares.give("w", array)
    del array
    again = _taken(spares, 1100)

    assert again.ctypes.data == place
    assert again.ctypes.data % 64 == 0
    assert again.shape == (1100,)


def test_memory_that_is_looked_at_or_too_small_stays_as_it_is():
    spares = Spares()
    spares.keeps = True
    for n in (10, 1000):
        array = _taken(spares)
        look = array[5:7]
        spares.give("w", array)
        array = None
        other = _taken(spares, n)
        other[:] = -1.0

        assert look.tolist() == [5.0, 6.0]
    look = None
    place = other.__array_interface__["data"][0]
    spares.give("w", other)
    other = None
    assert _taken(spares, 2000).ctypes.data != place


def test_nothing_is_kept_that_was_not_asked_for():
    spares = Spares()
    spares.give("w", _taken(spares))
    assert spares.nbytes == 0
    spares.keeps = True
    spares.give("w", np.arange(9.0))  # whose memory is NumPy's own
    assert spares.nbytes == 0
    spares.give("w", _taken(spares))
    assert spares.nbytes > 8000
    spares.clear()
    assert spares.nbytes == 0
    assert not spares.keeps
