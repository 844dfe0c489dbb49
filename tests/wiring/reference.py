"""The connectors again, one cell at a time, from the NumPy twin of the draws: the C must equal it synapse by synapse.

Written from docs/decisions/0009-streams.md.
"""

import numpy as np

from engram.state.elementary import draw_log
from engram.state.rejection import binomial
from engram.state.words import threefry_words, unit53


def blocks_of(n_columns: int, share: float, wanted: float) -> list[range]:
    """The smallest power of two, 64 at least, with which a cell has so many synapses; the last block is short."""
    width = 64
    while width * share < wanted and width < n_columns:
        width *= 2
    return [range(low, min(low + width, n_columns)) for low in range(0, n_columns, width)]


def probability_row(key: int, row: int, n_columns: int, p: float, own: int | None) -> list[int]:
    """Walk from connection to connection by geometric gaps, through each block anew."""
    columns = []
    for number, block in enumerate(blocks_of(n_columns, p, 8.0)):
        words = _calls(key, row, number, len(block) // 2 + 1)
        units = np.stack([unit53(words[0], words[1]), unit53(words[2], words[3])], axis=1).reshape(-1)
        gaps = np.floor(draw_log(units) * (1.0 / _log_of_complement(p)))
        places = np.cumsum(1.0 + gaps) - 1.0
        assert places[-1] >= len(block)  # each step is 1 at least, so there were draws enough
        columns += [block[int(place)] for place in places[places < len(block)]]
    return [column for column in columns if column != own]


def number_row(key: int, row: int, n_columns: int, number: int, own: int | None) -> list[int]:
    """Choose distinct columns by Floyd's algorithm and Lemire's unbiased integers."""
    words = _words(key, row, 0, number)
    available = n_columns - (own is not None)
    chosen: set[int] = set()
    for last in range(available - number, available):
        index = _below(words, last + 1)
        chosen.add(last if index in chosen else index)
    return [index + (own is not None and index >= own) for index in sorted(chosen)]


def total_rows(key: int, number: int, n_columns: int, own: list[int | None]) -> list[list[int]]:
    """Share synapses out among blocks and then among the rows of each, and draw the columns of each cell."""
    blocks = blocks_of(n_columns, float(number), 64.0 * (float(len(own)) * float(n_columns)))
    own = [-1 if column is None else column for column in own]  # in no block
    pairs = np.array([[len(block) - (column in block) for block in blocks] for column in own], dtype=object)
    rows: list[list[int]] = [[] for _ in own]
    for at, of_block in enumerate(_halved(key, number, pairs.sum(axis=0).tolist(), 0, 2)):
        for row, n in enumerate(_halved(key, of_block, pairs[:, at].tolist(), at, 1)):
            words = _words(key, row, at, n)
            others = [column for column in blocks[at] if column != own[row]] if own[row] in blocks[at] else blocks[at]
            rows[row] += sorted(others[_below(words, len(others))] for _ in range(n))
    return rows


def _halved(key: int, number: int, pairs: list[int], block: int, draw: int) -> list[int]:
    """Share synapses out among rows (or blocks) with so many pairs each: binomially among two halves, and so on."""

    def halve(low: int, high: int, number: int) -> list[int]:
        if high - low == 1:
            return [number]
        middle = (low + high) // 2
        share = float(sum(pairs[low:middle])) / float(max(1, sum(pairs[low:high])))
        first = int(binomial(float(number), share, key, middle, block, 0, draw)[0])
        return halve(low, middle, first) + halve(middle, high, number - first)

    return halve(0, len(pairs), number)


def _calls(key: int, row: int, block: int, n: int) -> list[np.ndarray]:
    counter = (np.full(n, row), np.arange(n), np.full(n, block), np.zeros(n))
    row_, call, block_, draw = (word.astype(np.uint32) for word in counter)
    return threefry_words((key & 0xFFFFFFFF, key >> 32, 0, 0), (row_, call, block_, draw))


def _words(key: int, row: int, block: int, number: int):
    return iter(np.stack(_calls(key, row, block, number // 2 + 9), axis=1).reshape(-1).tolist())


def _log_of_complement(p: float) -> float:
    q = 1.0 - p
    return -p if q == 1.0 else float(draw_log(np.array([q]))[0]) * (p / (1.0 - q))


def _below(words, n: int) -> int:
    while True:
        product = next(words) * n
        if product % 2**32 >= 2**32 % n:
            return product >> 32
