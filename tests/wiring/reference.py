"""The connectors again, one row at a time, from the NumPy twin of the draws: the C must equal it synapse by synapse."""

import numpy as np

from engram.state.elementary import draw_log
from engram.state.rejection import binomial
from engram.state.words import threefry, unit53


def probability_row(key: int, row: int, n_columns: int, p: float, own: int | None) -> list[int]:
    """Walk from connection to connection by geometric gaps."""
    words = threefry(key, row, np.arange(n_columns // 2 + 1), 0, 0)
    units = np.stack([unit53(words[0], words[1]), unit53(words[2], words[3])], axis=1).reshape(-1)
    gaps = np.floor(draw_log(units) / _log_of_complement(p))
    columns = np.cumsum(1.0 + gaps) - 1.0
    assert columns[-1] >= n_columns  # each step is 1 at least, so there were draws enough
    return [int(column) for column in columns[columns < n_columns] if column != own]


def number_row(key: int, row: int, n_columns: int, number: int, own: int | None) -> list[int]:
    """Choose distinct columns by Floyd's algorithm and Lemire's unbiased integers."""
    words = iter(np.stack(threefry(key, row, np.arange(number // 2 + 9), 0, 0), axis=1).reshape(-1).tolist())
    available = n_columns - (own is not None)
    chosen: set[int] = set()
    for last in range(available - number, available):
        index = _below(words, last + 1)
        chosen.add(last if index in chosen else index)
    return [index + (own is not None and index >= own) for index in sorted(chosen)]


def total_lengths(key: int, number: int, pairs: list[int]) -> list[int]:
    """Share synapses out among rows that have so many pairs each: binomially among two halves, and so on."""

    def halve(low: int, high: int, number: int) -> list[int]:
        if high - low == 1:
            return [number]
        middle = (low + high) // 2
        share = float(sum(pairs[low:middle])) / float(max(1, sum(pairs[low:high])))
        first = int(binomial(float(number), share, key, low, high, 0, 1)[0])
        return halve(low, middle, first) + halve(middle, high, number - first)

    return halve(0, len(pairs), number)


def total_row(key: int, row: int, n_columns: int, number: int, own: int | None) -> list[int]:
    """Draw columns by Lemire's unbiased integers, each on its own."""
    words = iter(np.stack(threefry(key, row, np.arange(number // 2 + 9), 0, 0), axis=1).reshape(-1).tolist())
    columns = [_below(words, n_columns - (own is not None)) for _ in range(number)]
    return sorted(column + (own is not None and column >= own) for column in columns)


def _log_of_complement(p: float) -> float:
    q = 1.0 - p
    return -p if q == 1.0 else float(draw_log(np.array([q]))[0]) * (p / (1.0 - q))


def _below(words, n: int) -> int:
    while True:
        product = next(words) * n
        if product % 2**32 >= 2**32 % n:
            return product >> 32
