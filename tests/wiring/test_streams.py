"""The known answers of docs/decisions/0009-streams.md. A change here changes every network that is built again."""

import re
from pathlib import Path

import numpy as np

from engram.wiring import executor
from engram.wiring.kinds import NUMBER, PROBABILITY, TOTAL
from engram.wiring.pattern import Pattern
from tests.cases import each

PAGE = (Path(__file__).parents[2] / "docs/decisions/0009-streams.md").read_text(encoding="utf-8")
ANSWER = re.compile(
    r"^(\w+) (p|number)=(\S+), (\d+) rows of (\d+)(, without self)?: "
    r"row (\d+) has (\d+), sum (\d+): ([\d ]+?)( \.\.\.)?$",
    re.MULTILINE,
)
ANSWERS = ANSWER.findall(PAGE)
KINDS = {"probability": PROBABILITY, "number": NUMBER, "total": TOTAL}


def test_page_has_answers_for_each_kind_of_draw():
    assert {answer[0] for answer in ANSWERS} == set(KINDS)
    assert len(ANSWERS) >= 8


@each("answer", ANSWERS)
def test_row_is_the_known_answer(answer):
    kind, argument, value, n_rows, n_columns, no_self, row, n, total, first, _ = answer
    number, p = (int(value), 0.0) if argument == "number" else (0, float(value))
    rows = (int(row), int(row) + 1)
    sizes = KINDS[kind], int(n_rows), int(n_columns), bool(no_self)
    pattern = Pattern(*sizes, number, p, 0x0123456789ABCDEF, rows=rows)

    start = np.zeros(pattern.n_cells + 1, np.int64)
    executor.run("count", 1, pattern, start[1:])
    longest = int(start.max())
    np.cumsum(start, out=start)
    ranks = np.empty(start[-1], np.uint32)
    executor.run("fill", 1, pattern, start, longest, executor.scratch(pattern, longest, 1), ranks)

    assert ranks[: len(first.split())].tolist() == [int(rank) for rank in first.split()]
    assert (len(ranks), int(ranks.sum(dtype=np.int64))) == (int(n), int(total))
