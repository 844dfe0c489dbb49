import re

import pytest

import engram as eg
from engram.errors import InvalidArgument


def test_function_prints_how_long_it_took(capsys):
    @eg.timeit
    def add(a, b=1):
        """Add."""
        return a + b

    assert (add(2, b=3), add.__name__, add.__doc__) == (5, "add", "Add.")
    assert re.fullmatch(r"add: \d+\.\d{4} s\n", capsys.readouterr().out)
    with pytest.raises(InvalidArgument, match="expected a function, got 3"):
        eg.timeit(3)
